"""A class's budget: drawn up, submitted, taken back, drawn up anew. Source: CQ20-4.1, 4.2, 5.5; domain facts §2.11."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import deadlines
from finance.models import Budget, BudgetEdition, BudgetLine, BudgetState, ExpenseCategory
from finance.models.account import ZERO
from finance.reach import KEEPERS
from finance.services.funds import MOST
from finance.services.judging import judge_spending
from finance.services.owed import handed_in
from finance.states import BUDGET
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.operations.versions import hold, save_version
from portal.reviews.services.closing import withdraw_reviews
from portal.reviews.services.opening import open_review
from portal.rulebook.findings import Finding, require
from programs.models import ANNOUNCED, ClassState, TrainingClass

KIND = "finance.budget"
HEAD = ("headcount", "payee", "bank", "bank_code", "bank_account", "contact_name", "contact_phone")
LINE = (
    "category",
    "item",
    "price",
    "price_unit",
    "count",
    "count_unit",
    "times",
    "times_unit",
    "amount",
    "note",
)
LABELS = {each.name: each.verbose_name for each in Budget._meta.fields}
EDITABLE = (BudgetState.DRAFT, BudgetState.RETURNED)
Values = dict[str, Any]


@operation(
    "finance.save_budget",
    gettext_lazy("编制经费预算"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-4.1", "CQ20-5.5"],
)
def save_budget(
    act: Act, training_class: TrainingClass, *, version: int, head: Values, lines: Sequence[Values]
) -> Budget:
    """Make the class's budget `head` (fields HEAD) and `lines` (fields LINE; `amount` left out is the product).

    `version` is the budget's, 0 when there is none yet. Raises Invalid for a line that does not add up, RuleBroken
    for what must not be charged, WrongState when it is under review or approved, Conflict for a stale version.
    """
    if training_class.state == ClassState.CANCELLED:
        raise WrongState(_("此班已取消，不能编制预算。"))
    budget, new = Budget.objects.select_for_update().get_or_create(training_class=training_class)
    _require_editable(budget)
    made = [_line(budget, number, each) for number, each in enumerate(lines, 1)]
    require([finding for found in findings_of(made) for finding in found])
    before = {"total": budget.total}
    save_version(
        budget, budget.version if new else version, total=sum((each.amount for each in made), ZERO), **head
    )
    budget.lines.all().delete()
    BudgetLine.objects.bulk_create(made)
    act.changed(budget, before=before, after={"total": budget.total, "lines": len(made)})
    return budget


@operation(
    "finance.submit_budget",
    gettext_lazy("报送经费预算"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-4.1", "CQ20-4.2", "CQ20-5.5"],
)
def submit_budget(act: Act, budget: Budget) -> Budget:
    """Send the budget to its reviewers and keep this edition of it.

    Raises Invalid while something is missing, RuleBroken for what must not be charged or is more than was granted,
    Conflict when somebody changed it meanwhile.
    """
    hold(budget, "version")
    _require_editable(budget)
    if budget.training_class.state not in ANNOUNCED:
        raise WrongState(_("班级发布编班排课后才能报送预算。"))
    lines = lines_of(budget)
    require_complete(budget, lines)
    require([finding for found in findings_of(lines) for finding in found])
    _require_granted(budget)
    before = budget.state
    BUDGET.apply(budget, "submit", submitted_at=act.now, edition=budget.edition + 1, opinion="")
    _keep_edition(act, budget, lines)
    training_class = budget.training_class
    handed_in(act, training_class, deadlines.BUDGET, title=str(budget))
    open_review(act, budget, kind=KIND, origin=training_class.base, title=str(budget))
    act.changed(
        budget,
        before={"state": before},
        after={"state": budget.state, "edition": budget.edition, "total": budget.total},
    )
    return budget


@operation(
    "finance.withdraw_budget",
    gettext_lazy("撤回经费预算"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def withdraw_budget(act: Act, budget: Budget) -> Budget:
    """Take back a budget that nobody decided yet."""
    BUDGET.require(budget, "withdraw")
    withdraw_reviews(act, [budget])  # the review is locked before its subject, as where it is decided
    BUDGET.apply(budget, "withdraw")
    act.changed(budget, before={"state": BudgetState.SUBMITTED}, after={"state": budget.state})
    return budget


@operation(
    "finance.revise_budget",
    gettext_lazy("重新编制预算"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def revise_budget(act: Act, budget: Budget) -> Budget:
    """Draw up anew a budget that was refused."""
    BUDGET.apply(budget, "revise")
    act.changed(budget, before={"state": BudgetState.REJECTED}, after={"state": budget.state})
    return budget


def lines_of(budget: Budget) -> list[BudgetLine]:
    """The budget's lines in the form's order, with their categories and clauses. One query."""
    return list(budget.lines.select_related("category__clause__notice"))


def findings_of(lines: Sequence[BudgetLine]) -> list[list[Finding]]:
    """What the rules say of each line. One query."""
    if not lines:
        return []
    rulebook = lines[0].budget.rulebook
    return judge_spending(rulebook, [(each.category, f"{each.item} {each.note}".strip()) for each in lines])


def by_category(lines: Sequence[BudgetLine]) -> dict[ExpenseCategory, Decimal]:
    """The sums of the lines by category, in the form's order."""
    sums: dict[ExpenseCategory, Decimal] = {}
    for each in lines:
        sums[each.category] = sums.get(each.category, ZERO) + each.amount
    return sums


