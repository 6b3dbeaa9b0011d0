"""From recorded grades to final ones: submitted, closed by the base, reopened only by the office. Source: CQ20-5.2."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import ClassGrading, Grade, GradingState
from assessment.queries import attendance as queries
from assessment.rules import GradingCase, suggestion_of
from assessment.services.grading import PHASE
from assessment.services.tallying import lock_gradings
from assessment.states.grades import GRADING
from enrollment.models import Enrollment, OutcomeKind
from enrollment.queries.arrival import present_in
from enrollment.services.outcomes import drop_outcomes, keep_outcomes
from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.rulebook.findings import Citation, Finding, Verdict
from portal.rulebook.models import Clause, Rulebook
from programs.models import TrainingClass
from programs.scopes import RUNNERS, runs_class

RULE = "assessment.graded"


@operation(
    "assessment.submit_grades",
    gettext_lazy("提交成绩"),
    roles=RUNNERS,
    scope=runs_class(),
    phase=PHASE,
    clauses=["CQ20-5.2"],
)
def submit_grades(act: Act, training_class: TrainingClass) -> ClassGrading:
    """Hand a class's grades in to the base's administrator, with rate and score as they now stand.

    Raises RuleBroken while somebody who has come has no level.
    """
    grading = lock_gradings([training_class])[training_class.pk]
    ungraded = _ungraded(training_class)
    if ungraded:
        raise RuleBroken(ungraded, code="ungraded", citation=_citation(training_class.rulebook))
    if not grading.grades.exists():
        raise RuleBroken(_("本班还没有已报到的学员，没有成绩可提交。"), code="empty")
    _fix_figures(grading, training_class.rulebook)
    GRADING.apply(grading, "submit", submitted_at=act.now)
    act.changed(training_class, before={"grading": GradingState.OPEN}, after={"grading": grading.state})
    people = User.objects.holding(Role.BASE_ADMIN, training_class.base)
    act.tell(
        people,
        _("“%(name)s”的成绩已提交，请审定") % {"name": training_class},
        url=f"/assessment/classes/{training_class.pk}/grades/",
    )
    return grading


@operation(
    "assessment.return_grades",
    gettext_lazy("退回成绩"),
    roles=[Role.BASE_ADMIN],
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-5.2"],
)
def return_grades(act: Act, training_class: TrainingClass, *, reason: str) -> ClassGrading:
    """The base gives submitted grades back to the class teacher."""
    return _back(act, training_class, "return", reason)


@operation(
    "assessment.close_grades",
    gettext_lazy("审定成绩"),
    roles=[Role.BASE_ADMIN],
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-5.2"],
)
def close_grades(act: Act, training_class: TrainingClass) -> ClassGrading:
    """Make a class's submitted grades final, and write down who passed and who failed."""
    grading = lock_gradings([training_class])[training_class.pk]
    GRADING.apply(grading, "close", closed_at=act.now)
    grading.grades.update(final=True)
    rows = grading.grades.select_related("level")
    outcomes = {
        each.enrollment_id: (
            OutcomeKind.PASSED if each.level.passing else OutcomeKind.FAILED,
            each.level.name,
        )
        for each in rows
        if each.level
    }
    keep_outcomes(act, outcomes, _clause(training_class.rulebook))
    act.changed(
        training_class,
        before={"grading": GradingState.SUBMITTED},
        after={"grading": grading.state, "graded": len(outcomes)},
    )
    return grading


@operation(
    "assessment.reopen_grades",
    gettext_lazy("重开成绩"),
    roles=OFFICE,
    scope=within("project.program.office"),
    clauses=["CQ20-5.2"],
)
def reopen_grades(act: Act, training_class: TrainingClass, *, reason: str) -> ClassGrading:
    """Only the office takes the finality away, with a reason that stays on record; the base is told."""
    grading = _back(act, training_class, "reopen", reason)
    drop_outcomes(grading.grades.values_list("enrollment", flat=True), OutcomeKind.PASSED, OutcomeKind.FAILED)
    grading.grades.update(final=False)
    people = User.objects.holding(Role.BASE_ADMIN, training_class.base)
    act.tell(
        people,
        _("项目办已重开“%(name)s”的成绩") % {"name": training_class},
        body=reason,
        url=f"/assessment/classes/{training_class.pk}/grades/",
        urgent=True,
    )
    return grading


def graded_before_finishing(training_class: TrainingClass) -> Iterator[Finding]:
    """Plugged into finishing a class: everybody has come or not, and whoever has come has a final grade. Four queries."""
    citation = _citation(training_class.rulebook)
    roster = Enrollment.objects.on_roster().filter(training_class=training_class)
    unknown = roster.filter(check_in=None).count()
    if unknown:
        words = _("还有%(count)d名学员既未报到也未记为未报到") % {"count": unknown}
        yield Finding(RULE, Verdict.BLOCK, words, citation)
    ungraded = _ungraded(training_class)
    grading = ClassGrading.objects.filter(training_class=training_class).first()
    if ungraded:
        yield Finding(RULE, Verdict.BLOCK, ungraded, citation)
    elif present_in(training_class).exists() and (grading is None or grading.state != GradingState.CLOSED):
        yield Finding(RULE, Verdict.BLOCK, _("成绩尚未审定，请先提交并审定成绩"), citation)
    else:
        yield Finding(RULE, Verdict.PASS, _("学员考核等级已全部评定"), citation)


def _ungraded(training_class: TrainingClass) -> str:
    """Who has come and has no level, in words; "" when everybody has one. Two queries at most."""
    rows = present_in(training_class).filter(grade__level=None)
    count = rows.count()
    if not count:
        return ""
    names = rows.order_by("teacher__sort_key").values_list("teacher__name", flat=True)[:5]
    return _("还有%(count)d名学员未评定等级：%(names)s%(more)s") % {
        "count": count,
        "names": "、".join(names),
        "more": _("等") if count > len(names) else "",
    }


def _fix_figures(grading: ClassGrading, rulebook: Rulebook) -> None:
    """Write rate and score of every grade as they now stand. Four statements."""
    rows = list(grading.grades.all())
    rates = queries.rates_of(each.enrollment_id for each in rows)
    rule, _bound = suggestion_of(rulebook)
    for each in rows:
        each.attendance_rate = rates.get(each.enrollment_id)
        case = GradingCase(each.attendance_rate, each.performance_mark, each.outcome_mark)
        each.score = rule.score(case) if rule else None
    Grade.objects.bulk_update(rows, ["attendance_rate", "score"])


def _back(act: Act, training_class: TrainingClass, action: str, reason: str) -> ClassGrading:
    if not reason.strip():
        raise Invalid(_("请填写理由。"), field="reason")
    grading = lock_gradings([training_class])[training_class.pk]
    before = grading.state
    GRADING.apply(grading, action, submitted_at=None, closed_at=None)
    act.reason = reason
    act.changed(training_class, before={"grading": before}, after={"grading": grading.state})
    return grading


def _clause(rulebook: Rulebook) -> Clause | None:
    """The clause of the grade scale."""
    level = rulebook.grade_levels.exclude(clause=None).select_related("clause__notice").first()
    return level.clause if level else None


def _citation(rulebook: Rulebook) -> Citation | None:
    found = _clause(rulebook)
    return found.citation if found else None
