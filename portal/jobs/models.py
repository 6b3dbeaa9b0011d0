"""Long work: who started it, how far it is, what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from portal.organizations.models import Organization

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class JobState(models.TextChoices):
    WAITING = "waiting", _("等待")
    RUNNING = "running", _("进行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("失败")
    CANCELLED = "cancelled", _("已取消")


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own jobs."""
        return self.filter(owner=actor.user_id) if actor.user_id else self.none()

    def unfinished(self) -> Self:
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])


class Job(models.Model):
    """One piece of long work; all its times are real ones.

    `heartbeat_at` lets the sweep find one whose worker died, `handed_at` one that never reached a worker. `run_number`
    counts the runs: only the newest may write. `done_before` is where the present run began.
    """

    kind = models.CharField(_("类型"), max_length=64)
    title = models.CharField(_("任务"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name=_("发起人")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("机构")
    )
    role = models.CharField(max_length=24, blank=True)
    membership_id = models.BigIntegerField(null=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=JobState, default=JobState.WAITING)
    done = models.PositiveIntegerField(_("已完成"), default=0)
    total = models.PositiveIntegerField(_("总数"), default=0)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=300, blank=True)
    error = models.TextField(_("失败原因"), blank=True)
    created_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    handed_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_number = models.PositiveIntegerField(default=0)
    done_before = models.PositiveIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("任务")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(total=0) | Q(done__lte=F("total")), name="job_done_within_total"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_owner_newest"),
            models.Index(
                fields=["state", "heartbeat_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="job_to_sweep",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unfinished(self) -> bool:
        return self.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def percent(self) -> int:
        """0 to 100."""
        if self.state == JobState.DONE:
            return 100
        return self.done * 100 // self.total if self.total else 0

    @property
    def seconds_left(self) -> int | None:
        """How long it will go on at the pace of the present run, or None when that cannot be said yet."""
        progress = self.done - self.done_before
        if self.state != JobState.RUNNING or self.started_at is None or progress <= 0:
            return None
        elapsed = (timezone.now() - self.started_at).total_seconds()
        return round((self.total - self.done) * elapsed / progress)

    @property
    def time_left(self) -> str:
        """The words “约剩3分钟”, or "" when that cannot be said yet."""
        seconds = self.seconds_left
        if seconds is None:
            return ""
        if seconds < 60:
            return _say("约剩%(count)d秒") % {"count": max(seconds, 1)}
        return _say("约剩%(count)d分钟") % {"count": round(seconds / 60)}
