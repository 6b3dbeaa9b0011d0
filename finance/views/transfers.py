"""Pages of transfers between categories."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from finance.forms import SupplementForm, TransferForm
from finance.models import Transfer, TransferState
from finance.reach import keeps
from finance.services import supplements, transfers
from finance.tables.money import TRANSFERS
from finance.views.loading import ask, class_of, record_of
from portal.operations.models import AuditEntry
from portal.reviews.models import Review
from portal.ui.formats import money
from portal.ui.pages import PageRequest, page, perform, submit


@page
def transfer_list(request: PageRequest) -> HttpResponseBase:
    """The register of transfers."""
    return TRANSFERS.respond(request)


@page
def transfer(request: PageRequest, pk: int) -> HttpResponse:
    """One transfer and its review."""
    found = record_of(request, Transfer.objects.select_related("source", "target"), pk)
    context = {
        "title": _("科目调剂 %(name)s") % {"name": found},
        "record": found,
        "facts": [
            (_("班级"), found.training_class),
            (_("调出科目"), found.source_name),
            (_("调入科目"), found.target),
            (_("金额"), money(found.amount)),
            (_("调剂理由"), found.reason),
            (_("经办人"), found.by_name),
            (_("审核意见"), found.opinion),
        ],
        "mine": keeps(request.actor, found.training_class),
        "review": Review.objects.of_subject(found).order_by("-pk").first(),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "finance/transfer.html", context)


@page
def create(request: PageRequest, pk: int) -> HttpResponse:
    """Move money between two categories of the class."""
    found = class_of(request, pk)
    form = TransferForm(found.rulebook, request.POST or None)
    if form.is_valid():
        made = submit(request, form, transfers.transfer, found, **form.cleaned_data)
        if made:
            done = made.state == TransferState.DONE
            words = _("已调剂。") if done else _("超过可自行调剂的比例，已报项目办审核。")
            messages.success(request, words)
            return redirect("finance:class", pk)
    return ask(request, form, found, title=_("科目调剂"), label=_("提交"))


@page
def supplement(request: PageRequest, pk: int) -> HttpResponse:
    """Budget what the class was granted after its budget was approved."""
    found = class_of(request, pk)
    form = SupplementForm(found.rulebook, request.POST or None)
    if form.is_valid() and submit(request, form, supplements.supplement_budget, found, **form.cleaned_data):
        messages.success(request, _("已报项目办审核，批复后计入该科目预算。"))
        return redirect("finance:class", pk)
    left = supplements.left_to_budget(found)
    if request.method == "GET" and left <= 0:
        messages.info(request, _("核定经费已全部编入预算或已报待审，没有可以追加的经费。"))
        return redirect("finance:class", pk)
    title = _("追加预算（可编%(left)s元）") % {"left": f"{left:,.2f}"}
    return ask(request, form, found, title=title, label=_("报送审核"))


@page
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take a waiting transfer back."""
    found = record_of(request, Transfer.objects.select_related("source", "target"), pk)
    if perform(request, transfers.withdraw_transfer, found):
        messages.success(request, _("已撤回。"))
    return redirect("finance:transfer", pk)
