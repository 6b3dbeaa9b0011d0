"""Who came, and what became of each trainee. Source: CQ20-5.1, CQ20-5.2, CQ20-6.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.enrollment import Enrollment, seen_by
from portal.rulebook.models import Clause
from programs.models import TrainingClass

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class Arrival(models.TextChoices):
    PRESENT = "present", _("已报到")
    NO_SHOW = "no_show", _("未报到")


class ArrivalMethod(models.TextChoices):
    QR = "qr", _("扫码")
    LIST = "list", _("班主任登记")
    DEADLINE = "deadline", _("逾期自动记录")


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(seen_by(actor, "enrollment__"))

    def present(self) -> Self:
        return self.filter(state=Arrival.PRESENT)


class CheckIn(models.Model):
    """A trainee's arrival at the class, or that nobody came in time. `form_copies`: originals of annex 5 handed in."""

    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="check_in", verbose_name=_("学员")
    )
    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="check_ins", verbose_name=_("班级")
    )
    state = models.CharField(_("报到状态"), max_length=8, choices=Arrival)
    method = models.CharField(_("登记方式"), max_length=8, choices=ArrivalMethod)
    form_copies = models.PositiveSmallIntegerField(_("已交推荐表份数"), default=0)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("登记人")
    )
    by_name = models.CharField(_("登记人姓名"), max_length=64)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("报到")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state=Arrival.PRESENT) | Q(form_copies=0), name="check_in_forms_of_those_present"
            )
        ]
        indexes = [models.Index(fields=["training_class", "state"], name="check_in_class_state")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.get_state_display()}"


class OutcomeKind(models.TextChoices):
    PASSED = "passed", _("考核合格")
    FAILED = "failed", _("考核不合格")
    NO_SHOW = "no_show", _("未报到")


class TrainingOutcome(models.Model):
    """What became of a trainee in a class, kept for the rules of later programmes (bans). Source: CQ20-5.2."""

    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="outcome", verbose_name=_("学员")
    )
    kind = models.CharField(_("结果"), max_length=8, choices=OutcomeKind)
    level_name = models.CharField(_("考核等级"), max_length=20, blank=True)
    at = models.DateTimeField(_("时间"))
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))

    class Meta:
        verbose_name = _("参训结果")
        indexes = [models.Index(fields=["kind", "at"], name="outcome_kind_at")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.get_kind_display()}"
