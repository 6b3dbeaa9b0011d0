"""Enrolments: an approved trainee on the way from the code to the confirmed seat; codes, replacements, bans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.nomination import Nomination
from portal.organizations.models import Organization
from portal.papers.models import IssuedPaper
from portal.people.models import Teacher
from portal.rulebook.models import Clause, Rulebook
from programs.models import Project, TrainingClass

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class EnrollmentState(models.TextChoices):
    APPROVED = "approved", _("待注册")
    REGISTERED = "registered", _("待基地确认")
    BASE_CONFIRMED = "base_confirmed", _("待项目办确认")
    CONFIRMED = "confirmed", _("报名成功")
    WITHDRAWN = "withdrawn", _("已退出")
    REPLACED = "replaced", _("已更换")


STANDING = (
    EnrollmentState.APPROVED,
    EnrollmentState.REGISTERED,
    EnrollmentState.BASE_CONFIRMED,
    EnrollmentState.CONFIRMED,
)


def seen_by(actor: Actor, path: str = "") -> Q:
    """The enrolments of the actor's reach and of the base's projects and classes; a trainee's own.

    `path` leads to them from other rows ("enrollment__"): a list that joins them anyway needs no second look at them.
    """
    if actor.is_system:
        return Q()
    if actor.organization is None:
        return Q(pk__in=[])
    if actor.is_trainee:
        return Q((f"{path}teacher__user", actor.user_id))
    return Q(
        (f"{path}school__path__startswith", actor.organization.reach.path),
        (f"{path}training_class__base", actor.organization),
        (f"{path}project__base", actor.organization),
        _connector=Q.OR,
    )


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(seen_by(actor))

    def standing(self) -> Self:
        return self.filter(state__in=STANDING)

    def on_roster(self) -> Self:
        """The confirmed trainees of classes: those who are expected, attend, are graded and get results."""
        return self.filter(state=EnrollmentState.CONFIRMED, training_class__isnull=False)


class Enrollment(models.Model):
    """An approved trainee's place. `during` mirrors the class's dates, so that no one is in two classes at once."""

    nomination = models.OneToOneField(
        Nomination, models.PROTECT, related_name="enrollment", verbose_name=_("推荐")
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="enrollments", verbose_name=_("项目"))
    training_class = models.ForeignKey(
        TrainingClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrollments",
        verbose_name=_("班级"),
    )
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="enrollments", verbose_name=_("学员"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="enrollments", verbose_name=_("推荐单位")
    )
    school = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("工作单位"))
    state = models.CharField(
        _("状态"), max_length=16, choices=EnrollmentState, default=EnrollmentState.APPROVED
    )
    during = DateRangeField(null=True, blank=True, editable=False)  # type: ignore[misc]
    created_at = models.DateTimeField(_("录取时间"))
    registered_at = models.DateTimeField(_("注册时间"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("报名")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "project"],
                condition=Q(state__in=STANDING),
                name="enrollment_once_per_project",
            ),
            ExclusionConstraint(
                name="enrollment_not_in_two_classes_at_once",
                expressions=[("teacher", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state__in=STANDING, during__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state", "-id"], name="enrollment_project_state"),
            models.Index(fields=["training_class", "state", "-id"], name="enrollment_class_state"),
            models.Index(fields=["school", "-id"], name="enrollment_school"),
            models.Index(fields=["organization", "state", "-id"], name="enrollment_org_state"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher} · {self.project.code}"

    @property
    def rulebook(self) -> Rulebook:
        return self.project.program.rulebook


class RegistrationCode(models.Model):
    """Lets exactly one trainee register. Only its digest rests here: the printed card is the only copy. CQ20-3.3."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="codes", verbose_name=_("报名"))
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(_("发放时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("学员验证码")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=Q(used_at=None, revoked_at=None),
                name="registration_code_one_valid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrollment}"


class ClassCode(models.Model):
    """The one-code-per-class form that annex 1 implies: it opens registration to the class's approved trainees only."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="codes", verbose_name=_("班级")
    )
    code = models.CharField(_("验证码"), max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(_("发放时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("班级验证码")
        constraints = [
            models.UniqueConstraint(
                fields=["training_class"], condition=Q(revoked_at=None), name="class_code_one_valid"
            )
        ]

    def __str__(self) -> str:
        return f"{self.training_class}"


class Replacement(models.Model):
    """Someone who cannot attend gives the seat to another of the same organisation. Source: CQ20-3.4."""

    original = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="replacement", verbose_name=_("原学员")
    )
    substitute = models.OneToOneField(
        Nomination, models.PROTECT, related_name="replacement", verbose_name=_("替换学员")
    )
    reason = models.TextField(_("原因"))
    by_name = models.CharField(_("经办人"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("学员更换")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.original.teacher} → {self.substitute.teacher}"


class SchoolOpinion(models.Model):
    """The school's opinion on the recommendation form (annex 5), recorded when the stamped form is approved. CQ20-6.3."""

    enrollment = models.OneToOneField(
        Enrollment, models.CASCADE, related_name="school_opinion", verbose_name=_("报名")
    )
    opinion = models.TextField(_("推荐学校意见"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("审核人")
    )
    by_name = models.CharField(_("审核人姓名"), max_length=64)
    at = models.DateTimeField(_("时间"))
    paper = models.ForeignKey(
        IssuedPaper, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("推荐表")
    )

    class Meta:
        verbose_name = _("推荐学校意见")

    def __str__(self) -> str:
        return f"{self.enrollment}"


class Ban(models.Model):
    """A teacher may not attend programmes of some levels until a day. Levels as in `programs.Level`."""

    teacher = models.ForeignKey(Teacher, models.CASCADE, related_name="bans", verbose_name=_("教师"))
    levels = models.JSONField(_("适用级别"), default=list)
    from_day = models.DateField(_("自"))
    until_day = models.DateField(_("至"))
    reason = models.TextField(_("事由"))
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("禁训")
        constraints = [
            models.CheckConstraint(condition=Q(until_day__gte=F("from_day")), name="ban_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.teacher} {self.from_day}–{self.until_day}"
