"""The plan by which a base carries out a class, and the survey of needs that comes before it. CQ20-3.5, CQ20-5.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.files import KeptFile
from portal.organizations.models import Organization
from portal.rulebook.models import Rulebook
from programs.models.training_class import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class NeedsMethod(models.TextChoices):
    QUESTIONNAIRE = "questionnaire", _("问卷")
    INTERVIEW = "interview", _("访谈")
    MEETING = "meeting", _("座谈")
    MIXED = "mixed", _("多种方式")


class NeedsSummary(models.Model):
    """What the survey of needs before the training found, and what the plan makes of it. CQ20-3.5."""

    training_class = models.OneToOneField(
        TrainingClass, models.CASCADE, related_name="needs", verbose_name=_("班级")
    )
    method = models.CharField(_("调研方式"), max_length=16, choices=NeedsMethod)
    surveyed_on = models.DateField(_("调研日期"))
    respondents = models.PositiveIntegerField(_("调研人数"), validators=[MinValueValidator(1)])
    findings = models.TextField(_("主要需求"))
    response = models.TextField(_("据此对方案的完善"))
    recorded_at = models.DateTimeField(_("登记时间"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("训前需求调研")
        constraints = [models.CheckConstraint(condition=Q(respondents__gte=1), name="needs_of_somebody")]

    def __str__(self) -> str:
        return str(self.training_class)


class PlanState(models.TextChoices):
    DRAFT = "draft", _("编写中")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回修改")
    APPROVED = "approved", _("审核通过")
    REJECTED = "rejected", _("审核不通过")


class TrainingPlanQuerySet(models.QuerySet["TrainingPlan"]):
    def visible_to(self, actor: Actor) -> Self:
        """The base sees its own; the office and its authority what was submitted at least once; nobody else any."""
        if actor.is_system:
            return self
        if actor.organization is None or actor.is_trainee:
            return self.none()
        own = Q(training_class__base=actor.organization)
        office = Q(training_class__project__program__office=actor.organization)
        above = Q(training_class__project__program__office__parent=actor.organization)
        return self.filter(own | ((office | above) & Q(submitted_at__isnull=False)))


class TrainingPlan(models.Model):
    """One class's plan, in the sections of the application form (domain facts §2.7); its course table is the timetable.

    `late` says that it was first handed in after the day that the notice sets; `opinion` is the last reviewer's.
    """

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="plan", verbose_name=_("班级")
    )
    leader = models.CharField(_("项目负责人"), max_length=40)
    leader_phone = models.CharField(_("联系电话"), max_length=20)
    chief_expert = models.CharField(_("首席专家"), max_length=80)
    unit_profile = models.TextField(_("单位情况"), blank=True)
    goals = models.TextField(_("研修目标"))
    content = models.TextField(_("研修内容"))
    methods = models.TextField(_("研修方式"))
    appraisal = models.TextField(_("考核评价"))
    outcomes = models.TextField(_("预期成果"))
    resources = models.TextField(_("师资与课程资源"), blank=True)
    management = models.TextField(_("管理制度"))
    facilities = models.TextField(_("教学设施与实践基地"), blank=True)
    logistics = models.TextField(_("食宿条件"))
    safety = models.TextField(_("医疗保卫"), blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=PlanState, default=PlanState.DRAFT)
    submitted_at = models.DateTimeField(_("首次报送时间"), null=True, blank=True)
    late = models.BooleanField(_("逾期报送"), default=False)
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    opinion = models.TextField(_("审核意见"), blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TrainingPlanQuerySet.as_manager()
    files: RelatedManager[PlanFile]

    class Meta:
        verbose_name = _("培训方案")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False), name="plan_submitted_has_time"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="plan_state")]

    def __str__(self) -> str:
        return str(self.training_class)

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def base(self) -> Organization:
        return self.training_class.base


class PlanFile(KeptFile):
    plan = models.ForeignKey(TrainingPlan, models.CASCADE, related_name="files", verbose_name=_("培训方案"))

    class Meta:
        verbose_name = _("方案附件")
        ordering = ("pk",)
