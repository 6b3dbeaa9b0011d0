"""Review chains as data, reviews under way, and every decision with its opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.rulebook.models import Clause, Rulebook

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class ReviewChain(models.Model):
    """The steps that a kind of subject passes, when it comes from a kind of organisation ("" = any)."""

    rulebook = models.ForeignKey(Rulebook, models.CASCADE, related_name="review_chains", verbose_name=_("规则手册"))
    subject_kind = models.CharField(_("审核事项"), max_length=64)
    organization_kind = models.CharField(_("申报机构类别"), max_length=24, choices=Kind, blank=True)
    name = models.CharField(_("名称"), max_length=60)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))

    steps: RelatedManager[ReviewStep]

    class Meta:
        verbose_name = _("审核链")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "subject_kind", "organization_kind"], name="review_chain_once")
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
    def waiting_for(self, actor: Actor) -> Self:
        """Open reviews whose present step is this actor's, or was delegated to the actor."""
        if actor.organization is None:
            return self.none()
        return self.filter(
            Q(step__role=actor.role, reviewer=actor.organization) | Q(delegate=actor.user_id), state=ReviewState.OPEN
        )

    def visible_to(self, actor: Actor) -> Self:
        if actor.organization is None:
            return self if actor.is_system else self.none()
        path = actor.organization.reach.path
        return self.filter(Q(origin__path__startswith=path) | Q(reviewer=actor.organization) | Q(delegate=actor.user_id))


class Review(models.Model):
    """One subject on its way through a chain. `origin` submitted it; `reviewer` holds the present step."""

    chain = models.ForeignKey(ReviewChain, models.PROTECT, related_name="reviews", verbose_name=_("审核链"))
    subject_type = models.ForeignKey(ContentType, models.PROTECT)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    title = models.CharField(_("事项"), max_length=200)
    origin = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("报送单位"))
    step = models.ForeignKey(ReviewStep, models.PROTECT, null=True, verbose_name=_("当前步骤"))
    reviewer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("审核单位"))
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("受托人")
    )
    state = models.CharField(_("状态"), max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    opened_at = models.DateTimeField(_("报送时间"))
    due_at = models.DateTimeField(_("应办结时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReviewQuerySet.as_manager()
    decisions: RelatedManager[Decision]

    class Meta:
        verbose_name = _("审核")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], condition=Q(state="open"), name="review_one_open_per_subject")
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


class Verdict(models.TextChoices):
    APPROVE = "approve", _("通过")
    RETURN = "return", _("退回修改")
    REJECT = "reject", _("不通过")


class Decision(models.Model):
    """What one step decided, and why."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="decisions", verbose_name=_("审核"))
    step_name = models.CharField(_("步骤"), max_length=60)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict)
    opinion = models.TextField(_("意见"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("审核人"))
    by_name = models.CharField(_("审核人姓名"), max_length=64)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("审核单位"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("审核意见")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.step_name} {self.get_verdict_display()}"
