"""Marks and grades, however they come: page, paste, xlsx, API call one operation. Source: CQ20-5.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import ClassGrading, GradeLevel, GradingState
from assessment.services import grade_book, tallying
from assessment.services.grade_book import Line, Marks, Person
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import Scope
from portal.rulebook.models import Rulebook
from programs.models import ClassState, TrainingClass
from programs.scopes import RUNNERS, is_run_by

PHASE = "closing"
MARKS = ("performance_mark", "outcome_mark")
TENTH, COMMENT = Decimal("0.1"), 500
GIVEN = ("level", *MARKS, "comment")


class GradedClasses:
    """The classes of one programme that are graded in one act."""

    def __init__(self, *classes: TrainingClass) -> None:
        if not classes or len({each.project.program_id for each in classes}) > 1:
            raise Invalid(_("请选择同一年度计划的班级。"))
        self.classes = classes

    @property
    def rulebook(self) -> Rulebook:
        return self.classes[0].rulebook

    def run_by(self, actor: Actor) -> bool:
        return all(is_run_by(actor, each) for each in self.classes)


@dataclass(frozen=True)
class Entry:
    """What is given for one trainee. Only the names in `values` (of GIVEN) are written; `level` is a code or ""."""

    enrollment: int
    values: Mapping[str, Any]


@operation(
    "assessment.record_grades",
    gettext_lazy("登记成绩"),
    roles=RUNNERS,
    scope=Scope("本基地 / 本班", lambda actor, subject: subject.run_by(actor)),
    phase=PHASE,
    clauses=["CQ20-5.2"],
)
def record_grades(act: Act, graded: GradedClasses, *, entries: Sequence[Entry]) -> int:
    """Write marks and levels of trainees who have come; return how many changed. All or nothing.

    A constant number of statements, whatever the number of classes and people. Raises RuleBroken when a class would
    exceed a level's cap, WrongState when a grading is not open, Invalid for people who are not to be graded.
    """
    levels = {each.code: each for each in graded.rulebook.grade_levels.select_related("clause__notice")}
    gradings = tallying.lock_gradings(graded.classes)
    _require_open(graded, gradings)
    people = _people(graded, entries)
    stored = grade_book.stored_marks(gradings.values())
    lines = [
        _line(each, people[each.enrollment], gradings, stored.get(each.enrollment), levels)
        for each in entries
    ]
    changed = [each for each in lines if each.changes]
    _hold_caps(gradings, levels, changed)
    grade_book.write_lines(changed, at=act.now, by_name=act.actor.name)
    grade_book.tell_audit(act, graded.classes, changed)
    return len(changed)


def _require_open(graded: GradedClasses, gradings: Mapping[int, ClassGrading]) -> None:
    for each in graded.classes:
        if each.state not in (ClassState.OPEN, ClassState.FINISHED):
            raise WrongState(
                _("“%(name)s”%(state)s，开班后才能登记成绩。")
                % {"name": each, "state": each.get_state_display()}
            )
        state = gradings[each.pk].state
        if state != GradingState.OPEN:
            raise WrongState(
                _("“%(name)s”的成绩%(state)s，不能再改。已提交的请基地退回，已审定的请项目办重开。")
                % {"name": each, "state": GradingState(state).label}
            )


def _people(graded: GradedClasses, entries: Sequence[Entry]) -> dict[int, Person]:
    keys = {each.enrollment for each in entries}
    if len(keys) < len(entries):
        raise Invalid(_("同一学员出现了不止一次。"), code="repeated")
    found = grade_book.people_of(graded.classes)
    count = grade_book.missing(keys, found)
    if count:
        raise RuleBroken(
            _("有%(count)d人未报到或不在本班名单中，不参加考核。") % {"count": count}, code="not_graded"
        )
    return found


def _line(
    entry: Entry,
    person: Person,
    gradings: Mapping[int, ClassGrading],
    was: Marks | None,
    levels: Mapping[str, GradeLevel],
) -> Line:
    """The grade as it will be: what is given over what is stored."""
    level, performance, outcome, comment = was or Marks()
    values = entry.values
    if "level" in values:
        level = _level(values["level"], levels, person) if values["level"] else None
    if "performance_mark" in values:
        performance = _mark(values["performance_mark"], person)
    if "outcome_mark" in values:
        outcome = _mark(values["outcome_mark"], person)
    if "comment" in values:
        comment = str(values["comment"] or "").strip()[:COMMENT]
    now = Marks(level, performance, outcome, comment)
    return Line(person, gradings[person.training_class].pk, was, now)


def _level(code: str, levels: Mapping[str, GradeLevel], person: Person) -> int:
    if code not in levels:
        names = "、".join(each.name for each in levels.values())
        raise Invalid(
            _("%(name)s的等级只能是%(names)s。") % {"name": person.name, "names": names}, field="level"
        )
    return levels[code].pk


def _mark(value: Any, person: Person) -> Decimal | None:
    if value is None or value == "":
        return None
    mark = Decimal(value).quantize(TENTH)
    if not 0 <= mark <= 100:
        raise Invalid(_("%(name)s的分数应在0至100之间。") % {"name": person.name}, field="mark")
    return mark


def _hold_caps(
    gradings: Mapping[int, ClassGrading], levels: Mapping[str, GradeLevel], changed: Sequence[Line]
) -> None:
    capped = [each for each in levels.values() if each.cap is not None]
    tallying.refresh_caps(gradings.values(), capped)
    deltas = tallying.deltas_of(
        ((each.grading, each.was.level) for each in changed if each.was),
        ((each.grading, each.now.level) for each in changed),
    )
    tallying.add_to_tallies(gradings, capped, deltas)
