"""What a class spent: booked with its vouchers, corrected only by reversal. Source: CQ20-4.1, 4.2, 5.5."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import ledger
from finance.models import SEALED, Expense, ExpenseCategory, FinalAccount, FundAccount
from finance.reach import KEEPERS
from finance.services.judging import judge_spending
from finance.services.vouchers import attach
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.rulebook.findings import require, worst
from programs.models import TrainingClass

FIELDS = ("category", "amount", "paid_on", "payee", "description")
MOST_FILES = 10
Files = Sequence["UploadedFile[bytes]"]


@operation(
    "finance.record_expense",
    gettext_lazy("登记支出"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-4.1", "CQ20-4.2", "CQ20-5.5"],
)
def record_expense(
    act: Act,
    training_class: TrainingClass,
    *,
    values: dict[str, Any],
    files: Files,
    key: uuid.UUID | None = None,
) -> Expense:
    """Book one payment (`values`: FIELDS) with its vouchers; the same `key` a second time gives the first booking.

    Raises RuleBroken for what must not be charged and for more than the category has left, WrongState without an
    approved budget or after the final account was submitted, FileRefused for a file that is no voucher.
    """
    key = key or uuid.uuid4()
    booked: Expense | None = Expense.objects.filter(key=key, training_class=training_class).first()
    if booked is not None:
        return booked
    _check(act, values["amount"], values["paid_on"], files)
    category: ExpenseCategory = values["category"]
    found = judge_spending(training_class.rulebook, [(category, values["description"])])[0]
    require(found)
    account = open_account(training_class, category)
    # A second sending at the same moment waits here for the first, and finds its booking.
    made, new = Expense.objects.get_or_create(
        key=key,
        training_class=training_class,
        defaults={
            **{name: values[name] for name in FIELDS},
            "findings": [each.as_json() for each in found],
            "verdict": worst(found),
            "by": act.actor.user,
            "by_name": act.actor.name,
            "at": act.now,
        },
    )
    if not new:
        return made
    ledger.spend(act, account, values["amount"], reason=values["description"])
    require_unsealed(training_class)
    for file in files:
        attach(act, training_class, file, expense=made)
    act.changed(made, after={name: values[name] for name in FIELDS} | {"vouchers": len(files)})
    return made


@operation(
    "finance.reverse_expense",
    gettext_lazy("冲销支出"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def reverse_expense(act: Act, expense: Expense, *, reason: str) -> Expense:
    """Book the counter-entry of an expense; the money is back in its category. An expense is reversed once."""
    if not reason.strip():
        raise Invalid(_("请填写冲销原因。"), field="reason")
    if expense.reverses_id is not None:
        raise RuleBroken(_("这是一笔冲销，不能再冲销；如需支出请重新登记。"), code="reversal")
    account = open_account(expense.training_class, expense.category)
    # The account's row is the lock: two reversals of one expense follow one another.
    ledger.lock([account.pk])
    if expense.is_reversed:
        raise RuleBroken(_("此笔支出已经冲销。"), code="reversed")
    ledger.unspend(act, account, expense.amount, reason=reason)
    require_unsealed(expense.training_class)
    made = Expense.objects.create(
        training_class=expense.training_class,
        category=expense.category,
        amount=-expense.amount,
        paid_on=act.today,
        payee=expense.payee,
        description=_("冲销第%(key)d号：%(reason)s")[:200] % {"key": expense.pk, "reason": reason[:150]},
        reverses=expense,
        by=act.actor.user,
        by_name=act.actor.name,
        at=act.now,
    )
    act.reason = reason
    act.changed(expense, after={"reversed_by": made.pk, "amount": made.amount})
    return made


def open_account(training_class: TrainingClass, category: ExpenseCategory) -> FundAccount:
    """The class's account of the category. Raises WrongState without an approved budget, RuleBroken without a budget for it."""
    rows = FundAccount.objects.select_related("category__clause__notice")
    accounts = {each.category_id: each for each in rows.filter(training_class=training_class).of_categories()}
    if not accounts:
        raise WrongState(_("本班预算尚未批复，批复后才能登记支出。"))
    if category.pk not in accounts:
        raise RuleBroken(
            _("本班预算中没有“%(name)s”。如确需支出，请先从其他科目调剂。") % {"name": category},
            code="over_budget",
            citation=category.clause.citation if category.clause else None,
        )
    return accounts[category.pk]


def require_unsealed(training_class: TrainingClass) -> None:
    """Raise WrongState once the final account is submitted. Asked when the account's row is locked, so it stays true."""
    if FinalAccount.objects.filter(training_class=training_class, state__in=SEALED).exists():
        raise WrongState(
            _("本班决算已报送，不能再登记、冲销支出或调剂。如需更正请先撤回决算。"), code="sealed"
        )


def _check(act: Act, amount: Decimal, paid_on: date, files: Files) -> None:
    if amount <= 0:
        raise Invalid(_("金额须大于0；更正请用“冲销”。"), field="amount")
    if paid_on > act.today:
        raise Invalid(_("支付日期不能晚于今天。"), field="paid_on")
    if not files:
        raise Invalid(_("请上传凭证（发票、收据、签收单等）。"), field="vouchers")
    if len(files) > MOST_FILES:
        raise Invalid(_("一笔支出最多上传%(most)d个凭证。") % {"most": MOST_FILES}, field="vouchers")
