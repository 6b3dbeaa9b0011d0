"""Papers that were issued, and the print runs that made them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import SEPARATED, STAFF, Role
from portal.jobs.models import Job, JobState
from portal.organizations.models import Organization
from portal.papers import codes

if TYPE_CHECKING:
    from portal.operations.actor import Actor

# Whose organisation's papers are open to them, not only those they printed themselves.
OFFICE_HOLDERS = STAFF - SEPARATED - {Role.EXPERT}
MOST_COPIES = 5


def printed_within_reach(actor: Actor) -> Q:
    """What the actor printed, and for office holders what their organisation and those below it printed."""
    if actor.is_system:
        return Q()
    mine = Q(owner=actor.user_id, owner__isnull=False)
    if actor.organization is None or actor.role not in OFFICE_HOLDERS:
        return mine
    return mine | Q(organization__path__startswith=actor.organization.reach.path)


class PaperState(models.TextChoices):
    PENDING = "pending", _("打印中")
    VALID = "valid", _("有效")
    SUPERSEDED = "superseded", _("已被新版取代")
    REVOKED = "revoked", _("已作废")


LIVE = (PaperState.PENDING, PaperState.VALID)


class IssuedPaperQuerySet(models.QuerySet["IssuedPaper"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(printed_within_reach(actor))

    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def public(self) -> Self:
        """Those that a stranger may be told of: a paper not yet printed is in nobody's hands."""
        return self.exclude(state=PaperState.PENDING)

    def about(self, subject_type: str, ids: Iterable[int]) -> Self:
        return self.filter(subject_type=subject_type, subject_id__in=ids)


class IssuedPaper(models.Model):
    """One paper with its public code. Printed again without a change it stays the same paper; else a new one follows."""

    kind = models.CharField(_("类型"), max_length=64)
    code = models.CharField(
        _("核验码"), max_length=codes.LENGTH, unique=True, default=codes.new_code, editable=False
    )
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    title = models.CharField(_("文件名称"), max_length=200)
    number = models.CharField(_("编号"), max_length=64, blank=True)
    facts = models.JSONField(_("公开信息"), default=dict)
    content_digest = models.CharField(max_length=64)
    state = models.CharField(_("状态"), max_length=10, choices=PaperState, default=PaperState.PENDING)
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("打印单位")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("打印人")
    )
    issued_on = models.DateField(_("出具日期"))
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(_("失效时间"), null=True)

    objects = IssuedPaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("已出具文件")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state=PaperState.VALID),
                name="paper_valid_once_a_subject",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_id", "content_digest"],
                condition=Q(state__in=LIVE),
                name="paper_content_live_once",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="paper_subject")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}".strip()

    def get_absolute_url(self) -> str:
        """The public page that its QR code opens."""
        return reverse("papers:verify", args=[self.code])


class Layout(models.TextChoices):
    BOOK = "book", _("合并为一个 PDF 文件")
    FILES = "files", _("每人一个 PDF 文件（压缩包）")


class PaperBatchQuerySet(models.QuerySet["PaperBatch"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(printed_within_reach(actor))


class PaperBatch(models.Model):
    """One print run. Its files lie in a folder of its own, under an unguessable name."""

    kind = models.CharField(_("类型"), max_length=64)
    title = models.CharField(_("名称"), max_length=200)
    layout = models.CharField(_("形式"), max_length=8, choices=Layout, default=Layout.BOOK)
    copies = models.PositiveSmallIntegerField(_("每人份数"), default=1)
    total = models.PositiveIntegerField(_("人数"))
    folder = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(_("页数"), default=0)
    printed_on = models.DateField(_("打印日期"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("打印单位")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("打印人")
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("开始时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    objects = PaperBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("打印批次")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(copies__gte=1, copies__lte=MOST_COPIES), name="paper_batch_copies_one_to_five"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | ~Q(file_name=""), name="paper_batch_finished_has_file"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("papers:batch", args=[self.pk])


class PaperChunkQuerySet(models.QuerySet["PaperChunk"]):
    def unfinished(self) -> Self:
        return self.filter(done_at=None)

    def free(self, now: datetime) -> Self:
        """Nobody is at it, or whoever was is taken to be dead; and the run was not stopped."""
        running = Q(batch__job=None) | Q(batch__job__state=JobState.RUNNING)
        return self.unfinished().filter(running, Q(leased_until=None) | Q(leased_until__lt=now))


class PaperChunk(models.Model):
    """A part of a print run that is made in one go; its file has a fixed name, so a second try replaces the first."""

    batch = models.ForeignKey(PaperBatch, models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    size = models.PositiveSmallIntegerField()
    leased_until = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True)

    objects = PaperChunkQuerySet.as_manager()

    class Meta:
        ordering = ("batch", "index")
        constraints = [models.UniqueConstraint(fields=["batch", "index"], name="paper_chunk_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.index}"

    @property
    def file_name(self) -> str:
        return f"part-{self.index:04}.{'pdf' if self.batch.layout == Layout.BOOK else 'zip'}"


class PaperEntry(models.Model):
    """One subject's place in a print run, and where its pages are in the chunk's file (`pages` 0: it was gone)."""

    chunk = models.ForeignKey(PaperChunk, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    subject_id = models.BigIntegerField()
    label = models.CharField(max_length=64, blank=True)
    paper = models.ForeignKey(IssuedPaper, models.PROTECT, null=True, related_name="entries")
    first_page = models.PositiveIntegerField(default=0)
    pages = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("chunk", "position")
        constraints = [
            models.UniqueConstraint(fields=["chunk", "position"], name="paper_entry_once"),
            models.CheckConstraint(
                condition=Q(pages=0) | Q(paper__isnull=False), name="paper_entry_printed_has_paper"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.label}"
