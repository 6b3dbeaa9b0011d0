"""Inspections: who visits which project when and how, what they found, what the base answered. Source: CQ20-6.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.template import InspectionItem
from portal.accounts.roles import OFFICE, Role
from portal.files import KeptFile
from portal.organizations.models import Organization
from portal.rulebook.models import Rulebook
from programs.models import Program, Project, TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

PLANNERS = (Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER, Role.PROVINCIAL_OFFICER)
VISITORS = (Role.EXPERT, *OFFICE, Role.PROVINCIAL_OFFICER)


class Method(models.TextChoices):
    ON_SITE = "on_site", _("现场视导")
    CLASSROOM = "classroom", _("随堂听课")
    DOCUMENTS = "documents", _("资料查阅")
    ONLINE = "online", _("线上视导")


class InspectionState(models.TextChoices):
    PLANNED = "planned", _("待视导")
    SUBMITTED = "submitted", _("整改反馈中")
    CLOSED = "closed", _("已办结")
    CANCELLED = "cancelled", _("已取消")


# In these the visit has taken place.
VISITED = (InspectionState.SUBMITTED, InspectionState.CLOSED)


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see all, inspectors their own visits, a base what was submitted about it."""
        if actor.is_system:
            return self
        if actor.has_role(Role.EXPERT):
            return self.filter(pk__in=Inspector.objects.filter(user=actor.user_id).values("inspection"))
        seen = self.filter(project__program__in=Program.objects.visible_to(actor))
        if actor.role in PLANNERS:
            return seen
        if actor.has_role(Role.BASE_ADMIN):
            return seen.filter(base=actor.organization, state__in=VISITED)
        return self.none()

    def visited(self) -> Self:
        """Those whose visit has taken place and whose record was submitted."""
        return self.filter(state__in=VISITED)


class Inspection(models.Model):
    """One visit to a project, or to one class of it. `score` is 0 to 100, the sum of its marks, once submitted."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="inspections", verbose_name=_("项目"))
    training_class = models.ForeignKey(
        TrainingClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name=_("班级"),
    )
    base = models.ForeignKey(
        Organization, models.PROTECT, related_name="inspections", verbose_name=_("承担单位")
    )
    method = models.CharField(_("视导方式"), max_length=12, choices=Method, default=Method.ON_SITE)
    planned_on = models.DateField(_("计划日期"))
    visited_on = models.DateField(_("视导日期"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=InspectionState, default=InspectionState.PLANNED
    )
    opinion = models.TextField(_("总体评价"), blank=True)
    advice = models.TextField(_("意见建议"), blank=True)
    score = models.DecimalField(_("得分"), max_digits=5, decimal_places=2, null=True, blank=True)
    planned_by_name = models.CharField(_("安排人"), max_length=64)
    submitted_by_name = models.CharField(_("提交人"), max_length=64, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = InspectionQuerySet.as_manager()
    inspectors: RelatedManager[Inspector]
    marks: RelatedManager[InspectionMark]
    points: RelatedManager[InspectionPoint]
    files: RelatedManager[InspectionFile]

    class Meta:
        verbose_name = _("视导")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="inspection_score_in_hundred"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "closed"])
                | Q(score__isnull=False, visited_on__isnull=False, submitted_at__isnull=False),
                name="inspection_submitted_with_score",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state"], name="inspection_project_state"),
            models.Index(fields=["state", "planned_on"], name="inspection_state_planned"),
            models.Index(fields=["base", "state", "-id"], name="inspection_base_state"),
        ]

    def __str__(self) -> str:
        return f"{self.project.code} {self.planned_on:%Y-%m-%d}"

    @property
    def rulebook(self) -> Rulebook:
        return self.project.program.rulebook


class Inspector(models.Model):
    """One of those who visit: a person who holds the role of expert, or one of the office or its authority."""

    inspection = models.ForeignKey(
        Inspection, models.CASCADE, related_name="inspectors", verbose_name=_("视导")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="inspections", verbose_name=_("视导人员")
    )

    class Meta:
        verbose_name = _("视导人员")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["inspection", "user"], name="inspector_once")]

    def __str__(self) -> str:
        return str(self.user)


class InspectionMark(models.Model):
    """The points given for one item of the scheme; `most` is what the item could give when it was scored."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="marks", verbose_name=_("视导"))
    item = models.ForeignKey(InspectionItem, models.PROTECT, related_name="marks", verbose_name=_("视导内容"))
    most = models.PositiveSmallIntegerField(_("分值"))
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=2)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("视导评分")
        ordering = ("item__position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "item"], name="inspection_mark_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0, points__lte=F("most")), name="inspection_mark_within_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.points}"


