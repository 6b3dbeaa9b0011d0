"""What a base owes for a class, and what it has handed in. CQ20-5.1, 5.3, 5.4, 3.6."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.files import KeptFile
from portal.organizations.models import Organization
from portal.rulebook.models import Rulebook
from programs.models.training_class import Anchor, DeliverableRequirement, TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class DeliverableState(models.TextChoices):
    """How far a deliverable is; counted from its submissions, never set by hand."""

    OWED = "owed", _("待交")
    RETURNED = "returned", _("退回修改")
    SUBMITTED = "submitted", _("待审核")
    ACCEPTED = "accepted", _("已接收")


def due_date(requirement: DeliverableRequirement, training_class: TrainingClass) -> date:
    """The last day on which the base may hand it in on time."""
    anchor = training_class.starts_on if requirement.anchor == Anchor.START else training_class.ends_on
    return anchor + timedelta(days=requirement.offset_days)


class DeliverableQuerySet(models.QuerySet["Deliverable"]):
    def visible_to(self, actor: Actor) -> Self:
        """The base sees its own, the office and its authority all; nobody else any."""
        if actor.is_system:
            return self
        if actor.organization is None or actor.is_trainee:
            return self.none()
        program = "training_class__project__program"
        return self.filter(
            Q(training_class__base=actor.organization)
            | Q(**{f"{program}__office": actor.organization})
            | Q(**{f"{program}__office__parent": actor.organization})
        )

    def missing(self) -> Self:
        """Not handed in as often as asked for."""
        return self.filter(handed_in__lt=F("requirement__minimum"))

    def overdue(self, today: date) -> Self:
        return self.missing().filter(due_on__lt=today)


class Deliverable(models.Model):
    """One requirement of one class. `handed_in` counts what stands (submitted or accepted), `returned` what came back.

    `completed_at` is when the last copy asked for was handed in, `late` whether that was after `due_on`.
    """

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="deliverables", verbose_name=_("班级")
    )
    requirement = models.ForeignKey(
        DeliverableRequirement, models.PROTECT, related_name="owed", verbose_name=_("应交材料")
    )
    due_on = models.DateField(_("截止日期"))
    handed_in = models.PositiveSmallIntegerField(_("已交份数"), default=0)
    accepted = models.PositiveSmallIntegerField(_("已接收份数"), default=0)
    returned = models.PositiveSmallIntegerField(_("退回份数"), default=0)
    completed_at = models.DateTimeField(_("交齐时间"), null=True, blank=True)
    late = models.BooleanField(_("逾期"), default=False)
    reminded_at = models.DateTimeField(_("提醒时间"), null=True, blank=True)
    overdue_at = models.DateTimeField(_("标记逾期时间"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("上报项目办时间"), null=True, blank=True)

    objects = DeliverableQuerySet.as_manager()
    submissions: RelatedManager[Submission]

    class Meta:
        verbose_name = _("应交材料")
        ordering = ("due_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=["training_class", "requirement"], name="deliverable_once"),
            models.CheckConstraint(
                condition=Q(accepted__lte=F("handed_in")), name="deliverable_accepted_within_handed_in"
            ),
            models.CheckConstraint(
                condition=Q(late=False) | Q(completed_at__isnull=False) | Q(overdue_at__isnull=False),
                name="deliverable_late_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="deliverable_due"),
            models.Index(fields=["due_on"], condition=Q(completed_at=None), name="deliverable_due_missing"),
        ]

    def __str__(self) -> str:
        return f"{self.training_class} {self.requirement}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def base(self) -> Organization:
        return self.training_class.base

    @property
    def office(self) -> Organization:
        return self.training_class.project.program.office

    @property
    def state(self) -> DeliverableState:
        if self.accepted >= self.requirement.minimum:
            return DeliverableState.ACCEPTED
        if self.returned:
            return DeliverableState.RETURNED
        return DeliverableState.SUBMITTED if self.is_complete else DeliverableState.OWED

    def get_state_display(self) -> str:
        return str(self.state.label)

    @property
    def is_complete(self) -> bool:
        return self.handed_in >= self.requirement.minimum

    def is_overdue(self, today: date) -> bool:
        return not self.is_complete and self.due_on < today


class SubmissionState(models.TextChoices):
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("已接收")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(deliverable__in=Deliverable.objects.visible_to(actor))


class Submission(models.Model):
    """One copy handed in. Returned, it is corrected and handed in again; the audit keeps what was before."""

    deliverable = models.ForeignKey(
        Deliverable, models.CASCADE, related_name="submissions", verbose_name=_("应交材料")
    )
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("内容"), blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=SubmissionState, default=SubmissionState.SUBMITTED
    )
    late = models.BooleanField(_("逾期"), default=False)
    submitted_at = models.DateTimeField(_("报送时间"))
    submitted_by = models.CharField(_("报送人"), max_length=64)
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    decided_by = models.CharField(_("审核人"), max_length=64, blank=True)
    opinion = models.TextField(_("审核意见"), blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SubmissionQuerySet.as_manager()
    files: RelatedManager[SubmissionFile]

    class Meta:
        verbose_name = _("报送材料")
        ordering = ("pk",)
        indexes = [models.Index(fields=["state", "id"], name="submission_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def rulebook(self) -> Rulebook:
        return self.deliverable.rulebook

    @property
    def base(self) -> Organization:
        return self.deliverable.base

    @property
    def office(self) -> Organization:
        return self.deliverable.office


class SubmissionFile(KeptFile):
    submission = models.ForeignKey(
        Submission, models.CASCADE, related_name="files", verbose_name=_("报送材料")
    )

    class Meta:
        verbose_name = _("材料附件")
        ordering = ("pk",)
