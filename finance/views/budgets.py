"""Pages of budgets: list, the form as a page, its lines, and the ways it goes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from finance.forms import BudgetHeadForm, line_formset
from finance.models import Budget
from finance.papers import BUDGET_FORM
from finance.reach import keeps
from finance.services import budgets
from finance.sheets import write_budget
from finance.tables.money import BUDGETS
from finance.views.loading import class_of, record_of, sent
from portal.operations.models import AuditEntry
from portal.papers.services.starting import print_one
from portal.reviews.models import Review
from portal.ui.pages import PageRequest, page, perform, submit
from programs.models import TrainingClass
from programs.views import seen_version


@page
def budget_list(request: PageRequest) -> HttpResponseBase:
    """The register of budgets."""
    return BUDGETS.respond(request)


@page
def budget(request: PageRequest, pk: int) -> HttpResponse:
    """One budget in the form's layout, with what the rules say of it and every edition."""
    found = record_of(request, Budget.objects.all(), pk)
    lines = budgets.lines_of(found)
    for each in lines:
        each.budget = found
    said = {finding for findings in budgets.findings_of(lines) for finding in findings}
    context = {
        "title": str(found),
        "record": found,
        "lines": lines,
        "sums": budgets.by_category(lines).items(),
        "facts": _facts(found),
        "findings": sorted(said, key=lambda each: (each.rule, each.message)),
        "mine": keeps(request.actor, found.training_class),
        "editable": found.state in budgets.EDITABLE,
        "review": Review.objects.of_subject(found).order_by("-pk").first(),
        "editions": found.editions.all(),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "finance/budget.html", context)


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Draw up the class's budget."""
    found = class_of(request, pk)
    stored = Budget.objects.filter(training_class=found).first()
    head = BudgetHeadForm(request.POST or None, instance=stored or _fresh(found))
    lines = line_formset(found.rulebook, request.POST or None, stored)
    if head.is_bound and head.is_valid() and lines.is_valid():
        wanted = [each.line() for each in lines if each.is_line]
        version = seen_version(request)
        done = submit(
            request, head, budgets.save_budget, found, version=version, head=head.head(), lines=wanted
        )
        if done:
            messages.success(request, _("预算已保存，合计%(total)s元。") % {"total": f"{done.total:,.2f}"})
            return redirect("finance:budget", done.pk)
    wrong = head.is_bound
    context = {
        "title": _("编制经费预算"),
        "training_class": found,
        "form": head,
        "lines": lines,
        "budget": stored,
        "version": stored.version if stored else 0,
    }
    return render(request, "finance/budget_form.html", context, status=422 if wrong else 200)


@page
@require_POST
def submit_one(request: PageRequest, pk: int) -> HttpResponse:
    """Send the budget to the office."""
    if perform(request, budgets.submit_budget, record_of(request, Budget.objects.all(), pk)):
        messages.success(request, _("已报送，等待项目办审核。审核结果会以消息通知。"))
    return redirect("finance:budget", pk)


@page
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take the budget back."""
    if perform(request, budgets.withdraw_budget, record_of(request, Budget.objects.all(), pk)):
        messages.success(request, _("已撤回，修改后请重新报送。"))
    return redirect("finance:budget", pk)


@page
@require_POST
def revise(request: PageRequest, pk: int) -> HttpResponse:
    """Draw up anew what was refused."""
    found = record_of(request, Budget.objects.all(), pk)
    if perform(request, budgets.revise_budget, found):
        return redirect("finance:budget_edit", found.training_class_id)
    return redirect("finance:budget", pk)


@page
@require_POST
def print_form(request: PageRequest, pk: int) -> HttpResponse:
    """The form as PDF."""
    record_of(request, Budget.objects.all(), pk)
    batch = perform(request, print_one, BUDGET_FORM.code, pk)
    return redirect(batch) if batch else redirect("finance:budget", pk)


@page
def xlsx(request: PageRequest, pk: int) -> HttpResponseBase:
    """The form as a workbook."""
    return sent(*write_budget(record_of(request, Budget.objects.all(), pk)))


def _fresh(training_class: TrainingClass) -> Budget:
    """A budget that is not stored yet, with what is known already."""
    return Budget(
        training_class=training_class,
        headcount=training_class.taken or training_class.capacity,
        payee=training_class.base.name,
        contact_name=training_class.contact_name,
        contact_phone=training_class.contact_phone,
    )


def _facts(found: Budget) -> list[tuple[str, object]]:
    bank = f"{found.bank} {found.bank_code}".strip()
    return [
        (_("培训项目"), found.training_class.project),
        (_("承办单位"), found.training_class.base),
        (_("计划人数"), found.headcount),
        (_("收款单位"), found.payee),
        (_("开户银行及联行号"), bank),
        (_("账号"), found.masked_account),
        (_("项目联系人及电话"), f"{found.contact_name} {found.contact_phone}".strip()),
        (_("报送次数"), found.edition),
    ]
