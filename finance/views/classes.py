"""Pages of a class's money, the list of classes, and the office's overview."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from finance import queries
from finance.charting import account_chart, overview_chart
from finance.deadlines import due_on
from finance.forms import GrantForm
from finance.models import SEALED, Budget, FinalAccount, FundAccount, FundMovement, Transfer
from finance.models.account import ZERO
from finance.reach import keeps
from finance.services.funds import budget_guard, grant_funds
from finance.tables.classes import CLASSES
from finance.views.loading import ask, class_of
from portal.accounts.roles import Role
from portal.operations.models import AuditEntry
from portal.ui.formats import money
from portal.ui.pages import PageRequest, page, submit
from programs.models import TrainingClass
from programs.plugs.projects import current_program

SHOWN = 50


@page
def class_list(request: PageRequest) -> HttpResponseBase:
    """The register of classes with their money."""
    return CLASSES.respond(request)


@page
def overview(request: PageRequest) -> HttpResponse:
    """The programme's money by base or by project, with its totals."""
    by = "project" if request.GET.get("by") == "project" else "base"
    program = current_program(request)
    rows = queries.overview(request.actor, program.pk, by=by) if program else []
    context = {
        "title": _("经费总览"),
        "program": program,
        "by": by,
        "rows": rows,
        "total": queries.total_of(rows, _("合计")),
        "chart": overview_chart(rows),
    }
    return render(request, "finance/overview.html", context)


@page
def training_class(request: PageRequest, pk: int) -> HttpResponse:
    """One class: budget, spent and left by category, every movement, and what can be done now."""
    found = class_of(request, pk)
    rows = FundAccount.objects.filter(training_class=found).select_related("category")
    accounts = list(rows.of_categories().order_by("category__position"))
    moves = FundMovement.objects.filter(account__training_class=found)
    figures = queries.figures_of([found.pk]).get(found.pk, queries.NOTHING)
    budget = Budget.objects.filter(training_class=found).first()
    final = FinalAccount.objects.filter(training_class=found).first()
    context = {
        "title": _("%(name)s经费") % {"name": found},
        "record": found,
        "budget": budget,
        "final": final,
        "accounts": accounts,
        "total": {
            name: sum((getattr(each, name) for each in accounts), ZERO)
            for name in ("received", "spent", "returned", "balance")
        },
        "chart": account_chart(accounts),
        "movements": moves.select_related("account__category", "counterpart__category")[:SHOWN],
        "transfers": Transfer.objects.filter(training_class=found).select_related("source", "target")[:SHOWN],
        "unbudgeted": figures.granted > sum((each.received for each in accounts), ZERO),
        "sealed": final is not None and final.state in SEALED,
        "mine": keeps(request.actor, found),
        "grants": request.actor.has_role(Role.PROGRAM_MANAGER, Role.FINANCE_OFFICER),
        "facts": _facts(found, figures, budget, final),
        "findings": list(budget_guard(found)),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "finance/class.html", context)


@page
def grant(request: PageRequest, pk: int) -> HttpResponse:
    """Set what the class is granted."""
    found = class_of(request, pk)
    before = FundAccount.objects.filter(training_class=found, category=None).first()
    form = GrantForm(request.POST or None, initial={"amount": before.received if before else None})
    if form.is_valid() and submit(request, form, grant_funds, found, **form.cleaned_data) is not None:
        messages.success(request, _("已核定，已通知培训基地。"))
        return redirect("finance:class", pk)
    return ask(request, form, found, title=_("核定班级经费"), label=_("核定"))


def _facts(
    found: TrainingClass, figures: queries.Figures, budget: Budget | None, final: FinalAccount | None
) -> list[tuple[str, object]]:
    due = due_on(found, "final_account")
    return [
        (_("承担单位"), found.base),
        (_("培训时间"), f"{found.starts_on:%Y-%m-%d} — {found.ends_on:%Y-%m-%d}"),
        (_("核定经费"), money(figures.granted)),
        (_("预算"), _state(budget, figures.budgeted)),
        (_("已支出"), money(figures.spent)),
        (_("执行率"), figures.percent),
        (_("结余上交"), money(figures.returned)),
        (_("决算"), _state(final, final.spent) if final else _("未编制")),
        (_("决算报送期限"), f"{due:%Y-%m-%d}" if due else ""),
    ]


def _state(record: Budget | FinalAccount | None, amount: Decimal) -> str:
    return f"{record.get_state_display()} {money(amount)}" if record else _("未编制")
