"""What the programme's money may be spent on. Source: the notice's part on funds (CQ20-4.1, 4.2, 5.5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.rulebook.models import Clause, Rulebook


class ExpenseCategory(models.Model):
    """One expense category of a notice; `allowed=False` names what must not be charged to the programme."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="expense_categories", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("费用科目"), max_length=60)
    allowed = models.BooleanField(_("可列支"), default=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("费用科目")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["rulebook", "code"], name="expense_category_once")]

    def __str__(self) -> str:
        return self.name
