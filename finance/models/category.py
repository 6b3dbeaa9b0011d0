"""What the programme's money may be spent on. Source: the notice's part on funds (CQ20-4.1, 4.2, 5.5)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.rulebook.models import Clause, Rulebook


class ExpenseCategory(models.Model):
    """One expense category of a notice; `allowed=False` names what must not be charged to the programme.

    `items` are the customary lines (细目) of a budget in this category; others may be added.
    """

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="expense_categories", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("费用科目"), max_length=60)
    allowed = models.BooleanField(_("可列支"), default=True)
    items = ArrayField(models.CharField(max_length=60), verbose_name=_("常用细目"), default=list, blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("费用科目")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["rulebook", "code"], name="expense_category_once")]

    def __str__(self) -> str:
        return self.name


class VoucherRequirement(models.Model):
    """A document that a final account must come with; with a category, only where money of it was spent."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="voucher_requirements", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("凭证"), max_length=60)
    category_code = models.CharField(_("费用科目代号"), max_length=32, blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("决算凭证要求")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["rulebook", "code"], name="voucher_requirement_once")]

    def __str__(self) -> str:
        return self.name
