"""Classes, their timetables, and what a base owes for each."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization
from portal.rulebook.models import Clause, Rulebook
from programs.models.program import Program, Project

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class ClassState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    PUBLISHED = "published", _("已发布")
    OPEN = "open", _("已开班")
    FINISHED = "finished", _("已结班")
    CANCELLED = "cancelled", _("已取消")


# The window in which classes are made and published.
PUBLICATION = "class_publication"
# Whoever is concerned sees a class in these.
ANNOUNCED = (ClassState.PUBLISHED, ClassState.OPEN, ClassState.FINISHED)


class TrainingClassQuerySet(models.QuerySet["TrainingClass"]):
    def visible_to(self, actor: Actor) -> Self:
        """The base sees its own, the office and its authority see all; others see what is published."""
        seen = self.filter(project__program__in=Program.objects.visible_to(actor))
        if actor.is_system or actor.has_role(*OFFICE, Role.PROVINCIAL_OFFICER):
            return seen
        return seen.filter(Q(state__in=ANNOUNCED) | Q(base=actor.organization))

    def published(self) -> Self:
        """Published, whether or not they have opened or finished since."""
        return self.filter(state__in=ANNOUNCED)


class TrainingClass(models.Model):
    """One delivery of a project by a base. `taken` counts its trainees and never exceeds `capacity`."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="classes", verbose_name=_("项目"))
    base = models.ForeignKey(Organization, models.PROTECT, related_name="classes", verbose_name=_("承担单位"))
    number = models.PositiveSmallIntegerField(_("期次"), default=1)
    name = models.CharField(_("班级名称"), max_length=160)
    starts_on = models.DateField(_("开班日期"))
    ends_on = models.DateField(_("结束日期"))
    place = models.CharField(_("培训地点"), max_length=120)
    capacity = models.PositiveIntegerField(_("容量"), validators=[MinValueValidator(1)])
    taken = models.PositiveIntegerField(_("已编入"), default=0, editable=False)
    contact_name = models.CharField(_("联系人"), max_length=40)
    contact_phone = models.CharField(_("联系电话"), max_length=20)
    class_teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="classes",
        verbose_name=_("班主任"),
    )
    state = models.CharField(_("状态"), max_length=10, choices=ClassState, default=ClassState.DRAFT)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replacement",
        verbose_name=_("代替的班级"),
    )
    # With the office's consent beyond the window: a cancelled class may be replaced, its replacement published until then.
    publishable_until = models.DateTimeField(_("补编截止"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TrainingClassQuerySet.as_manager()
    named_by: ClassVar = ("name",)
    lessons: RelatedManager[Lesson]

    class Meta:
        verbose_name = _("班级")
        ordering = ("project__code", "number")
        constraints = [
            models.UniqueConstraint(fields=["project", "base", "number"], name="class_number_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="class_ends_after_start"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="class_taken_within_capacity"),
        ]
        indexes = [
            models.Index(fields=["base", "state", "-id"], name="class_base_state"),
            models.Index(fields=["starts_on"], name="class_start"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rulebook(self) -> Rulebook:
        return self.project.program.rulebook

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def late_until(self, phase: str) -> datetime | None:
        """Until when the office has allowed what belongs into the window `phase`, or None."""
        return self.publishable_until if phase == PUBLICATION else None

    def has_started(self, on: date) -> bool:
        return on >= self.starts_on


class LessonMode(models.TextChoices):
    LECTURE = "lecture", _("专题讲座")
    SEMINAR = "seminar", _("研讨交流")
    PRACTICE = "practice", _("实践教学")
    SITE = "site", _("现场教学")
    ENTERPRISE = "enterprise", _("企业实践")
    ONLINE = "online", _("网络研修")
    OTHER = "other", _("其他")


class Lesson(models.Model):
    """One entry of a class's timetable (layout: domain facts §2.5). `hours` are 学时 of 45 minutes."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="lessons", verbose_name=_("班级")
    )
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    topic = models.CharField(_("专题"), max_length=160)
    place = models.CharField(_("培训地点"), max_length=120)
    mode = models.CharField(_("培训方式"), max_length=12, choices=LessonMode, default=LessonMode.LECTURE)
    lecturer_name = models.CharField(_("专家姓名"), max_length=64)
    lecturer_title = models.CharField(_("职称"), max_length=40)
    lecturer_unit = models.CharField(_("工作单位"), max_length=100)
    lecturer_province = models.CharField(_("省份"), max_length=20)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("课程")
        ordering = ("starts_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="lesson_ends_after_start"),
            ExclusionConstraint(
                name="lesson_no_overlap_in_class",
                expressions=[
                    ("training_class", RangeOperators.EQUAL),
                    (Func("starts_at", "ends_at", function="tstzrange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.topic


class Anchor(models.TextChoices):
    START = "start", _("开班")
    END = "end", _("结束")


class DeliverableRequirement(models.Model):
    """What a base owes for each class: how many, and due so many days from the class's start or end."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="deliverables", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("应交材料"), max_length=60)
    anchor = models.CharField(_("基准日"), max_length=8, choices=Anchor)
    offset_days = models.SmallIntegerField(_("偏移天数"), help_text=_("负数表示基准日之前"))
    minimum = models.PositiveSmallIntegerField(_("最少份数"), default=1)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("应交材料要求")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="deliverable_requirement_once")
        ]

    def __str__(self) -> str:
        return self.name
