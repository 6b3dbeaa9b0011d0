"""A year's programme, its categories, its projects and whom they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization
from portal.people.codes import Stage, TitleLevel
from portal.rulebook.models import Clause, Rulebook

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

SEES_DRAFTS = (*OFFICE, Role.PROVINCIAL_OFFICER, Role.AUDIT_ADMIN)


class Level(models.TextChoices):
    NATIONAL = "national", _("国培")
    PROVINCIAL = "provincial", _("省培")
    MUNICIPAL = "municipal", _("市培")
    DISTRICT = "district", _("区县")
    SCHOOL = "school", _("校本")


class ProgramState(models.TextChoices):
    DRAFT = "draft", _("筹备中")
    PUBLISHED = "published", _("实施中")
    CLOSED = "closed", _("已结束")


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see drafts; everyone in the authority's reach sees what is published."""
        if actor.is_system:
            return self
        if actor.organization is None:
            return self.none()
        superiors = [*actor.organization.ancestor_ids, actor.organization.pk]
        seen = self.filter(Q(office__parent__in=superiors) | Q(office__in=superiors))
        return seen if actor.has_role(*SEES_DRAFTS) else seen.exclude(state=ProgramState.DRAFT)


class Program(models.Model):
    """One notice's year of training."""

    rulebook = models.OneToOneField(
        Rulebook, models.PROTECT, related_name="program", verbose_name=_("规则手册")
    )
    office = models.ForeignKey(
        Organization, models.PROTECT, related_name="programs", verbose_name=_("项目办")
    )
    name = models.CharField(_("计划名称"), max_length=200)
    year = models.PositiveSmallIntegerField(_("年度"))
    level = models.CharField(_("级别"), max_length=12, choices=Level, default=Level.NATIONAL)
    state = models.CharField(_("状态"), max_length=10, choices=ProgramState, default=ProgramState.DRAFT)
    demo = models.BooleanField(_("演示"), default=False)
    version = models.PositiveIntegerField(default=1)

    objects = ProgramQuerySet.as_manager()
    named_by: ClassVar = ("name",)
    categories: RelatedManager[Category]
    projects: RelatedManager[Project]

    class Meta:
        verbose_name = _("年度计划")
        ordering = ("-year", "-pk")

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    program = models.ForeignKey(
        Program, models.CASCADE, related_name="categories", verbose_name=_("年度计划")
    )
    code = models.CharField(_("类别代码"), max_length=16)
    name = models.CharField(_("项目类别"), max_length=60)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    named_by: ClassVar = ("name",)

    class Meta:
        verbose_name = _("项目类别")
        ordering = ("position", "code")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="category_code_once")]

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(program__in=Program.objects.visible_to(actor))


class Project(models.Model):
    """One project of the description table (annex 2). `seats` is the total that all quotas together may not exceed."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="projects", verbose_name=_("年度计划"))
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="projects", verbose_name=_("项目类别")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级项目")
    )
    code = models.CharField(_("项目编号"), max_length=24)
    name = models.CharField(_("项目名称"), max_length=120)
    initials = models.CharField(max_length=100, editable=False)
    goal = models.TextField(_("培训目标"), blank=True)
    content = models.TextField(_("培训内容"), blank=True)
    mode = models.CharField(_("培训方式"), max_length=60, blank=True)
    days = models.PositiveSmallIntegerField(_("天数"), validators=[MinValueValidator(1)])
    hours = models.PositiveSmallIntegerField(_("学时"), validators=[MinValueValidator(1)])
    seats = models.PositiveIntegerField(_("人数"), validators=[MinValueValidator(1)])
    base = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("承担单位"),
    )
    open_quota = models.BooleanField(_("名额由基地另行通知"), default=False)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ProjectQuerySet.as_manager()
    named_by: ClassVar = ("code", "name")
    classes: RelatedManager[TrainingClass]
    audience: Audience

    class Meta:
        verbose_name = _("项目")
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="project_code_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, hours__gte=1, seats__gte=1), name="project_has_extent"
            ),
        ]
        indexes = [models.Index(fields=["base", "code"], name="project_base_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook


class Audience(models.Model):
    """Who may attend. An empty list or None sets no bound."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="audience", verbose_name=_("项目"))
    stages = ArrayField(
        models.CharField(max_length=12, choices=Stage), verbose_name=_("学段"), default=list, blank=True
    )
    school_kinds = ArrayField(
        models.CharField(max_length=24), verbose_name=_("学校类别"), default=list, blank=True
    )
    subjects = ArrayField(models.CharField(max_length=60), verbose_name=_("专业"), default=list, blank=True)
    min_title_level = models.CharField(_("最低职称级别"), max_length=12, choices=TitleLevel, blank=True)
    min_years = models.PositiveSmallIntegerField(_("最低教龄（年）"), null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(_("最高年龄（岁）"), null=True, blank=True)
    posts = ArrayField(models.CharField(max_length=40), verbose_name=_("职务"), default=list, blank=True)
    double_qualified = models.BooleanField(_("须为双师型"), default=False)
    text = models.TextField(_("培训对象及条件（原文）"), blank=True)

    class Meta:
        verbose_name = _("培训对象")

    def __str__(self) -> str:
        return self.text or str(self.project)


if TYPE_CHECKING:
    from programs.models.training_class import TrainingClass

__all__ = ["Audience", "Category", "Level", "Program", "ProgramState", "Project"]
