"""Nominations: a school, bureau or college puts a teacher forward for a seat of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.rulebook.models import Rulebook
from portal.sheets.models import ImportBatch
from programs.models import Program, Project, TrainingClass
from quotas.models import Quota

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class SheetState(models.TextChoices):
    DRAFT = "draft", _("待提交")
    SUBMITTED = "submitted", _("已报送")
    WITHDRAWN = "withdrawn", _("已撤回")


class NominationSheetQuerySet(models.QuerySet["NominationSheet"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.is_system:
            return self
        if actor.organization is None or actor.is_trainee:
            return self.none()
        return self.filter(organization__path__startswith=actor.organization.reach.path)


class NominationSheet(models.Model):
    """A filled annex 4: the table and, where the notice asks for it, the stamped scan. Source: CQ20-6.2."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="sheets", verbose_name=_("年度计划"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="sheets", verbose_name=_("报送单位")
    )
    batch = models.OneToOneField(
        ImportBatch, models.PROTECT, null=True, blank=True, related_name="sheet", verbose_name=_("导入批次")
    )
    scan = models.FileField(_("盖章扫描件"), upload_to="scans/", blank=True)
    scan_name = models.CharField(_("扫描件文件名"), max_length=200, blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    # What the notice's rule said when the sheet was submitted.
    scan_required = models.BooleanField(_("须附盖章扫描件"), default=True)
    state = models.CharField(_("状态"), max_length=10, choices=SheetState, default=SheetState.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    created_at = models.DateTimeField(_("创建时间"))
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = NominationSheetQuerySet.as_manager()
    nominations: RelatedManager[Nomination]

    class Meta:
        verbose_name = _("推荐汇总表")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="submitted") | ~Q(scan="") | Q(scan_required=False),
                name="sheet_submitted_with_scan_where_required",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization.label} {self.created_at:%Y-%m-%d}"

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook


class NominationState(models.TextChoices):
    DRAFT = "draft", _("待提交")
    AT_BUREAU = "at_bureau", _("待区县审核")
    SUBMITTED = "submitted", _("待资格审核")
    RETURNED = "returned", _("退回修改")
    APPROVED = "approved", _("审核通过")
    REJECTED = "rejected", _("审核不通过")
    WITHDRAWN = "withdrawn", _("已撤回")
    LAPSED = "lapsed", _("逾期失效")
    REPLACED = "replaced", _("已更换")


# States in which a nomination holds its seat and stands in the way of a second one of the same person.
LIVE = (
    NominationState.DRAFT,
    NominationState.AT_BUREAU,
    NominationState.SUBMITTED,
    NominationState.RETURNED,
    NominationState.APPROVED,
)
# Never put forward: drafts, what was taken back and what lapsed.
NOT_NOMINATED = (NominationState.DRAFT, NominationState.WITHDRAWN, NominationState.LAPSED)


class NominationQuerySet(models.QuerySet["Nomination"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's reach; a base sees the approved ones of its projects; a trainee the own ones."""
        if actor.is_system:
            return self
        if actor.organization is None:
            return self.none()
        if actor.is_trainee:
            return self.filter(teacher__user=actor.user_id)
        # Schools and projects are few: looked up by themselves they spare a list the join of all its rows.
        reach = Q(school__in=Organization.objects.under(actor.organization.reach)) | Q(
            organization=actor.organization
        )
        projects = Project.objects.filter(base=actor.organization)
        return self.filter(reach | Q(project__in=projects, state=NominationState.APPROVED))

    def live(self) -> Self:
        return self.filter(state__in=LIVE)


class Nomination(models.Model):
    """One teacher put forward for one project. It holds one seat of `quota` while it is live.

    `organization` answers for it (the bureau, college or school that nominated); `findings` are the verdicts of the
    rules as they stood when it was judged last.
    """

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="nominations", verbose_name=_("年度计划")
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="nominations", verbose_name=_("项目"))
    training_class = models.ForeignKey(
        TrainingClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="nominations",
        verbose_name=_("班级"),
    )
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="nominations", verbose_name=_("教师"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="nominations", verbose_name=_("推荐单位")
    )
    school = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("工作单位"))
    quota = models.ForeignKey(Quota, models.PROTECT, related_name="nominations", verbose_name=_("名额"))
    sheet = models.ForeignKey(
        NominationSheet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="nominations",
        verbose_name=_("推荐汇总表"),
    )
    substitute_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="substitutes", verbose_name=_("替换")
    )
    state = models.CharField(_("状态"), max_length=10, choices=NominationState, default=NominationState.DRAFT)
    findings = models.JSONField(_("判定"), default=list)
    verdict = models.CharField(_("判定结论"), max_length=8, default="pass")
    opinion = models.TextField(_("审核意见"), blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("推荐时间"))
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = _("推荐")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "project"], condition=Q(state__in=LIVE), name="nomination_once_per_project"
            ),
        ]
        indexes = [
            models.Index(fields=["program", "state", "-id"], name="nomination_program_state"),
            models.Index(fields=["organization", "state", "-id"], name="nomination_org_state"),
            models.Index(fields=["school", "-id"], name="nomination_school"),
            models.Index(fields=["project", "state", "-id"], name="nomination_project_state"),
            models.Index(fields=["teacher"], name="nomination_teacher"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher} · {self.project.code}"

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook
