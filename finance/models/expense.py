"""What was spent, never changed, only reversed; its vouchers; and money moved between categories. Source: CQ20-4.1."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from finance.models.account import yuan
from finance.models.category import ExpenseCategory, VoucherRequirement
from finance.reach import classes_with_money
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

M = TypeVar("M", bound=models.Model)


class OfClassQuerySet(models.QuerySet[M]):
    """Records with `training_class`, seen by whoever sees its money."""

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(training_class__in=classes_with_money(actor))


class Expense(models.Model):
    """One payment of a class. A reversal is an entry of its own with the amount below zero, once for an expense.

    `key` is made with the form, so that a form sent twice is booked once.
    """

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="expenses", verbose_name=_("班级")
    )
    category = models.ForeignKey(
        ExpenseCategory, models.PROTECT, related_name="expenses", verbose_name=_("费用科目")
    )
    amount = yuan(_("金额"))
    paid_on = models.DateField(_("支付日期"))
    payee = models.CharField(_("收款方"), max_length=100)
    description = models.CharField(_("用途说明"), max_length=200)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("冲销")
    )
    findings = models.JSONField(_("判定"), default=list)
    verdict = models.CharField(_("判定结论"), max_length=8, default="pass")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("经办人")
    )
    by_name = models.CharField(_("经办人姓名"), max_length=64)
    at = models.DateTimeField(_("登记时间"))

    objects = OfClassQuerySet.as_manager()
    vouchers: RelatedManager[Voucher]

    class Meta:
        verbose_name = _("支出")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="expense_positive_reversal_negative",
            )
        ]
        indexes = [
            models.Index(fields=["training_class", "category", "-id"], name="expense_class_category"),
            models.Index(fields=["paid_on", "-id"], name="expense_paid_on"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.amount:,.2f}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def is_reversed(self) -> bool:
        return Expense.objects.filter(reverses=self.pk).exists()


class Voucher(models.Model):
    """A checked file: of an expense, of the final account's checklist, or of both."""

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="vouchers", verbose_name=_("班级")
    )
    expense = models.ForeignKey(
        Expense, models.PROTECT, null=True, blank=True, related_name="vouchers", verbose_name=_("支出")
    )
    requirement = models.ForeignKey(
        VoucherRequirement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="vouchers",
        verbose_name=_("凭证"),
    )
    file = models.FileField(_("文件"), upload_to="vouchers/")
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    by_name = models.CharField(_("上传人"), max_length=64)
    at = models.DateTimeField(_("上传时间"))

    objects = OfClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("凭证")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(expense__isnull=False) | Q(requirement__isnull=False),
                name="voucher_belongs_somewhere",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TransferState(models.TextChoices):
    PENDING = "pending", _("待审核")
    DONE = "done", _("已调剂")
    RETURNED = "returned", _("退回")
    REJECTED = "rejected", _("不同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class Transfer(models.Model):
    """Money moved from one category to another of the same class, with its reason; large ones after a review.

    Without a `source` it comes from what was granted and not budgeted: a supplementary budget, always reviewed.
    """

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="transfers", verbose_name=_("班级")
    )
    source = models.ForeignKey(
        ExpenseCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("调出科目"),
    )
    target = models.ForeignKey(ExpenseCategory, models.PROTECT, related_name="+", verbose_name=_("调入科目"))
    amount = yuan(_("金额"))
    reason = models.CharField(_("调剂理由"), max_length=200)
    state = models.CharField(_("状态"), max_length=10, choices=TransferState, default=TransferState.PENDING)
    opinion = models.TextField(_("审核意见"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("经办人")
    )
    by_name = models.CharField(_("经办人姓名"), max_length=64)
    at = models.DateTimeField(_("提出时间"))
    decided_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    objects = OfClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("科目调剂")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_between_two_categories"),
        ]
        indexes = [models.Index(fields=["training_class", "-id"], name="transfer_class_newest")]

    def __str__(self) -> str:
        return f"{self.source_name} → {self.target} {self.amount:,.2f}"

    @property
    def source_name(self) -> str:
        """Where the money comes from, in words."""
        return self.source.name if self.source else _t("核定经费（追加预算）")

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook
