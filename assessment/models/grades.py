"""Marks and grades: one `Grade` a trainee, one `ClassGrading` a class, its capped levels counted. Source: CQ20-5.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.scale import GradeLevel
from enrollment.models import Enrollment, seen_by
from portal.accounts.roles import OFFICE, Role
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass
from programs.scopes import followed_by

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class GradingState(models.TextChoices):
    OPEN = "open", _("评定中")
    SUBMITTED = "submitted", _("已提交")
    CLOSED = "closed", _("已审定")


class ClassGradingQuerySet(models.QuerySet["ClassGrading"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if actor.is_system else self.filter(training_class__in=followed_by(actor))


class ClassGrading(models.Model):
    """The grading of one class. `trainees`: who checked in, the number that the caps are shares of."""

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="grading", verbose_name=_("班级")
    )
    state = models.CharField(_("状态"), max_length=10, choices=GradingState, default=GradingState.OPEN)
    trainees = models.PositiveIntegerField(_("参训人数"), default=0)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("审定时间"), null=True, blank=True)

    objects = ClassGradingQuerySet.as_manager()
    grades: RelatedManager[Grade]
    tallies: RelatedManager[LevelTally]

    class Meta:
        verbose_name = _("班级成绩")

    def __str__(self) -> str:
        return f"{self.training_class}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook


class LevelTally(models.Model):
    """How many of a class have a capped level, and how many may. Never more, whoever writes. Source: CQ20-5.2."""

    grading = models.ForeignKey(
        ClassGrading, models.CASCADE, related_name="tallies", verbose_name=_("班级成绩")
    )
    level = models.ForeignKey(GradeLevel, models.PROTECT, related_name="+", verbose_name=_("等级"))
    used = models.PositiveIntegerField(_("已评"), default=0)
    most = models.PositiveIntegerField(_("上限"), default=0)

    class Meta:
        verbose_name = _("等级名额")
        ordering = ("level__position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["grading", "level"], name="tally_once"),
            models.CheckConstraint(condition=Q(used__lte=F("most")), name="tally_within_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.used}/{self.most}"

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


class GradeQuerySet(models.QuerySet["Grade"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the enrolments one sees; trainees and their organisations only what is final."""
        seen = self.filter(seen_by(actor, "enrollment__"))
        if actor.is_system or (actor.organization and seen_before_final(actor)):
            return seen
        return seen.filter(final=True)

    def final(self) -> Self:
        return self.filter(final=True)


def seen_before_final(actor: Actor) -> bool:
    """Whether the actor's role works on grades before they are fixed: bases and the office."""
    return actor.has_role(Role.BASE_ADMIN, Role.CLASS_TEACHER, Role.PROVINCIAL_OFFICER, *OFFICE)


def _of_hundred(name: str) -> models.BaseConstraint:
    within = Q(**{f"{name}__gte": 0, f"{name}__lte": 100})
    return models.CheckConstraint(
        condition=Q(**{f"{name}__isnull": True}) | within, name=f"grade_{name}_of_hundred"
    )


class Grade(models.Model):
    """A trainee's marks and level; one an enrolment.

    Marks and `score` are 0 to 100 with one decimal; `attendance_rate` is in per cent. `attendance_rate` and `score` are
    written when the grading is submitted, from the attendance as it then stands. `final`: the grading is closed.
    """

    grading = models.ForeignKey(
        ClassGrading, models.PROTECT, related_name="grades", verbose_name=_("班级成绩")
    )
    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="grade", verbose_name=_("学员")
    )
    level = models.ForeignKey(
        GradeLevel, models.PROTECT, null=True, blank=True, related_name="grades", verbose_name=_("考核等级")
    )
    attendance_rate = models.DecimalField(
        _("出勤率（%）"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    performance_mark = models.DecimalField(
        _("学习表现"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    outcome_mark = models.DecimalField(_("培训成果"), max_digits=4, decimal_places=1, null=True, blank=True)
    score = models.DecimalField(_("综合得分"), max_digits=4, decimal_places=1, null=True, blank=True)
    comment = models.CharField(_("评语"), max_length=500, blank=True)
    final = models.BooleanField(_("已审定"), default=False)
    updated_at = models.DateTimeField(_("登记时间"))
    by_name = models.CharField(_("登记人"), max_length=64)

    objects = GradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("学员成绩")
        ordering = ("pk",)
        constraints = [
            _of_hundred("attendance_rate"),
            _of_hundred("performance_mark"),
            _of_hundred("outcome_mark"),
            _of_hundred("score"),
            models.CheckConstraint(
                condition=Q(final=False) | Q(level__isnull=False), name="grade_final_has_level"
            ),
        ]
        indexes = [models.Index(fields=["grading", "level"], name="grade_class_level")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.level or _('未评定')}"

    @property
    def rulebook(self) -> Rulebook:
        return self.enrollment.rulebook
