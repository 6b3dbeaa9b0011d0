"""A class's final account: what was spent beside what was planned, drawn from the ledger. Source: CQ20-5.5."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.models.account import ZERO, yuan
from finance.models.category import ExpenseCategory
from finance.models.expense import OfClassQuerySet
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class FinalAccountState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回修改")
    SETTLED = "settled", _("已结算")


# While it is in these nothing can be spent any more.
SEALED = (FinalAccountState.SUBMITTED, FinalAccountState.SETTLED)


class FinalAccount(models.Model):
    """`budgeted` and `spent` are the sums of its lines, which are the ledger's when it is submitted."""

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="final_account", verbose_name=_("班级")
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=FinalAccountState, default=FinalAccountState.DRAFT
    )
    headcount = models.PositiveIntegerField(_("实际人数"), default=0)
    budgeted = yuan(_("预算合计"), default=ZERO)
    spent = yuan(_("决算合计"), default=ZERO)
    opinion = models.TextField(_("审核意见"), blank=True)
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    settled_at = models.DateTimeField(_("结算时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfClassQuerySet.as_manager()
    lines: RelatedManager[FinalAccountLine]

    class Meta:
        verbose_name = _("经费决算")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(spent__lte=F("budgeted"), spent__gte=0), name="final_account_within_budget"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="final_account_state_newest")]

    def __str__(self) -> str:
        return f"{self.training_class} {_('经费决算')}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def difference(self) -> Decimal:
        return self.budgeted - self.spent


class FinalAccountLine(models.Model):
    """One category: 预算 (after transfers), 决算, and why they differ."""

    final_account = models.ForeignKey(
        FinalAccount, models.CASCADE, related_name="lines", verbose_name=_("经费决算")
    )
    category = models.ForeignKey(
        ExpenseCategory, models.PROTECT, related_name="+", verbose_name=_("费用科目")
    )
    budgeted = yuan(_("预算"), default=ZERO)
    spent = yuan(_("决算"), default=ZERO)
    explanation = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("决算明细")
        ordering = ("category__position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["final_account", "category"], name="final_account_line_once"),
            models.CheckConstraint(
                condition=Q(spent__lte=F("budgeted"), spent__gte=0), name="final_account_line_within_budget"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.spent:,.2f}"

    @property
    def difference(self) -> Decimal:
        return self.budgeted - self.spent
