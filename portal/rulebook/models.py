"""A notice, its clauses, and the rulebook that a programme is run by: calendar and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role
from portal.memo import once_a_page
from portal.organizations.models import Organization
from portal.rulebook.findings import Citation

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor

M = TypeVar("M", bound=models.Model)

# Who sees a programme that is still being set up.
PREPARERS = (Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER, Role.PROVINCIAL_OFFICER)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        """The notices of the rulebooks that the actor sees."""
        return (
            self
            if actor.is_system
            else self.filter(pk__in=Rulebook.objects.visible_to(actor).values("notice"))
        )


class Notice(models.Model):
    """The official document."""

    code = models.CharField(_("代号"), max_length=16, unique=True)
    number = models.CharField(_("文号"), max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    issuer = models.CharField(_("发文机关"), max_length=100)
    issued_on = models.DateField(_("发文日期"))
    text = models.TextField(_("全文"), blank=True)

    objects = NoticeQuerySet.as_manager()
    clauses: RelatedManager[Clause]

    class Meta:
        verbose_name = _("通知")

    def __str__(self) -> str:
        return self.title


class Clause(models.Model):
    """One requirement of a notice. `code` is the id by which code and tests name it."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="clauses", verbose_name=_("通知"))
    code = models.CharField(_("条款编号"), max_length=16, unique=True)
    section = models.CharField(_("章节"), max_length=24)
    actor = models.CharField(_("责任主体"), max_length=24)
    kind = models.CharField(_("性质"), max_length=24)
    requirement = models.TextField(_("要求"))
    quote = models.TextField(_("原文"))
    position = models.PositiveIntegerField(_("序"))

    class Meta:
        verbose_name = _("条款")
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.code} {self.section}"

    @property
    def citation(self) -> Citation:
        return Citation(self.notice.number or self.notice.title, self.code, self.section, self.quote)


class RulebookQuerySet(models.QuerySet["Rulebook"]):
    def published(self) -> Self:
        return self.exclude(published_at=None)

    def visible_to(self, actor: Actor) -> Self:
        """Those of the offices above, beside or at the actor's organisation; drafts only to who prepares them."""
        if actor.is_system:
            return self
        if actor.organization is None:
            return self.none()
        chain = [*actor.organization.ancestor_ids, actor.organization.pk]
        seen = self.filter(Q(office=None) | Q(office__in=chain) | Q(office__parent__in=chain))
        return seen if actor.has_role(*PREPARERS) else seen.published()


class Rulebook(models.Model):
    """What governs one programme. A draft can be edited; once published, changes are dated and reasoned.

    `office` runs the programme and alone edits it. `source_digest` tells whether the notice file has changed since it
    was loaded ("" = entered on screen).
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="rulebooks", verbose_name=_("通知"))
    office = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("项目办")
    )
    title = models.CharField(_("名称"), max_length=200)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    facts = models.JSONField(_("其他事项"), default=dict)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = RulebookQuerySet.as_manager()
    phases: RelatedManager[Phase]
    rules: RelatedManager[Rule]
    amendments: RelatedManager[Amendment]

    class Meta:
        verbose_name = _("规则手册")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def rulebook(self) -> Rulebook:
        """Itself: operations find the rulebook of any subject by this name."""
        return self

    @cached_property
    def _phases(self) -> dict[str, Phase]:
        return _phases_of(self)

    def calendar(self) -> list[Phase]:
        """The windows in their order, each with its clause. Read once an instance."""
        return list(self._phases.values())

    def phase(self, code: str) -> Phase | None:
        """The window `code`, or None when the notice has none. Read once an instance."""
        return self._phases.get(code)


def cited(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    """Phases or rules with the clause that each cites; the notice's own long text stays in the database."""
    return rows.select_related("clause__notice").defer("clause__notice__text")


@once_a_page
def _phases_of(rulebook: Rulebook) -> dict[str, Phase]:
    """The windows by code, in their order. One query a page, whatever number of instances it holds of one rulebook."""
    return {each.code: each for each in cited(rulebook.phases.all())}


class RulebookPartQuerySet(models.QuerySet[Any]):
    """Phases, rules, amendments: seen by whoever sees their rulebook."""

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(rulebook__in=Rulebook.objects.visible_to(actor))


class Phase(models.Model):
    """A named window of the calendar. An open end means no bound on that side.

    `reminded` is the key of the last reminder sent, so that each is sent once.
    """

    rulebook = models.ForeignKey(Rulebook, models.CASCADE, related_name="phases", verbose_name=_("规则手册"))
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("环节"), max_length=60)
    opens_at = models.DateTimeField(_("开始"), null=True, blank=True)
    closes_at = models.DateTimeField(_("截止"), null=True, blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    actors = models.CharField(_("办理单位"), max_length=100, blank=True)
    position = models.PositiveIntegerField(_("序"), default=0)
    closed_by_worker_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RulebookPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("进程")
        ordering = ("position", "opens_at")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="phase_once"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="phase_opens_before_closing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def citation(self) -> Citation | None:
        return self.clause.citation if self.clause else None


class Severity(models.TextChoices):
    BLOCK = "block", _("不符合则不得办理")
    WARN = "warn", _("原则上（仅提示）")


class Rule(models.Model):
    """A rule kind with its parameters, its severity and its clause."""

    rulebook = models.ForeignKey(Rulebook, models.CASCADE, related_name="rules", verbose_name=_("规则手册"))
    kind = models.CharField(_("规则"), max_length=64)
    parameters = models.JSONField(_("参数"), default=dict, blank=True)
    severity = models.CharField(_("效力"), max_length=8, choices=Severity, default=Severity.BLOCK)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    active = models.BooleanField(_("启用"), default=True)
    position = models.PositiveIntegerField(_("序"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RulebookPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["rulebook", "kind", "clause"], name="rule_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Amendment(models.Model):
    """A change to a published rulebook: what, from when, why, by whom.

    `target` names the part (`phase:nomination`, `rule:enrollment.seats`, `review_chain:12`); `effective_at` is the day
    of the decision and may lie before `made_at`, the moment (business time) from which the portal acts by it.
    """

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="amendments", verbose_name=_("规则手册")
    )
    target = models.CharField(max_length=100, blank=True)
    subject = models.CharField(_("变更内容"), max_length=100)
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("变更前"))
    after: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("变更后"))
    reason = models.TextField(_("理由"))
    effective_at = models.DateTimeField(_("生效时间"))
    made_at = models.DateTimeField(_("变更时间"))
    made_by = models.CharField(_("变更人"), max_length=64)

    objects = RulebookPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则变更")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject

    @property
    def model(self) -> str:
        """The label of the model whose fields `before` and `after` name: `rulebook.phase`; "" for other parts."""
        kind = self.target.partition(":")[0]
        return f"rulebook.{kind}" if kind in {"phase", "rule"} else ""


class DemoClock(models.Model):
    """The demo's business time, as its distance in seconds from real time. At most one row."""

    offset_seconds = models.FloatField()

    class Meta:
        verbose_name = _("演示时钟")

    def __str__(self) -> str:
        return f"{self.offset_seconds:+.0f} s"
