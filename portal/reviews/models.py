"""Review chains as data, reviews under way, and every decision with its opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import SEPARATED, Role
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.rulebook.models import Clause, Rulebook

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


# People of these roles see only what was put into their own hands, not what their organisation has under review.
OUTSIDERS = SEPARATED | {Role.TRAINEE, Role.EXPERT}


class ReviewChain(models.Model):
    """The steps that a kind of subject passes, when it comes from a kind of organisation ("" = any).

    `phase` names the window in which decisions may be made; "" means that the calendar sets none.
    """

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="review_chains", verbose_name=_("规则手册")
    )
    subject_kind = models.CharField(_("审核事项"), max_length=64)
    organization_kind = models.CharField(_("申报机构类别"), max_length=24, choices=Kind, blank=True)
    name = models.CharField(_("名称"), max_length=60)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    phase = models.CharField(_("办理环节"), max_length=32, blank=True)

    steps: RelatedManager[ReviewStep]

    class Meta:
        verbose_name = _("审核链")
        constraints = [
            models.UniqueConstraint(
                fields=["rulebook", "subject_kind", "organization_kind"], name="review_chain_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReviewStep(models.Model):
    """One step. Who decides: people with `role`, in the nearest organisation of `where` above the subject's."""

    chain = models.ForeignKey(ReviewChain, models.CASCADE, related_name="steps", verbose_name=_("审核链"))
    position = models.PositiveSmallIntegerField(_("步骤"))
    name = models.CharField(_("名称"), max_length=60)
    role = models.CharField(_("审核角色"), max_length=24, choices=Role)
    where = models.CharField(_("审核机构类别"), max_length=24, choices=Kind)
    days = models.PositiveSmallIntegerField(_("办理时限（天）"), null=True, blank=True)

    class Meta:
        verbose_name = _("审核步骤")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="review_step_once")]

    def __str__(self) -> str:
        return self.name


class ReviewState(models.TextChoices):
    OPEN = "open", _("审核中")
    APPROVED = "approved", _("通过")
    RETURNED = "returned", _("退回修改")
    REJECTED = "rejected", _("不通过")
    LAPSED = "lapsed", _("逾期失效")
    WITHDRAWN = "withdrawn", _("已撤回")


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(state=ReviewState.OPEN)

    def waiting_for(self, actor: Actor) -> Self:
        """Open reviews whose present step is this actor's, or was delegated to the actor."""
        return self.open().filter(_held_by(actor)) if actor.user_id else self.none()

    def decided_by(self, actor: Actor) -> Self:
        """Reviews in which this person has decided a step."""
        if actor.user_id is None:
            return self.none()
        return self.filter(pk__in=Decision.objects.filter(by=actor.user_id).values("review_id"))

    def sent_from(self, actor: Actor) -> Self:
        """Reviews of what the actor's own organisation submitted."""
        return self.filter(origin=actor.organization) if actor.organization else self.none()

    def about(self, subjects: models.QuerySet[Any]) -> Self:
        """The reviews, open and closed, of the records in `subjects`."""
        kind = ContentType.objects.get_for_model(subjects.model)
        return self.filter(subject_type=kind, subject_id__in=subjects.order_by().values("pk"))

    def of_subject(self, subject: models.Model) -> Self:
        """The reviews of one record."""
        return self.filter(subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk)

    def visible_to(self, actor: Actor) -> Self:
        """What comes from the actor's reach, and what was or is in the actor's hands."""
        if actor.organization is None:
            return self if actor.is_system else self.none()
        in_hand = _held_by(actor) | Q(pk__in=Decision.objects.filter(by=actor.user_id).values("review_id"))
        if actor.role in OUTSIDERS:
            return self.filter(in_hand)
        path = actor.organization.reach.path
        return self.filter(Q(origin__path__startswith=path) | Q(reviewer=actor.organization) | in_hand)


def _held_by(actor: Actor) -> Q:
    return Q(step__role=actor.role, reviewer=actor.organization) | Q(delegate=actor.user_id)


class Review(models.Model):
    """One subject on its way through a chain. `origin` submitted it; `reviewer` holds the present step."""

    chain = models.ForeignKey(ReviewChain, models.PROTECT, related_name="reviews", verbose_name=_("审核链"))
    subject_type = models.ForeignKey(ContentType, models.PROTECT)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    title = models.CharField(_("事项"), max_length=200)
    origin = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("报送单位"))
    step = models.ForeignKey(ReviewStep, models.PROTECT, null=True, verbose_name=_("当前步骤"))
    reviewer = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("审核单位")
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("受托人"),
    )
    state = models.CharField(_("状态"), max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    opened_at = models.DateTimeField(_("报送时间"))
    due_at = models.DateTimeField(_("应办结时间"), null=True, blank=True)
    # The end of the whole way, which no step's own time limit outlasts.
    deadline_at = models.DateTimeField(_("总时限"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReviewQuerySet.as_manager()
    decisions: RelatedManager[Decision]
    delegations: RelatedManager[Delegation]

    class Meta:
        verbose_name = _("审核")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(state="open"),
                name="review_one_open_per_subject",
            )
        ]
        indexes = [
            models.Index(fields=["reviewer", "state", "-id"], name="review_reviewer_state"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="review_subject_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def rulebook(self) -> Rulebook:
        return self.chain.rulebook

    @property
    def kind(self) -> str:
        return self.chain.subject_kind

    @property
    def is_open(self) -> bool:
        return self.state == ReviewState.OPEN

    def held_by(self, actor: Actor) -> bool:
        """Whether the present step is the actor's: by role in the reviewing organisation, or as its delegate."""
        if actor.user_id is None or self.step is None:
            return False
        by_role = self.step.role == actor.role and self.reviewer_id == getattr(actor.organization, "pk", None)
        return by_role or self.delegate_id == actor.user_id


class Verdict(models.TextChoices):
    APPROVE = "approve", _("通过")
    RETURN = "return", _("退回修改")
    REJECT = "reject", _("不通过")


class Decision(models.Model):
    """What one step decided, and why. `organization` is the one in whose name it was decided."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="decisions", verbose_name=_("审核"))
    step_name = models.CharField(_("步骤"), max_length=60)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict)
    opinion = models.TextField(_("意见"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("审核人")
    )
    by_name = models.CharField(_("审核人姓名"), max_length=64)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("审核单位")
    )
    delegated = models.BooleanField(_("受托"), default=False)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("审核意见")
        ordering = ("pk",)
        indexes = [models.Index(fields=["by", "-id"], name="decision_by_newest")]

    def __str__(self) -> str:
        return f"{self.step_name} {self.get_verdict_display()}"


class Delegation(models.Model):
    """A step put into somebody else's hands, or (with nobody in `to`) taken back."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="delegations", verbose_name=_("审核"))
    step_name = models.CharField(_("步骤"), max_length=60)
    by_name = models.CharField(_("委托人"), max_length=64)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("委托单位")
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("受托人")
    )
    to_name = models.CharField(_("受托人姓名"), max_length=64, blank=True)
    reason = models.TextField(_("理由"), blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("审核委托")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.step_name} {self.by_name} → {self.to_name}"
