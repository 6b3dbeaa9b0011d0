"""Pages of final accounts: list, the form as a page, explanations and the checklist of vouchers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from finance.forms import ExplanationForm, VoucherForm
from finance.models import SEALED, FinalAccount
from finance.papers import FINAL_FORM
from finance.reach import keeps
from finance.services import final_accounts
from finance.sheets import write_final_account
from finance.tables.money import FINAL_ACCOUNTS
from finance.views.loading import ask, class_of, record_of, sent
from portal.operations.models import AuditEntry
from portal.papers.services.starting import print_one
from portal.reviews.models import Review
from portal.ui.formats import money
from portal.ui.pages import PageRequest, page, perform, submit


@page
def final_account_list(request: PageRequest) -> HttpResponseBase:
    """The register of final accounts."""
    return FINAL_ACCOUNTS.respond(request)


@page
def final_account(request: PageRequest, pk: int) -> HttpResponse:
    """One final account beside its budget, with its vouchers and what the rules say."""
    found = record_of(request, FinalAccount.objects.all(), pk)
    sealed = found.state in SEALED
    context = {
        "title": str(found),
        "record": found,
        "lines": found.lines.select_related("category"),
        "checklist": final_accounts.checklist_of(found.training_class),
        "facts": _facts(found),
        "findings": None if sealed else final_accounts.findings_of(found),
        "mine": keeps(request.actor, found.training_class),
        "sealed": sealed,
        "upload": VoucherForm(auto_id=False),
        "review": Review.objects.of_subject(found).order_by("-pk").first(),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "finance/final_account.html", context)


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Begin the class's final account, or change its explanations."""
    found = class_of(request, pk)
    if request.method == "POST" and "begin" in request.POST:
        made = perform(request, final_accounts.explain_final_account, found, explanations={})
        return redirect("finance:final_account", made.pk) if made else redirect("finance:class", pk)
    final = get_object_or_404(FinalAccount, training_class=found)
    form = ExplanationForm(final.lines.select_related("category"), request.POST or None)
    if form.is_valid():
        words = form.given()
        if submit(request, form, final_accounts.explain_final_account, found, explanations=words):
            messages.success(request, _("说明已保存。"))
            return redirect("finance:final_account", final.pk)
    return ask(request, form, found, title=_("填写决算说明"), label=_("保存"))


@page
@require_POST
def attach(request: PageRequest, pk: int, requirement: int) -> HttpResponse:
    """Add a document to the checklist."""
    found = class_of(request, pk)
    wanted = get_object_or_404(found.rulebook.voucher_requirements, pk=requirement)
    form = VoucherForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("请选择要上传的文件。"))
    elif perform(
        request,
        final_accounts.attach_voucher,
        found,
        requirement=wanted,
        file=form.cleaned_data["file"],
    ):
        messages.success(request, _("“%(name)s”已上传。") % {"name": wanted})
    final = FinalAccount.objects.filter(training_class=found).first()
    return redirect("finance:final_account", final.pk) if final else redirect("finance:class", pk)


@page
@require_POST
def submit_one(request: PageRequest, pk: int) -> HttpResponse:
    """Send the final account to the office."""
    found = record_of(request, FinalAccount.objects.all(), pk)
    if perform(request, final_accounts.submit_final_account, found):
        messages.success(request, _("决算已报送，等待项目办审核。"))
    return redirect("finance:final_account", pk)


@page
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take it back."""
    found = record_of(request, FinalAccount.objects.all(), pk)
    if perform(request, final_accounts.withdraw_final_account, found):
        messages.success(request, _("已撤回，可以继续登记支出。"))
    return redirect("finance:final_account", pk)


@page
@require_POST
def print_form(request: PageRequest, pk: int) -> HttpResponse:
    """The form as PDF."""
    record_of(request, FinalAccount.objects.all(), pk)
    batch = perform(request, print_one, FINAL_FORM.code, pk)
    return redirect(batch) if batch else redirect("finance:final_account", pk)


@page
def xlsx(request: PageRequest, pk: int) -> HttpResponseBase:
    """The form as a workbook."""
    return sent(*write_final_account(record_of(request, FinalAccount.objects.all(), pk)))


def _facts(found: FinalAccount) -> list[tuple[str, object]]:
    return [
        (_("培训项目"), found.training_class.project),
        (_("承办单位"), found.training_class.base),
        (_("实际人数"), found.headcount or final_accounts.headcount_of(found.training_class)),
        (_("预算合计"), money(found.budgeted)),
        (_("决算合计"), money(found.spent)),
        (_("差额"), money(found.difference)),
    ]
