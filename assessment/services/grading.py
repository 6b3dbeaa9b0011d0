"""Marks and grades, however they come: page, paste, xlsx, API call one operation. Source: CQ20-5.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import ClassGrading, Grade, GradeLevel, GradingState
from assessment.services import tallying
from enrollment.models import Arrival, Enrollment
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
    stored = {each.enrollment_id: each for each in Grade.objects.filter(enrollment__in=people)}
    book = _Book(levels, gradings, people, stored)
    wanted = [_merged(act, book, each) for each in entries]
    changed = [each for each in wanted if _differs(each, stored.get(each.enrollment_id))]
    _hold_caps(book, changed)
    _write(changed)
    _tell_audit(act, graded, book, changed)
    return len(changed)


@dataclass(frozen=True)
class _Book:
    """What an act works on: levels by code, locked gradings by class, people and stored grades by enrolment."""

    levels: Mapping[str, GradeLevel]
    gradings: Mapping[int, ClassGrading]
    people: Mapping[int, Enrollment]
    stored: Mapping[int, Grade]


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


def _people(graded: GradedClasses, entries: Sequence[Entry]) -> dict[int, Enrollment]:
    keys = {each.enrollment for each in entries}
    if len(keys) < len(entries):
        raise Invalid(_("同一学员出现了不止一次。"), code="repeated")
    rows = Enrollment.objects.on_roster().filter(
        pk__in=keys, training_class__in=graded.classes, check_in__state=Arrival.PRESENT
    )
    found = {each.pk: each for each in rows.select_related("teacher")}
    if len(found) < len(keys):
        raise RuleBroken(
            _("有%(count)d人未报到或不在本班名单中，不参加考核。") % {"count": len(keys) - len(found)},
            code="not_graded",
        )
    return found


def _merged(act: Act, book: _Book, entry: Entry) -> Grade:
    """The grade as it will be: what is given over what is stored."""
    person = book.people[entry.enrollment]
    old = book.stored.get(person.pk)
    grading = book.gradings[person.training_class_id]  # type: ignore[index]
    made = Grade(enrollment=person, grading=grading, updated_at=act.now, by_name=act.actor.name)
    for name in ("level_id", *MARKS, "comment"):
        setattr(made, name, getattr(old or made, name))
    for name, value in entry.values.items():
        if name == "level":
            made.level_id = _level(value, book.levels, person).pk if value else None
        elif name in MARKS:
            setattr(made, name, _mark(value, person))
        elif name == "comment":
            made.comment = str(value or "").strip()[:500]
    return made


def _level(code: str, levels: Mapping[str, GradeLevel], person: Enrollment) -> GradeLevel:
    if code not in levels:
        names = "、".join(each.name for each in levels.values())
        raise Invalid(
            _("%(name)s的等级只能是%(names)s。") % {"name": person.teacher.name, "names": names},
            field="level",
        )
    return levels[code]


def _mark(value: Any, person: Enrollment) -> Decimal | None:
    if value is None or value == "":
        return None
    mark = Decimal(value).quantize(Decimal("0.1"))
    if not 0 <= mark <= 100:
        raise Invalid(_("%(name)s的分数应在0至100之间。") % {"name": person.teacher.name}, field="mark")
    return mark


def _differs(new: Grade, old: Grade | None) -> bool:
    return old is None or any(getattr(new, name) != getattr(old, name) for name in _COLUMNS)


_COLUMNS = ("level_id", *MARKS, "comment")


def _hold_caps(book: _Book, changed: Sequence[Grade]) -> None:
    capped = [each for each in book.levels.values() if each.cap is not None]
    tallying.refresh_caps(book.gradings.values(), capped)
    was = [book.stored[each.enrollment_id] for each in changed if each.enrollment_id in book.stored]
    deltas = tallying.deltas_of(
        ((each.grading_id, each.level_id) for each in was),
        ((each.grading_id, each.level_id) for each in changed),
    )
    tallying.add_to_tallies(book.gradings, capped, deltas)


def _write(changed: Sequence[Grade]) -> None:
    Grade.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["enrollment"],
        update_fields=["level", *MARKS, "comment", "updated_at", "by_name"],
    )


def _tell_audit(act: Act, graded: GradedClasses, book: _Book, changed: Sequence[Grade]) -> None:
    if len(graded.classes) == 1:
        act.changed(graded.classes[0])
    act.after |= {"classes": len(graded.classes), "changed": len(changed)}
    act.list_rows(
        {
            "enrollment": each.enrollment_id,
            "name": book.people[each.enrollment_id].teacher.name,
            "was": _values(book.stored.get(each.enrollment_id)),
            "now": _values(each),
        }
        for each in changed
    )


def _values(grade: Grade | None) -> list[Any]:
    return (
        [] if grade is None else [grade.level_id, grade.performance_mark, grade.outcome_mark, grade.comment]
    )
