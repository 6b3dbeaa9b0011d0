"""What money plugs into the frame: navigation, work that waits, search, figures, the panel of a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import deadlines, queries
from finance.models import BudgetState, Expense, FinalAccountState, FundAccount
from finance.reach import KEEPERS, READS_ALL, classes_with_money, keeps, reads_all
from finance.services.budgets import EDITABLE
from finance.services.funds import budget_guard, closing_guard
from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.ui.formats import money
from portal.ui.registry import Group, NavEntry, Number, SearchHit, WorkItem, nav, outcomes, search, work_items
from programs.hooks import (
    Panel,
    class_conditions,
    class_panels,
    class_records,
    closing_guards,
    delivered_at,
    opening_guards,
    owed_with,
)
from programs.models import ANNOUNCED, ClassState, DeliverableRequirement, ProgramState, TrainingClass

CONCERNED = frozenset({*KEEPERS, *READS_ALL})
FOUND = 5
OWED_NOT = (FinalAccountState.SUBMITTED, FinalAccountState.SETTLED)

opening_guards(budget_guard)
closing_guards(closing_guard)
nav(
    NavEntry(Group.FINANCE, gettext_lazy("经费总览"), "finance:overview", "chart-bar", CONCERNED, 5),
    NavEntry(Group.FINANCE, gettext_lazy("班级经费"), "finance:classes", "wallet", CONCERNED, 10),
    NavEntry(Group.FINANCE, gettext_lazy("预算台账"), "finance:budgets", "coin", CONCERNED, 20),
    NavEntry(Group.FINANCE, gettext_lazy("支出台账"), "finance:expenses", "list-details", CONCERNED, 30),
    NavEntry(
        Group.FINANCE, gettext_lazy("调剂台账"), "finance:transfers", "switch-horizontal", CONCERNED, 40
    ),
    NavEntry(
        Group.FINANCE, gettext_lazy("决算台账"), "finance:final_accounts", "report-analytics", CONCERNED, 50
    ),
)


def _money_pages() -> str:
    """Where a base's finance officer sees to budgets and final accounts."""
    return reverse("finance:classes")


for _code in (deadlines.BUDGET, deadlines.FINAL_ACCOUNT):
    delivered_at[_code] = lambda key: reverse("finance:class", args=[key])
    owed_with[_code] = (Role.FINANCE_OFFICER, _money_pages)


@work_items
def money_waiting(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Budgets and final accounts that the base owes, funds that the office has not granted. Five queries."""
    if actor.role not in CONCERNED:
        return
    if actor.has_role(*KEEPERS) and not reads_all(actor):
        yield from _of_base(actor)
    elif actor.has_role(Role.PROGRAM_MANAGER):
        granted = FundAccount.objects.filter(training_class=OuterRef("pk"), category=None, received__gt=0)
        count = _running(actor).exclude(state=ClassState.FINISHED).exclude(Exists(granted)).count()
        if count:
            title = _("%(count)d个班级尚未核定经费") % {"count": count}
            url = f"{reverse('finance:classes')}?budget=none"
            yield WorkItem(title, url, count=count, kind=_("经费"))


def _of_base(actor: Actor) -> Iterator[WorkItem]:
    """One line for all budgets to draw up, one for all final accounts, each due when the first of them is."""
    classes = list(
        _running(actor)
        .filter(Q(budget=None) | Q(budget__state__in=EDITABLE) | Q(budget__state=BudgetState.APPROVED))
        .select_related("project__program", "budget", "final_account")
        .only("starts_on", "ends_on", "project__program__rulebook", "budget__state", "final_account__state")
        .order_by("starts_on", "pk")
    )
    wanted = deadlines.requirements({each.project.program.rulebook_id for each in classes})
    owing = [each for each in classes if _state(each, "budget") in {"", *EDITABLE}]
    title = _("%(count)d个班级的经费预算待报送")
    yield from _item(owing, wanted, deadlines.BUDGET, title, _("预算"))
    over = [each for each in classes if _owes_final_account(each, clock.today())]
    title = _("%(count)d个班级的经费决算待报送")
    yield from _item(over, wanted, deadlines.FINAL_ACCOUNT, title, _("决算"))


def _item(
    classes: list[TrainingClass],
    wanted: dict[tuple[int, str], DeliverableRequirement],
    code: str,
    title: str,
    kind: str,
) -> Iterable[WorkItem]:
    if not classes:
        return
    days, citation = [], None
    for each in classes:
        requirement = wanted.get((each.project.program.rulebook_id, code))
        if requirement is not None:
            days.append(deadlines.day_of(requirement, each))
            citation = requirement.clause.citation if requirement.clause else None
    due = clock.end_of(min(days)) if days else None
    url = reverse("finance:class", args=[classes[0].pk]) if len(classes) == 1 else reverse("finance:classes")
    yield WorkItem(title % {"count": len(classes)}, url, due, len(classes), citation, kind)


@search
def money_of(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five expenses by payee or purpose. One query."""
    if actor.role not in CONCERNED:
        return
    rows = Expense.objects.visible_to(actor).filter(Q(payee__icontains=text) | Q(description__icontains=text))
    for each in rows.select_related("training_class", "category").order_by("-pk")[:FOUND]:
        url = reverse("finance:expense", args=[each.pk])
        yield SearchHit(_("支出"), each.description, url, f"{each.category} {money(each.amount)}")


@outcomes
def figures(actor: Actor, now: datetime) -> Iterator[Number]:
    """Budget and expenses that one sees. One query."""
    if actor.role not in CONCERNED:
        return
    found = queries.sum_of(classes_with_money(actor))
    url = reverse("finance:overview")
    yield Number(_("经费预算"), money(found.budgeted), url)
    yield Number(_("经费支出"), money(found.spent), url, _("执行率%(rate)s") % {"rate": found.percent})


MONEY_RECORDS = ("budget", "final_account")
class_records += MONEY_RECORDS
class_conditions["settled"] = lambda rows: rows.filter(final_account__state=FinalAccountState.SETTLED)


@class_panels
def class_money(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """What the class has and spent, with the way to its page. One query."""
    if actor.role not in CONCERNED or not (reads_all(actor) or keeps(actor, training_class)):
        return
    found = queries.figures_of([training_class.pk]).get(training_class.pk, queries.NOTHING)
    budget, final = (getattr(training_class, name, None) for name in MONEY_RECORDS)
    context = {"figures": found, "training_class": training_class, "budget": budget, "final": final}
    yield Panel(_("经费"), "finance/_class_panel.html", context)


def _running(actor: Actor) -> QuerySet[TrainingClass]:
    rows = classes_with_money(actor).filter(state__in=ANNOUNCED)
    return rows.filter(project__program__state=ProgramState.PUBLISHED)


def _owes_final_account(training_class: TrainingClass, on: date) -> bool:
    approved = _state(training_class, "budget") == BudgetState.APPROVED
    return (
        approved and training_class.ends_on <= on and _state(training_class, "final_account") not in OWED_NOT
    )


def _state(training_class: TrainingClass, name: str) -> str:
    record = getattr(training_class, name, None)
    return str(record.state) if record else ""
