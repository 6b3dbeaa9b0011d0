"""The performance summary: how it is reckoned (data of the notice), and what it said on a day. Source: CQ20-6.4."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import OFFICE, Role
from portal.jobs.models import Job
from portal.organizations.models import Organization
from portal.rulebook.models import Clause, Rulebook
from programs.models import Program, TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

# Who sees every row; a base sees what was said of itself.
OVERSEERS = (*OFFICE, Role.PROVINCIAL_OFFICER)
SEEN_OF_OWN = (Role.BASE_ADMIN, Role.CLASS_TEACHER)


class Indicator(models.Model):
    """One line of the scheme: `numerator` / `denominator` (names of figures) gives `weight` points at `target` (a share)."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="indicators", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("指标"), max_length=60)
    numerator = models.CharField(_("分子"), max_length=32)
    denominator = models.CharField(_("分母"), max_length=32)
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2)
    target = models.DecimalField(_("满分值"), max_digits=6, decimal_places=3, default=Decimal(1))
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("绩效指标")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="indicator_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, target__gt=0), name="indicator_weighs"),
        ]

    def __str__(self) -> str:
        return self.name


class PerformanceRunQuerySet(models.QuerySet["PerformanceRun"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see all; a base those that speak of it."""
        seen = self.filter(program__in=Program.objects.visible_to(actor))
        if actor.is_system or actor.has_role(*OVERSEERS):
            return seen
        if not actor.has_role(*SEEN_OF_OWN):
            return self.none()
        own = PerformanceSummary.objects.filter(base=actor.organization)
        return seen.filter(pk__in=own.values("run"))


class PerformanceRun(models.Model):
    """One reckoning of a whole programme. `scheme` is the scheme as it stood, so that the ranking stays explicable."""

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="performance_runs", verbose_name=_("年度计划")
    )
    on = models.DateField(_("统计日期"))
    at = models.DateTimeField(_("统计时间"))
    by_name = models.CharField(_("统计人"), max_length=64)
    scheme = models.JSONField(_("评分办法"), default=list)
    # A job that is delivered twice finds what it made the first time.
    job = models.OneToOneField(Job, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = PerformanceRunQuerySet.as_manager()
    rows: RelatedManager[PerformanceSummary]

    class Meta:
        verbose_name = _("绩效汇总")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["program", "-id"], name="performance_run_newest")]

    def __str__(self) -> str:
        return f"{self.program} {self.on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("assessment:performance_run", args=[self.pk])

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook


class SummaryLevel(models.TextChoices):
    PROGRAM = "program", _("全部")
    BASE = "base", _("培训基地")
    CLASS = "class", _("班级")


class PerformanceSummaryQuerySet(models.QuerySet["PerformanceSummary"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see all; a base its own and its classes'."""
        seen = self.filter(run__program__in=Program.objects.visible_to(actor))
        if actor.is_system or actor.has_role(*OVERSEERS):
            return seen
        return seen.filter(base=actor.organization) if actor.has_role(*SEEN_OF_OWN) else self.none()


class PerformanceSummary(models.Model):
    """What one reckoning says of a class, a base or the programme; `rank` is among the rows of its level."""

    run = models.ForeignKey(PerformanceRun, models.CASCADE, related_name="rows", verbose_name=_("绩效汇总"))
    level = models.CharField(_("层级"), max_length=8, choices=SummaryLevel)
    base = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("承担单位")
    )
    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("班级")
    )
    classes = models.PositiveIntegerField(_("班级数"), default=1)
    figures = models.JSONField(_("数据"), default=dict, encoder=DjangoJSONEncoder)
    points = models.JSONField(_("各项得分"), default=dict, encoder=DjangoJSONEncoder)
    score = models.DecimalField(_("得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField(_("名次"), null=True, blank=True)

    objects = PerformanceSummaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("绩效汇总行")
        ordering = ("run", "level", "rank", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "level", "base", "training_class"],
                name="performance_row_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(level="class", training_class__isnull=False, base__isnull=False)
                | Q(level="base", training_class=None, base__isnull=False)
                | Q(level="program", training_class=None, base=None),
                name="performance_row_names_its_level",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "level", "rank", "id"], name="performance_rank"),
            models.Index(fields=["base", "-id"], name="performance_base"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What the row is about, in words."""
        if self.training_class_id:
            return str(self.training_class)
        return self.base.label if self.base else str(self.run.program)

    def figure(self, name: str) -> Decimal | None:
        """A figure as a number, None when nobody supplied it."""
        value: Any = self.figures.get(name)
        return None if value is None else Decimal(str(value))

    def share(self, numerator: str, denominator: str) -> Decimal | None:
        """The ratio of two figures in per cent with one place, None when there is nothing to divide by."""
        above, below = self.figure(numerator), self.figure(denominator)
        if above is None or not below:
            return None
        return (above * 100 / below).quantize(Decimal("0.1"))
