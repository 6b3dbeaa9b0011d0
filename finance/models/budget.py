"""A class's budget: lines with their calculation, who is paid, and every edition that was submitted. Source: CQ20-5.5."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from finance.models.account import ZERO, yuan
from finance.models.category import ExpenseCategory
from finance.reach import classes_with_money
from portal.crypto import EncryptedTextField
from portal.rulebook.models import Rulebook
from portal.ui.formats import mask
from programs.models import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class BudgetState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回修改")
    APPROVED = "approved", _("已批复")
    REJECTED = "rejected", _("不通过")


class BudgetQuerySet(models.QuerySet["Budget"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(training_class__in=classes_with_money(actor))


class Budget(models.Model):
    """What a class will cost, by category and line. `total` is the sum of its lines; `edition` counts submissions."""

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="budget", verbose_name=_("班级")
    )
    state = models.CharField(_("状态"), max_length=10, choices=BudgetState, default=BudgetState.DRAFT)
    headcount = models.PositiveIntegerField(_("计划人数"), default=0)
    payee = models.CharField(_("收款单位"), max_length=100, blank=True)
    bank = models.CharField(_("开户银行"), max_length=100, blank=True)
    bank_code = models.CharField(_("联行号"), max_length=14, blank=True)
    bank_account = EncryptedTextField(_("账号"), blank=True)
    contact_name = models.CharField(_("项目联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=20, blank=True)
    total = yuan(_("预算合计"), default=ZERO)
    edition = models.PositiveSmallIntegerField(_("报送次数"), default=0)
    opinion = models.TextField(_("审核意见"), blank=True)
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BudgetQuerySet.as_manager()
    lines: RelatedManager[BudgetLine]
    editions: RelatedManager[BudgetEdition]

    class Meta:
        verbose_name = _("经费预算")
        ordering = ("-pk",)
        constraints = [models.CheckConstraint(condition=Q(total__gte=0), name="budget_total_not_negative")]
        indexes = [models.Index(fields=["state", "-id"], name="budget_state_newest")]

    def __str__(self) -> str:
        return f"{self.training_class} {_('经费预算')}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def masked_account(self) -> str:
        """The bank account as pages show it."""
        return mask(self.bank_account) if self.bank_account else ""


class BudgetLine(models.Model):
    """One line (细目): `price` yuan for each `price_unit`, `count` of `count_unit`, `times` of `times_unit`."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="lines", verbose_name=_("经费预算"))
    category = models.ForeignKey(
        ExpenseCategory, models.PROTECT, related_name="budget_lines", verbose_name=_("费用科目")
    )
    item = models.CharField(_("细目"), max_length=60)
    price = models.DecimalField(_("单价"), max_digits=10, decimal_places=2)
    price_unit = models.CharField(_("计价单位"), max_length=20)
    count = models.PositiveIntegerField(_("数量"), validators=[MinValueValidator(1)])
    count_unit = models.CharField(_("数量单位"), max_length=10)
    times = models.PositiveIntegerField(_("次数"), default=1, validators=[MinValueValidator(1)])
    times_unit = models.CharField(_("次数单位"), max_length=10, blank=True)
    amount = yuan(_("金额"))
    note = models.CharField(_("支出说明"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("预算明细")
        ordering = ("category__position", "position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount=ExpressionWrapper(F("price") * F("count") * F("times"), output_field=yuan())
                ),
                name="budget_line_amount_is_product",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="budget_line_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.item}"

    @property
    def product(self) -> Decimal:
        return self.price * self.count * self.times

    @property
    def calculation(self) -> str:
        """The calculation note (计算说明) in the form's words: 350.00元/人·天 × 50人 × 10天."""
        words = f"{self.price:.2f}{_('元')}/{self.price_unit} × {self.count}{self.count_unit}"
        return f"{words} × {self.times}{self.times_unit}" if self.times > 1 or self.times_unit else words


class BudgetEdition(models.Model):
    """A budget as it was submitted, kept as it was."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="editions", verbose_name=_("经费预算"))
    number = models.PositiveSmallIntegerField(_("报送次数"))
    total = yuan(_("预算合计"))
    lines = models.JSONField(_("明细"), default=list)
    by_name = models.CharField(_("报送人"), max_length=64)
    at = models.DateTimeField(_("报送时间"))

    class Meta:
        verbose_name = _("预算报送稿")
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["budget", "number"], name="budget_edition_once")]

    def __str__(self) -> str:
        return f"{self.budget} {self.number}"
