"""The grade scale of a notice. Source: CQ20-5.2."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.rulebook.models import Clause, Rulebook


class GradeLevel(models.Model):
    """One grade of the scale; `cap` is the largest share of a class that may get it (0 to 1), None for no bound."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="grade_levels", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=16)
    name = models.CharField(_("等级"), max_length=20)
    passing = models.BooleanField(_("合格"), default=True)
    cap = models.DecimalField(_("比例上限"), max_digits=4, decimal_places=3, null=True, blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("考核等级")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="grade_level_once"),
            models.CheckConstraint(
                condition=Q(cap=None) | Q(cap__gt=0, cap__lte=1), name="grade_cap_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name
