"""Attendance by half-day: sessions from the timetable, one mark a trainee and session, leave. Source: CQ20-5.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models import Enrollment, seen_by
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass
from programs.scopes import followed_by

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class Half(models.TextChoices):
    AM = "am", _("上午")
    PM = "pm", _("下午")


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the classes that one runs or oversees; a trainee those of the own classes."""
        if actor.is_system:
            return self
        if actor.is_trainee:
            mine = Enrollment.objects.visible_to(actor).on_roster().order_by()
            return self.filter(training_class__in=mine.values("training_class"))
        return self.filter(training_class__in=followed_by(actor))

    def untaken(self, now: datetime) -> Self:
        """Over, and not everybody of the class has a mark."""
        return self.filter(taken_at=None, ends_at__lt=now)


class Session(models.Model):
    """A half-day of a class, from its timetable. `taken_at`: since when everybody expected has a mark."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="sessions", verbose_name=_("班级")
    )
    day = models.DateField(_("日期"))
    half = models.CharField(_("时段"), max_length=2, choices=Half)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    taken_at = models.DateTimeField(_("点名完成时间"), null=True, blank=True)

    objects = SessionQuerySet.as_manager()
    attendances: RelatedManager[Attendance]

    class Meta:
        verbose_name = _("考勤时段")
        ordering = ("day", "half")
        constraints = [
            models.UniqueConstraint(fields=["training_class", "day", "half"], name="session_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(taken_at=None), name="session_untaken_end"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.get_half_display()}"


class AttendanceStatus(models.TextChoices):
    PRESENT = "present", _("出勤")
    LATE = "late", _("迟到")
    LEAVE = "leave", _("请假")
    ABSENT = "absent", _("缺勤")


# What counts as having attended.
ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class AttendanceMethod(models.TextChoices):
    QR = "qr", _("扫码")
    LIST = "list", _("点名")
    LEAVE = "leave", _("请假批准")


class Attendance(models.Model):
    """The mark of one trainee for one half-day; once, however often it is sent."""

    session = models.ForeignKey(
        Session, models.CASCADE, related_name="attendances", verbose_name=_("考勤时段")
    )
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="attendances", verbose_name=_("学员")
    )
    status = models.CharField(_("考勤"), max_length=8, choices=AttendanceStatus)
    method = models.CharField(_("登记方式"), max_length=8, choices=AttendanceMethod)
    at = models.DateTimeField(_("时间"))
    by_name = models.CharField(_("登记人"), max_length=64)

    class Meta:
        verbose_name = _("考勤记录")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["session", "enrollment"], name="attendance_once"),
        ]
        indexes = [models.Index(fields=["enrollment", "status"], name="attendance_person_status")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.session} {self.get_status_display()}"


class Submission(models.Model):
    """One sending from one device. A resend carries the same nonce and changes nothing."""

    session = models.ForeignKey(
        Session, models.CASCADE, related_name="submissions", verbose_name=_("考勤时段")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("提交人")
    )
    nonce = models.UUIDField(_("提交编号"))
    at = models.DateTimeField(_("时间"))
    changed = models.PositiveIntegerField(_("登记人次"), default=0)

    class Meta:
        verbose_name = _("考勤提交")
        constraints = [models.UniqueConstraint(fields=["user", "nonce"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.session} {self.nonce}"


class LeaveState(models.TextChoices):
    PENDING = "pending", _("待审批")
    APPROVED = "approved", _("已批准")
    REFUSED = "refused", _("未批准")
    WITHDRAWN = "withdrawn", _("已撤回")


class LeaveRequestQuerySet(models.QuerySet["LeaveRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        """A trainee's own; those of the classes that one runs or oversees."""
        if actor.is_trainee:
            return self.filter(seen_by(actor, "enrollment__"))
        return self.filter(enrollment__training_class__in=followed_by(actor))


class LeaveRequest(models.Model):
    """A trainee asks to stay away from half-day `first` to half-day `last`, both included."""

    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="leave_requests", verbose_name=_("学员")
    )
    first = models.ForeignKey(Session, models.PROTECT, related_name="+", verbose_name=_("自"))
    last = models.ForeignKey(Session, models.PROTECT, related_name="+", verbose_name=_("至"))
    reason = models.TextField(_("事由"))
    state = models.CharField(_("状态"), max_length=10, choices=LeaveState, default=LeaveState.PENDING)
    created_at = models.DateTimeField(_("申请时间"))
    decided_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    decided_by_name = models.CharField(_("审批人"), max_length=64, blank=True)
    opinion = models.TextField(_("审批意见"), blank=True)

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("请假申请")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["enrollment", "state"], name="leave_person_state")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.first} — {self.last}"

    @property
    def rulebook(self) -> Rulebook:
        return self.enrollment.rulebook
