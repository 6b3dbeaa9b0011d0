"""The quota tables of a notice, and the ledger of seats that follows from them.

A seat is received from above, passed on below, or held by a nomination. `free = received - passed - held` never
falls below zero: each movement changes one row by a conditional statement, with a check constraint behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization
from portal.rulebook.models import Rulebook
from programs.models import Program, Project

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class TableKind(models.TextChoices):
    DISTRICTS = "districts", _("附件3-1 中职（区县）")
    COLLEGES = "colleges", _("附件3-2 高职（院校）")


class TableState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    ISSUED = "issued", _("已下达")


class QuotaTableQuerySet(models.QuerySet["QuotaTable"]):
    def visible_to(self, actor: Actor) -> Self:
        """Drafts are the office's; once issued a table is open to everyone the programme is open to."""
        seen = self.filter(program__in=Program.objects.visible_to(actor))
        if actor.is_system or actor.has_role(*OFFICE, Role.PROVINCIAL_OFFICER):
            return seen
        return seen.filter(state=TableState.ISSUED)


class QuotaTable(models.Model):
    """Organisations × projects with both margins (annex 3-1 or 3-2)."""

    program = models.ForeignKey(
        Program, models.CASCADE, related_name="quota_tables", verbose_name=_("年度计划")
    )
    kind = models.CharField(_("表别"), max_length=10, choices=TableKind)
    state = models.CharField(_("状态"), max_length=8, choices=TableState, default=TableState.DRAFT)
    issued_at = models.DateTimeField(_("下达时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = QuotaTableQuerySet.as_manager()
    cells: RelatedManager[QuotaCell]

    class Meta:
        verbose_name = _("名额分配表")
        constraints = [models.UniqueConstraint(fields=["program", "kind"], name="quota_table_once")]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook


class QuotaCell(models.Model):
    """One planned number of a table; it becomes seats when the table is issued."""

    table = models.ForeignKey(QuotaTable, models.CASCADE, related_name="cells", verbose_name=_("名额分配表"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("单位"))
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    seats = models.PositiveIntegerField(_("名额"))

    class Meta:
        verbose_name = _("分配数")
        constraints = [
            models.UniqueConstraint(fields=["table", "organization", "project"], name="quota_cell_once")
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.project} {self.seats}"


class QuotaQuerySet(models.QuerySet["Quota"]):
    def visible_to(self, actor: Actor) -> Self:
        """Quotas in the actor's reach, and for a base those of its own projects."""
        if actor.is_system:
            return self
        if actor.organization is None or actor.is_trainee:
            return self.none()
        reach = Q(organization__path__startswith=actor.organization.reach.path)
        return self.filter(reach | Q(project__base=actor.organization))

    def free(self) -> Self:
        return self.annotate(free_seats=F("received") - F("passed") - F("held"))


class Quota(models.Model):
    """Seats of a project held by an organisation. `parent` is the quota they were split from."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="quotas", verbose_name=_("项目"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="quotas", verbose_name=_("单位")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级名额")
    )
    received = models.PositiveIntegerField(_("下达"), default=0)
    passed = models.PositiveIntegerField(_("已分出"), default=0)
    held = models.PositiveIntegerField(_("已占用"), default=0)
    nominations_closed_at = models.DateTimeField(_("停止报送时间"), null=True, blank=True)

    objects = QuotaQuerySet.as_manager()
    movements: RelatedManager[QuotaMovement]

    class Meta:
        verbose_name = _("名额")
        ordering = ("project__code", "organization__path")
        constraints = [
            models.UniqueConstraint(fields=["project", "organization"], name="quota_once"),
            models.CheckConstraint(
                condition=Q(received__gte=F("passed") + F("held")), name="quota_never_overdrawn"
            ),
        ]
        indexes = [models.Index(fields=["organization", "project"], name="quota_organization_project")]

    def __str__(self) -> str:
        return f"{self.organization.label} · {self.project.code}"

    @property
    def giver(self) -> Organization:
        """Who gave these seats and may move them: the bureau above, or the project office."""
        return self.parent.organization if self.parent else self.project.program.office

    @property
    def used(self) -> int:
        return self.passed + self.held

    @property
    def free(self) -> int:
        return self.received - self.passed - self.held

    @property
    def rulebook(self) -> Rulebook:
        return self.project.program.rulebook


class MovementKind(models.TextChoices):
    ISSUE = "issue", _("下达")
    ALLOCATE = "allocate", _("分配")
    TRANSFER = "transfer", _("调剂")
    RECLAIM = "reclaim", _("收回")
    HOLD = "hold", _("占用")
    RELEASE = "release", _("释放")


class QuotaMovement(models.Model):
    """One entry of the ledger. The sums of its three deltas are the quota's three balances."""

    quota = models.ForeignKey(Quota, models.PROTECT, related_name="movements", verbose_name=_("名额"))
    kind = models.CharField(_("类型"), max_length=10, choices=MovementKind)
    received = models.IntegerField(_("下达变动"), default=0)
    passed = models.IntegerField(_("分出变动"), default=0)
    held = models.IntegerField(_("占用变动"), default=0)
    counterpart = models.ForeignKey(
        Quota, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("对方")
    )
    nomination_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("经办人")
    )
    by_name = models.CharField(_("经办人姓名"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("名额变动")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["quota", "-id"], name="quota_movement_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received:+d}/{self.passed:+d}/{self.held:+d}"
