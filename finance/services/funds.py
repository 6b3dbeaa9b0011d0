"""What the office grants a class, and the guards that are asked before a class opens and a programme ends. Source: CQ20-5.5."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import ledger
from finance.models import Budget, BudgetState, FinalAccountState, FundAccount
from finance.models.account import ZERO
from finance.reach import KEEPERS
from finance.rules import OpeningCase
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.organizations.models import Organization
from portal.rulebook.findings import Finding
from portal.rulebook.kinds import judge, rules_for
from programs.models import ClassState, Program, TrainingClass
from programs.rules.closing import UnsettledCase

OPENING = "finance.budget_before_opening"
SETTLED = "finance.accounts_settled"
MOST = Decimal(10_000_000)


@operation(
    "finance.grant_funds",
    gettext_lazy("核定班级经费"),
    roles=[Role.PROGRAM_MANAGER, Role.FINANCE_OFFICER],
    scope=within("project.program.office"),
    clauses=["CQ20-5.5"],
)
def grant_funds(act: Act, training_class: TrainingClass, *, amount: Decimal, reason: str) -> Decimal:
    """Set what the class was granted to `amount` yuan; return the difference to what it was before.

    Raises Invalid for no sensible amount, RuleBroken when more than the rest has been budgeted already.
    """
    if not ZERO < amount < MOST:
        raise Invalid(_("核定经费须大于0且小于一千万元。"), field="amount")
    if not reason.strip():
        raise Invalid(_("请填写核定依据，如经费下达文件的文号。"), field="reason")
    account = ledger.lock([ledger.account_of(training_class).pk])[0]
    before = account.received
    if amount != before:
        ledger.grant(act, training_class, amount - before, reason=reason)
    act.reason = reason
    act.changed(training_class, before={"granted": before}, after={"granted": amount})
    url = reverse("finance:class", args=[training_class.pk])
    more = (
        amount > before
        and Budget.objects.filter(training_class=training_class, state=BudgetState.APPROVED).exists()
    )
    hint = _("预算已批复，追加的经费请办理“追加预算”。") if more else ""
    act.tell(
        keepers_of(training_class.base),
        _("%(name)s的经费已核定") % {"name": training_class},
        body=f"{reason}\n{hint}".strip(),
        url=url,
    )
    return amount - before


def keepers_of(base: Organization) -> list[User]:
    """The people who keep the base's money. One query."""
    rows = User.objects.filter(
        memberships__organization=base, memberships__role__in=KEEPERS, memberships__ended_at=None
    )
    return list(rows.distinct())


def budget_guard(training_class: TrainingClass) -> Iterable[Finding]:
    """What the rulebook says of opening the class as far as its budget goes. Two queries."""
    rules = rules_for(training_class.rulebook, OPENING)
    if not rules:
        return []
    states = Budget.objects.filter(training_class=training_class).values_list("state", flat=True)
    return judge(rules, OpeningCase(next(iter(states), "")))


def closing_guard(program: Program) -> list[Finding]:
    """五（四）: what the rulebook says of ending the programme as far as money goes. Two queries."""
    rules = rules_for(program.rulebook, SETTLED)
    if not rules:
        return []
    granted = FundAccount.objects.filter(training_class=OuterRef("pk"), received__gt=0)
    rows = TrainingClass.objects.filter(
        Q(budget__isnull=False) | Exists(granted), project__program=program, state=ClassState.FINISHED
    )
    open_ones = rows.exclude(final_account__state=FinalAccountState.SETTLED)
    names = open_ones.order_by("project__code", "number").values_list("name", flat=True)
    return judge(rules, UnsettledCase(list(names)))
