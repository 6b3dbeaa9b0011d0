"""Pages of expenses and their vouchers."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from finance.forms import ExpenseForm, ReasonForm
from finance.models import Expense, Voucher
from finance.reach import keeps
from finance.services import expenses
from finance.services.vouchers import open_voucher
from finance.tables.money import EXPENSES
from finance.views.loading import ask, categories_of, class_of, record_of
from portal import clock
from portal.operations.models import AuditEntry
from portal.rulebook.findings import Finding
from portal.ui.formats import money
from portal.ui.pages import PageRequest, page, perform, submit
from portal.uploads import CONTENT_TYPES


@page
def expense_list(request: PageRequest) -> HttpResponseBase:
    """The register of expenses."""
    return EXPENSES.respond(request)


@page
def expense(request: PageRequest, pk: int) -> HttpResponse:
    """One expense: facts, vouchers, what the rules said, its reversal."""
    rows = Expense.objects.select_related("category", "reverses", "reversal")
    found = record_of(request, rows, pk)
    context = {
        "title": _("支出第%(key)d号") % {"key": found.pk},
        "record": found,
        "facts": _facts(found),
        "vouchers": found.vouchers.all(),
        "reversal": getattr(found, "reversal", None),
        "mine": keeps(request.actor, found.training_class),
        "findings": [Finding.from_json(each) for each in found.findings],
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "finance/expense.html", context)


@page
def create(request: PageRequest, pk: int) -> HttpResponse:
    """Book an expense of the class."""
    found = class_of(request, pk)
    categories = categories_of(found)
    if request.method == "POST":
        form = ExpenseForm(categories, request.POST, request.FILES)
    else:
        form = ExpenseForm(categories, initial={"paid_on": clock.today()})
    if form.is_valid() and submit(request, form, expenses.record_expense, found, **form.given()):
        messages.success(request, _("支出已登记。"))
        return redirect("finance:class", pk)
    return ask(request, form, found, title=_("登记支出"), label=_("登记"))


@page
def reverse(request: PageRequest, pk: int) -> HttpResponse:
    """Book the counter-entry."""
    found = record_of(request, Expense.objects.select_related("category__clause__notice"), pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, expenses.reverse_expense, found, **form.cleaned_data):
        messages.success(request, _("已冲销，金额已退回原科目。"))
        return redirect("finance:expense", pk)
    words = _("冲销后原记录保留，另记一笔负数支出。金额：%(amount)s") % {"amount": money(found.amount)}
    return ask(request, form, found.training_class, title=_("冲销支出"), label=_("冲销"), words=words)


@page
def voucher(request: PageRequest, pk: int) -> HttpResponseBase:
    """A voucher's file; each look is audited."""
    found = record_of(request, Voucher.objects.all(), pk)
    stored = perform(request, open_voucher, found)
    if stored is None:
        return redirect("finance:class", found.training_class_id)
    name = stored.name or ""
    response = FileResponse(
        stored.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=CONTENT_TYPES[name[name.rfind(".") :]],
    )
    add_never_cache_headers(response)
    return response


def _facts(found: Expense) -> list[tuple[str, object]]:
    return [
        (_("班级"), found.training_class),
        (_("承担单位"), found.training_class.base),
        (_("费用科目"), found.category),
        (_("金额"), money(found.amount)),
        (_("支付日期"), f"{found.paid_on:%Y-%m-%d}"),
        (_("收款方"), found.payee),
        (_("用途说明"), found.description),
        (_("经办人"), found.by_name),
    ]
