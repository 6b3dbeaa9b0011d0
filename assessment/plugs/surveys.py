"""What surveys plug into the frame, the class's page, the guards of opening and finishing, the performance summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Ballot, Survey, SurveyKind, SurveyState
from assessment.models.survey import COUNTERS, READERS
from assessment.survey_results import RESULTS_FROM, evaluation_of, with_means
from assessment.tasks import follow_the_clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.rulebook.findings import Finding, Verdict
from portal.rulebook.hooks import clock_moved
from portal.ui.registry import Group, NavEntry, WorkItem, nav, work_items
from programs.hooks import Panel, class_panels, finishing_guards, opening_guards
from programs.models import TrainingClass

# The base is told when fewer than so many of a hundred have answered, while there is time to remind.
LOW = 60

nav(
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("问卷与评教"),
        "assessment:surveys",
        "message-circle",
        frozenset(COUNTERS),
        50,
    ),
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("评教对比"),
        "assessment:survey_comparison",
        "chart-bar",
        frozenset(READERS),
        55,
    ),
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("我的问卷"),
        "assessment:my_surveys",
        "message-circle",
        frozenset({Role.TRAINEE}),
        50,
    ),
)
clock_moved(follow_the_clock)


@work_items
def surveys_to_answer(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """A trainee's open questionnaires. One query."""
    if not actor.is_trainee:
        return
    rows = Ballot.objects.filter(
        enrollment__teacher__user=actor.user_id,
        answered=False,
        survey__state=SurveyState.OPEN,
        survey__opens_at__lte=now,
        survey__closes_at__gte=now,
    )
    for each in rows.select_related("survey__training_class", "survey__clause__notice"):
        survey = each.survey
        title = _("填写“%(survey)s”（%(class)s）") % {
            "survey": survey.title,
            "class": survey.training_class.name,
        }
        citation = survey.clause.citation if survey.clause else None
        yield WorkItem(
            title, reverse("assessment:answer", args=[survey.pk]), survey.closes_at, 1, citation, _("问卷")
        )


@work_items
def surveys_to_push(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Open surveys that few have answered, for the base and the class teacher. One query."""
    if not actor.has_role(Role.BASE_ADMIN, Role.CLASS_TEACHER):
        return
    rows = Survey.objects.visible_to(actor).filter(state=SurveyState.OPEN, closes_at__gte=now).counted()
    low = [each for each in rows.order_by("closes_at") if each.answered * 100 < LOW * each.invited]
    if low:
        url = f"{reverse('assessment:surveys')}?state={SurveyState.OPEN}"
        yield WorkItem(_("问卷回收率不足60%，请催答"), url, low[0].closes_at, len(low), None, _("问卷"))


@class_panels
def class_surveys(actor: Actor, training_class: TrainingClass) -> Iterable[Panel]:
    """The class's surveys: when, how many, and the mean where it may be seen. One query."""
    if actor.role not in COUNTERS:
        return
    rows = with_means(Survey.objects.visible_to(actor).filter(training_class=training_class).counted())
    lines = [(each, evaluation_of(each)) for each in rows.order_by("opens_at")]
    if lines:
        yield Panel(_("问卷与评教"), "assessment/_class_surveys.html", {"lines": lines, "role": actor.role})


@opening_guards
def needs_surveyed(training_class: TrainingClass) -> Iterator[Finding]:
    """三（五）: the base surveys needs before; a class whose trainees were not asked is warned of. One query."""
    # A base may also have surveyed in its own way and put the result on record with its plan.
    if getattr(training_class, "needs", None) is None:
        yield from _survey_finding(training_class, SurveyKind.NEEDS, _("训前需求调研"))


@finishing_guards
def evaluated(training_class: TrainingClass) -> Iterator[Finding]:
    """三（六）: the trainees evaluate the training; a class that was not evaluated is warned of. One query."""
    yield from _survey_finding(training_class, SurveyKind.EVALUATION, _("学员评教"))


def _survey_finding(training_class: TrainingClass, kind: SurveyKind, name: str) -> Iterator[Finding]:
    template = (
        training_class.rulebook.survey_templates.filter(kind=kind).select_related("clause__notice").first()
    )
    if template is None:
        return
    citation = template.clause.citation if template.clause else None
    survey = Survey.objects.filter(training_class=training_class, kind=kind).counted().first()
    answered = survey.answered if survey else 0
    code = f"assessment.{kind.value}_surveyed"
    if answered >= RESULTS_FROM:
        words = _("%(name)s已有%(count)d人填答。") % {"name": name, "count": answered}
        yield Finding(code, Verdict.PASS, words, citation)
    else:
        words = _("%(name)s只有%(count)d人填答，不足%(least)d份，不能公布结果。请催答。")
        counts = {"name": name, "count": answered, "least": RESULTS_FROM}
        yield Finding(code, Verdict.WARN, words % counts, citation)