class PointState(models.TextChoices):
    OPEN = "open", _("待整改反馈")
    ANSWERED = "answered", _("待核实")
    ACCEPTED = "accepted", _("已办结")
    RETURNED = "returned", _("退回补充")
    NOTED = "noted", _("无需反馈")


class InspectionPoint(models.Model):
    """One finding of a visit. The base answers it by `due_on`, the office accepts or returns the answer."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="points", verbose_name=_("视导"))
    number = models.PositiveSmallIntegerField(_("序号"))
    item = models.ForeignKey(
        InspectionItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("视导内容"),
    )
    text = models.TextField(_("问题与发现"))
    state = models.CharField(_("状态"), max_length=12, choices=PointState, default=PointState.OPEN)
    due_on = models.DateField(_("反馈期限"), null=True, blank=True)
    answer = models.TextField(_("整改情况"), blank=True)
    answered_by_name = models.CharField(_("反馈人"), max_length=64, blank=True)
    answered_at = models.DateTimeField(_("反馈时间"), null=True, blank=True)
    opinion = models.TextField(_("核实意见"), blank=True)

    class Meta:
        verbose_name = _("视导发现")
        ordering = ("number", "pk")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "number"], name="inspection_point_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "accepted"]) | ~Q(answer=""),
                name="inspection_point_answered_with_words",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class InspectionFile(KeptFile):
    """A photograph or document of a visit."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="files", verbose_name=_("视导"))

    class Meta:
        verbose_name = _("视导附件")
        ordering = ("pk",)


class CircularQuerySet(models.QuerySet["Circular"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see all; others what was sent to their organisation."""
        if actor.is_system:
            return self
        if actor.role in PLANNERS:
            return self.filter(program__in=Program.objects.visible_to(actor))
        if actor.organization is None or actor.is_trainee:
            return self.none()
        sent = CircularCopy.objects.filter(organization=actor.organization)
        return self.filter(pk__in=sent.values("circular"))


class Circular(models.Model):
    """The results of inspections, circulated within bounds (在一定范围内进行通报). Source: CQ20-6.4."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="circulars", verbose_name=_("年度计划"))
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("正文"))
    inspections = models.ManyToManyField(Inspection, related_name="circulars", verbose_name=_("视导"))
    by_name = models.CharField(_("发布人"), max_length=64)
    at = models.DateTimeField(_("发布时间"))

    objects = CircularQuerySet.as_manager()
    copies: RelatedManager[CircularCopy]

    class Meta:
        verbose_name = _("视导通报")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook


class CircularCopy(models.Model):
    """That a circular went to an organisation, and when somebody there first opened it."""

    circular = models.ForeignKey(Circular, models.CASCADE, related_name="copies", verbose_name=_("通报"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="circulars", verbose_name=_("接收单位")
    )
    read_at = models.DateTimeField(_("首次阅读"), null=True, blank=True)

    class Meta:
        verbose_name = _("通报送达")
        ordering = ("organization__path", "pk")
        constraints = [
            models.UniqueConstraint(fields=["circular", "organization"], name="circular_copy_once")
        ]

    def __str__(self) -> str:
        return f"{self.circular} → {self.organization}"
