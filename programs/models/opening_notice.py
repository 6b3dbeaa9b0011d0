"""The opening notice of a class, and who has read it. Sections: domain facts §2.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.rulebook.models import Rulebook
from programs.models.program import SEES_DRAFTS, Program
from programs.models.training_class import TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class OpeningNoticeQuerySet(models.QuerySet["OpeningNotice"]):
    def visible_to(self, actor: Actor) -> Self:
        """The base sees its own; whom it is addressed to, and the office, once it is issued."""
        if actor.is_system:
            return self
        if actor.organization is None:
            return self.none()
        issued = self.filter(issued_at__isnull=False)
        if actor.is_trainee:
            return issued.filter(pk__in=NoticeReceipt.objects.addressed_to(actor).values("notice"))
        addressed = Q(pk__in=NoticeReceipt.objects.addressed_to(actor).values("notice"))
        seen = addressed | Q(
            training_class__project__program__in=Program.objects.visible_to(actor)
            if actor.has_role(*SEES_DRAFTS)
            else []
        )
        return self.filter(Q(training_class__base=actor.organization) | (seen & Q(issued_at__isnull=False)))


class NoticeText(models.Model):
    """The sections of a notice."""

    audience = models.TextField(_("培训项目与对象"))
    schedule = models.TextField(_("报到与培训时间"))
    place = models.TextField(_("报到地点与交通"))
    content = models.TextField(_("培训内容安排"))
    bring = models.TextField(_("需携带材料"))
    board = models.TextField(_("食宿与经费"))
    contact = models.TextField(_("联系人"))
    signed = models.CharField(_("落款单位"), max_length=120)
    issued_by = models.CharField(_("发出人"), max_length=64, blank=True)

    class Meta:
        abstract = True


class OpeningNotice(NoticeText):
    """What trainees, their schools and bureaus are told before a class starts.

    Issued, it is no longer edited but corrected: what was issued before is kept in `past`, `edition` counts on.
    """

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="notice", verbose_name=_("班级")
    )
    issued_at = models.DateTimeField(_("发出时间"), null=True, blank=True)
    edition = models.PositiveSmallIntegerField(_("版次"), default=1)
    version = models.PositiveIntegerField(default=1)

    objects = OpeningNoticeQuerySet.as_manager()
    receipts: RelatedManager[NoticeReceipt]
    past: RelatedManager[PastNotice]

    class Meta:
        verbose_name = _("开班通知")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.training_class)

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook


class NoticeReceiptQuerySet(models.QuerySet["NoticeReceipt"]):
    def addressed_to(self, actor: Actor) -> Self:
        """Those of the person as a trainee, else those of the actor's organisation."""
        if actor.is_trainee:
            return self.filter(teacher__user=actor.user_id)
        return self.filter(teacher=None, organization=actor.organization)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class NoticeReceipt(models.Model):
    """One addressee: a trainee (`teacher`, at the school `organization`), or an organisation as such."""

    notice = models.ForeignKey(
        OpeningNotice, models.CASCADE, related_name="receipts", verbose_name=_("开班通知")
    )
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("单位"))
    teacher = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("学员")
    )
    sent_at = models.DateTimeField(_("送达时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    read_by = models.CharField(_("阅读人"), max_length=64, blank=True)
    reminded_at = models.DateTimeField(_("提醒时间"), null=True, blank=True)

    objects = NoticeReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("阅读回执")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "organization", "teacher"], name="receipt_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(
                fields=["organization"], condition=Q(read_at=None, teacher=None), name="receipt_unread_unit"
            )
        ]

    def __str__(self) -> str:
        return str(self.teacher or self.organization)


class PastNoticeQuerySet(models.QuerySet["PastNotice"]):
    def visible_to(self, actor: Actor) -> Self:
        """Whoever sees the notice sees what it said before."""
        return self.filter(notice__in=OpeningNotice.objects.visible_to(actor))


class PastNotice(NoticeText):
    """What a notice said until it was corrected, for what reason, and who had read it."""

    notice = models.ForeignKey(OpeningNotice, models.CASCADE, related_name="past", verbose_name=_("开班通知"))
    edition = models.PositiveSmallIntegerField(_("版次"))
    issued_at = models.DateTimeField(_("发出时间"))
    superseded_at = models.DateTimeField(_("更正时间"))
    superseded_by = models.CharField(_("更正人"), max_length=64)
    reason = models.CharField(_("更正理由"), max_length=500)

    objects = PastNoticeQuerySet.as_manager()
    receipts: RelatedManager[PastReceipt]

    class Meta:
        verbose_name = _("被更正的开班通知")
        ordering = ("-edition",)
        constraints = [models.UniqueConstraint(fields=["notice", "edition"], name="past_notice_edition_once")]

    def __str__(self) -> str:
        return str(self.notice)


class PastReceipt(models.Model):
    """Who had got a notice that was corrected later, and when they read it."""

    notice = models.ForeignKey(
        PastNotice, models.CASCADE, related_name="receipts", verbose_name=_("被更正的开班通知")
    )
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("单位"))
    teacher = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("学员")
    )
    sent_at = models.DateTimeField(_("送达时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    read_by = models.CharField(_("阅读人"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("原阅读回执")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.teacher or self.organization)
