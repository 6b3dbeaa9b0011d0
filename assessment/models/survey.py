"""Surveys of a class. Who has answered and what was answered never meet.

A `Ballot` says that a person was asked and whether they have answered: nothing else, and no time. What was answered is
only counted, on the options themselves; written answers lie apart, each by itself. Nothing here refers from one side to
the other, and `services/answering.py` writes both sides anew as a whole at every ballot, so that neither the order of
rows nor the transaction that wrote them tells whose ballot changed what.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.template import QuestionKind, SurveyKind
from enrollment.models import Enrollment
from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization
from portal.rulebook.models import Clause, Rulebook
from portal.ui.tallies import count_of
from programs.models import Program, TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

# Who reads results, and who besides sees how many have answered. Nobody sees who.
READERS = (*OFFICE, Role.PROVINCIAL_OFFICER, Role.BASE_ADMIN)
COUNTERS = (*READERS, Role.CLASS_TEACHER)


class SurveyState(models.TextChoices):
    OPEN = "open", _("填答中")
    CLOSED = "closed", _("已截止")


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, actor: Actor) -> Self:
        """The office and its authority see all, a base its own, a class teacher their class's, a trainee what asks them."""
        if actor.is_system:
            return self
        if actor.is_trainee:
            asked = Ballot.objects.filter(enrollment__teacher__user=actor.user_id)
            return self.filter(pk__in=asked.values("survey"))
        if actor.role not in COUNTERS:
            return self.none()
        seen = self.filter(training_class__project__program__in=Program.objects.visible_to(actor))
        if actor.has_role(Role.BASE_ADMIN):
            return seen.filter(training_class__base=actor.organization)
        if actor.has_role(Role.CLASS_TEACHER):
            return seen.filter(
                training_class__class_teacher=actor.user_id, training_class__base=actor.organization
            )
        return seen

    def counted(self) -> Self:
        """With `invited` and `answered`: how many were asked, and how many of them have answered."""
        return self.annotate(
            invited=count_of(Ballot.objects.all(), "survey"),
            answered=count_of(Ballot.objects.filter(answered=True), "survey"),
        )


class Survey(models.Model):
    """One questionnaire put to the trainees of one class; its questions are copies, whatever becomes of the template."""

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="surveys", verbose_name=_("班级")
    )
    code = models.CharField(_("代号"), max_length=32)
    kind = models.CharField(_("种类"), max_length=12, choices=SurveyKind)
    title = models.CharField(_("问卷"), max_length=60)
    opens_at = models.DateTimeField(_("开放时间"))
    closes_at = models.DateTimeField(_("截止时间"))
    state = models.CharField(_("状态"), max_length=8, choices=SurveyState, default=SurveyState.OPEN)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    # Names the last reminder sent to those who have not answered; nothing of them.
    reminded = models.CharField(max_length=40, blank=True, editable=False)

    objects = SurveyQuerySet.as_manager()
    # What `counted` and `survey_results.with_means` annotate.
    invited: int
    answered: int
    mean: Decimal | None
    questions: RelatedManager[Question]
    ballots: RelatedManager[Ballot]

    class Meta:
        verbose_name = _("问卷调查")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["training_class", "code"], name="survey_once_per_class"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="survey_closes_after_opening"
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"], name="survey_state_closes")]

    def __str__(self) -> str:
        return f"{self.training_class.name} · {self.title}"

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook

    @property
    def base(self) -> Organization:
        return self.training_class.base


class Question(models.Model):
    """One question as it was put to the class. `answered` counts the ballots in which it was not left out."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name=_("问卷"))
    position = models.PositiveSmallIntegerField(_("序"))
    text = models.CharField(_("题干"), max_length=200)
    kind = models.CharField(_("题型"), max_length=8, choices=QuestionKind)
    required = models.BooleanField(_("必答"), default=True)
    answered = models.PositiveIntegerField(_("填答数"), default=0, editable=False)

    options: RelatedManager[Option]
    texts: RelatedManager[TextAnswer]

    class Meta:
        verbose_name = _("问卷题目")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["survey", "position"], name="question_position_once")]

    def __str__(self) -> str:
        return self.text


class Option(models.Model):
    """One answer that may be chosen, and how often it was. `weight` is its score, 0 to 100, None when it has none."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options", verbose_name=_("题目"))
    position = models.PositiveSmallIntegerField(_("序"))
    text = models.CharField(_("选项"), max_length=100)
    weight = models.DecimalField(_("分值"), max_digits=5, decimal_places=2, null=True, blank=True)
    count = models.PositiveIntegerField(_("选择数"), default=0, editable=False)

    class Meta:
        verbose_name = _("问卷选项")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["question", "position"], name="option_position_once"),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight__gte=0, weight__lte=100), name="option_weight_in_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class TextAnswer(models.Model):
    """What somebody wrote to one question. No person, no ballot, no time, and a key that says nothing."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="texts", verbose_name=_("题目"))
    text = models.TextField(_("内容"))

    class Meta:
        verbose_name = _("问卷文字意见")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text[:20]


class Ballot(models.Model):
    """That a trainee was asked, and whether they have answered. It holds no answer and no time."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="ballots", verbose_name=_("问卷"))
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="ballots", verbose_name=_("学员"))
    answered = models.BooleanField(_("已填答"), default=False)

    class Meta:
        verbose_name = _("填答资格")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["survey", "enrollment"], name="ballot_once")]

    def __str__(self) -> str:
        return str(self.survey)
