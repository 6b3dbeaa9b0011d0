"""The ledger of a class's money: one account for what was granted, one for each category, and every movement.

`balance = received - passed - spent - returned` never falls below zero: each movement changes one row by a
conditional statement, with a check constraint behind it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.models.category import ExpenseCategory
from finance.reach import classes_with_money
from programs.models import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

ZERO = Decimal(0)
# Only the stubs know the field's type parameters.
if TYPE_CHECKING:
    YuanField = models.DecimalField[Decimal, Decimal]
else:
    YuanField = models.DecimalField


def yuan(label: Any = None, **options: Any) -> YuanField:
    """A column of yuan with two places."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)


class FundAccountQuerySet(models.QuerySet["FundAccount"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(training_class__in=classes_with_money(actor))

    def of_categories(self) -> Self:
        return self.exclude(category=None)


class FundAccount(models.Model):
    """Money of a class in one category; without a category, what the office granted and the budget divides."""

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="fund_accounts", verbose_name=_("班级")
    )
    category = models.ForeignKey(
        ExpenseCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fund_accounts",
        verbose_name=_("费用科目"),
    )
    received = yuan(_("下达"), default=ZERO)
    passed = yuan(_("已分到科目"), default=ZERO)
    spent = yuan(_("已支出"), default=ZERO)
    returned = yuan(_("已上交"), default=ZERO)

    objects = FundAccountQuerySet.as_manager()
    movements: RelatedManager[FundMovement]

    class Meta:
        verbose_name = _("经费账户")
        ordering = ("training_class", "category__position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "category"], nulls_distinct=False, name="fund_account_once"
            ),
            models.CheckConstraint(
                condition=Q(received__gte=F("passed") + F("spent") + F("returned")),
                name="fund_account_never_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0, passed__gte=0, spent__gte=0, returned__gte=0),
                name="fund_account_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_class} · {self.category or _('核定经费')}"

    @property
    def balance(self) -> Decimal:
        return self.received - self.passed - self.spent - self.returned


class MovementKind(models.TextChoices):
    GRANT = "grant", _("核定经费")
    BUDGET = "budget", _("预算批复")
    TRANSFER = "transfer", _("科目调剂")
    EXPENSE = "expense", _("支出")
    REVERSAL = "reversal", _("冲销")
    RETURN = "return", _("结余上交")


class FundMovementQuerySet(models.QuerySet["FundMovement"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(account__training_class__in=classes_with_money(actor))


class FundMovement(models.Model):
    """One entry of the ledger, never changed. The sums of its deltas are the account's columns; `balance` is after it."""

    account = models.ForeignKey(
        FundAccount, models.PROTECT, related_name="movements", verbose_name=_("经费账户")
    )
    kind = models.CharField(_("类型"), max_length=10, choices=MovementKind)
    received = yuan(_("下达变动"), default=ZERO)
    passed = yuan(_("分出变动"), default=ZERO)
    spent = yuan(_("支出变动"), default=ZERO)
    returned = yuan(_("上交变动"), default=ZERO)
    balance = yuan(_("余额"))
    counterpart = models.ForeignKey(
        FundAccount, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("对方科目")
    )
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("经办人")
    )
    by_name = models.CharField(_("经办人姓名"), max_length=64)
    at = models.DateTimeField(_("时间"))

    objects = FundMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("经费变动")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["account", "-id"], name="fund_movement_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.change:+}"

    @property
    def change(self) -> Decimal:
        """What the movement added to the balance."""
        return self.received - self.passed - self.spent - self.returned
