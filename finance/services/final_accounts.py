"""A class's final account: drawn from the ledger, with its vouchers; settled, and what is left given back. CQ20-5.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Enrollment
from finance import deadlines, ledger
from finance.models import (
    SEALED,
    Expense,
    FinalAccount,
    FinalAccountLine,
    FinalAccountState,
    FundAccount,
    Voucher,
    VoucherRequirement,
)
from finance.models.account import ZERO
from finance.reach import KEEPERS
from finance.rules import ClosingCase, ClosingLine
from finance.services.owed import handed_in
from finance.services.vouchers import attach
from finance.states import FINAL_ACCOUNT
from portal.errors import Conflict, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.reviews.services.closing import withdraw_reviews
from portal.reviews.services.opening import open_review
from portal.rulebook.findings import Finding, require
from portal.rulebook.kinds import judge, rules_for
from programs.models import TrainingClass

KIND = "finance.final_account"
RULES = ("finance.vouchers_complete", "finance.differences_explained")


@dataclass(frozen=True)
class Check:
    """One document of the checklist, and whether it is there."""

    requirement: VoucherRequirement
    vouchers: list[Voucher]

    @property
    def done(self) -> bool:
        return bool(self.vouchers)


@operation(
    "finance.explain_final_account",
    gettext_lazy("编制经费决算"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-5.5"],
)
def explain_final_account(
    act: Act, training_class: TrainingClass, *, explanations: Mapping[int, str]
) -> FinalAccount:
    """Begin or change the class's final account: why each category (by key) differs from its budget.

    The figures are the ledger's and cannot be typed. Raises WrongState without a budget or once it is submitted.
    """
    accounts = _accounts(training_class, lock=True)
    final = FinalAccount.objects.get_or_create(training_class=training_class)[0]
    if final.state in SEALED:
        raise WrongState(_("决算已报送，如需修改请先撤回。"))
    _draw(final, accounts, explanations)
    act.changed(final, after={"spent": final.spent, "explained": sum(map(bool, explanations.values()))})
    return final


@operation(
    "finance.attach_voucher",
    gettext_lazy("上传决算凭证"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-5.5"],
)
def attach_voucher(
    act: Act, training_class: TrainingClass, *, requirement: VoucherRequirement, file: UploadedFile[bytes]
) -> Voucher:
    """Add a document to the checklist. Raises FileRefused, WrongState once the final account is submitted."""
    if FinalAccount.objects.filter(training_class=training_class, state__in=SEALED).exists():
        raise WrongState(_("决算已报送，如需补充凭证请先撤回。"))
    made = attach(act, training_class, file, requirement=requirement)
    act.changed(training_class, after={"voucher": requirement.name, "file": made.name})
    return made


@operation(
    "finance.submit_final_account",
    gettext_lazy("报送经费决算"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def submit_final_account(act: Act, final: FinalAccount) -> FinalAccount:
    """Take the ledger's figures as they are now, and send them to the reviewers; nothing can be spent from here on.

    Raises RuleBroken while vouchers or explanations are missing or the class is not over, Conflict when sums differ.
    """
    training_class = final.training_class
    if training_class.ends_on > act.today:
        raise RuleBroken(
            _("本班%(day)s结束，结束后才能报送决算。") % {"day": training_class.ends_on}, code="not_over"
        )
    kept = dict(final.lines.values_list("category", "explanation"))
    _draw(final, _accounts(training_class, lock=True), kept)
    require_reconciled(final)
    require(findings_of(final))
    before = final.state
    FINAL_ACCOUNT.apply(
        final, "submit", submitted_at=act.now, opinion="", headcount=headcount_of(training_class)
    )
    handed_in(act, training_class, deadlines.FINAL_ACCOUNT, title=str(final))
    open_review(act, final, kind=KIND, origin=training_class.base, title=str(final))
    act.changed(
        final,
        before={"state": before},
        after={"state": final.state, "budgeted": final.budgeted, "spent": final.spent},
    )
    return final


@operation(
    "finance.withdraw_final_account",
    gettext_lazy("撤回经费决算"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def withdraw_final_account(act: Act, final: FinalAccount) -> FinalAccount:
    """Take back a final account that nobody decided yet; spending is possible again."""
    FINAL_ACCOUNT.require(final, "withdraw")
    withdraw_reviews(act, [final])  # the review is locked before its subject, as where it is decided
    FINAL_ACCOUNT.apply(final, "withdraw")
    act.changed(final, before={"state": FinalAccountState.SUBMITTED}, after={"state": final.state})
    return final


def checklist_of(training_class: TrainingClass) -> list[Check]:
    """The documents that the class's final account must come with: the general ones and those of categories with
    expenses. Three queries."""
    spent = set(
        FundAccount.objects.filter(training_class=training_class, spent__gt=0).values_list(
            "category__code", flat=True
        )
    )
    vouchers: dict[int | None, list[Voucher]] = {}
    for each in training_class.vouchers.exclude(requirement=None):
        vouchers.setdefault(each.requirement_id, []).append(each)
    rows = training_class.rulebook.voucher_requirements.select_related("clause__notice")
    wanted = [each for each in rows if not each.category_code or each.category_code in spent]
    return [Check(each, vouchers.get(each.pk, [])) for each in wanted]


def findings_of(final: FinalAccount) -> list[Finding]:
    """What the rules say of submitting it now. Five queries."""
    lines = [
        ClosingLine(each.category.name, each.budgeted, each.spent, each.explanation)
        for each in final.lines.select_related("category")
    ]
    missing = [each.requirement.name for each in checklist_of(final.training_class) if not each.done]
    return judge(rules_for(final.rulebook, *RULES), ClosingCase(lines, missing))


def require_reconciled(final: FinalAccount) -> None:
    """Raise Conflict unless lines, total, ledger and expenses agree to the fen."""
    lines = final.lines.aggregate(sum=Sum("spent"))["sum"] or ZERO
    of_class = FundAccount.objects.filter(training_class=final.training_class).of_categories()
    booked = of_class.aggregate(sum=Sum("spent"))["sum"] or ZERO
    expenses = Expense.objects.filter(training_class=final.training_class)
    paid = expenses.aggregate(sum=Sum("amount"))["sum"] or ZERO
    if not lines == final.spent == booked == paid:
        raise Conflict(_("决算与支出明细不符，请联系项目办核对账目后再报送。"))


def headcount_of(training_class: TrainingClass) -> int:
    """How many trainees the class really has. One query."""
    return Enrollment.objects.on_roster().filter(training_class=training_class).count()


def _accounts(training_class: TrainingClass, *, lock: bool = False) -> list[FundAccount]:
    if lock:
        rows = [each for each in ledger.lock_class(training_class) if each.category_id is not None]
    else:
        found = FundAccount.objects.filter(training_class=training_class).of_categories()
        rows = list(found.select_related("category"))
    if not rows:
        raise WrongState(_("本班预算尚未批复，没有可决算的经费。"))
    return rows


def _draw(final: FinalAccount, accounts: list[FundAccount], explanations: Mapping[int, str]) -> None:
    """Make the lines and totals the ledger's."""
    known: dict[Any, str] = dict(final.lines.values_list("category", "explanation"))
    final.lines.all().delete()
    FinalAccountLine.objects.bulk_create(
        FinalAccountLine(
            final_account=final,
            category=each.category,
            budgeted=each.received,
            spent=each.spent,
            explanation=explanations.get(each.category_id or 0, known.get(each.category_id, "")).strip(),
        )
        for each in accounts
        if each.category is not None
    )
    final.budgeted = _sum(each.received for each in accounts)
    final.spent = _sum(each.spent for each in accounts)
    final.version += 1
    final.save(update_fields=["budgeted", "spent", "version"])


def _sum(amounts: Any) -> Decimal:
    return sum(amounts, ZERO)