def require_complete(budget: Budget, lines: Sequence[BudgetLine]) -> None:
    """Raise Invalid, naming all that the form still lacks."""
    missing = [str(LABELS[name]) for name in HEAD if not getattr(budget, name)]
    if missing:
        raise Invalid(_("预算表还缺少：%(names)s。请补充后再报送。") % {"names": "、".join(missing)})
    if not lines:
        raise Invalid(_("预算表还没有明细，请至少填写一行后再报送。"))


def _require_editable(budget: Budget) -> None:
    if budget.state in EDITABLE:
        return
    hints = {
        BudgetState.SUBMITTED: _("预算正在审核，如需修改请先撤回。"),
        BudgetState.APPROVED: _("预算已批复，不能再修改；需要调整时请办理科目调剂。"),
        BudgetState.REJECTED: _("预算未通过，请先点“重新编制预算”。"),
    }
    raise WrongState(hints[BudgetState(budget.state)])


def _require_granted(budget: Budget) -> None:
    account = budget.training_class.fund_accounts.filter(category=None).first()
    if account is None or not account.received:
        raise RuleBroken(_("项目办尚未核定本班经费，核定后才能报送预算。"), code="no_funds")
    if budget.total > account.received:
        words = _("预算合计%(total)s元，超过核定经费%(granted)s元，请核减后再报送。")
        figures = {"total": f"{budget.total:,.2f}", "granted": f"{account.received:,.2f}"}
        raise RuleBroken(words % figures, code="over_granted")


def _keep_edition(act: Act, budget: Budget, lines: Sequence[BudgetLine]) -> None:
    BudgetEdition.objects.create(
        budget=budget,
        number=budget.edition,
        total=budget.total,
        lines=[
            {
                "category": each.category.name,
                "item": each.item,
                "calculation": each.calculation,
                "amount": f"{each.amount:.2f}",
                "note": each.note,
            }
            for each in lines
        ],
        by_name=act.actor.name,
        at=act.now,
    )


def _line(budget: Budget, number: int, values: Values) -> BudgetLine:
    """The line that `values` describe. Raises Invalid when amount and calculation differ or are out of bounds."""
    given = {name: values[name] for name in LINE if name in values and name != "amount"}
    line = BudgetLine(budget=budget, position=number, **given)
    line.amount = values.get("amount") or line.product
    place = {"number": number, "item": line.item}
    if line.category.rulebook_id != budget.rulebook.pk:
        raise Invalid(_("第%(number)d行“%(item)s”的科目不是本年度通知的科目。") % place)
    if not ZERO < line.product < MOST or line.price <= 0:
        raise Invalid(_("第%(number)d行“%(item)s”的单价、数量、次数须大于0，金额须小于一千万元。") % place)
    if line.amount != line.product:
        words = _("第%(number)d行“%(item)s”：金额%(amount)s元与计算说明%(note)s＝%(product)s元不符。")
        figures = {
            "amount": f"{line.amount:,.2f}",
            "product": f"{line.product:,.2f}",
            "note": line.calculation,
        }
        raise Invalid(words % {**place, **figures})
    return line
