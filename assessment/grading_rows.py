"""The grade sheet of a class as its page shows it, and what a posted one changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessment.models import Grade, GradeLevel
from assessment.pasting import mark_of
from assessment.queries import attendance as queries
from assessment.rules import GradingCase, SuggestionRule, suggestion_of
from assessment.services.grading import GIVEN, Entry
from enrollment.models import Enrollment
from enrollment.queries.arrival import present_in
from portal.text import normalise
from programs.models import TrainingClass


@dataclass(frozen=True)
class GradeRow:
    """One trainee: what is stored, what was typed, what the figures suggest and what is odd about the level."""

    enrollment: Enrollment
    grade: Grade | None
    rate: Decimal | None
    score: Decimal | None
    suggestion: str
    remark: str
    shown: Mapping[str, str]
    saved: str


def grade_rows(
    training_class: TrainingClass, levels: list[GradeLevel], typed: Mapping[str, str] | None = None
) -> list[GradeRow]:
    """The class's trainees who have come, by name. Three queries."""
    rule, _bound = suggestion_of(training_class.rulebook)
    names = {each.code: each.name for each in levels}
    people = present_in(training_class).select_related("teacher", "school", "grade__level")
    rows = queries.with_attendance(people).order_by("teacher__sort_key", "pk")
    return [_row(each, rule, names, typed) for each in rows]


def changed_entries(posted: Mapping[str, str]) -> list[Entry]:
    """What the posted sheet changes: cells left as they were shown are not sent on. Raises Invalid for odd marks."""
    return list(_changed(posted))


def _changed(posted: Mapping[str, str]) -> Iterator[Entry]:
    for name in posted:
        key = name.removeprefix("was-")
        if name == key or not key.isdecimal() or len(key) > 11:
            continue
        now = {each: normalise(posted.get(f"{each}-{key}", "")) for each in GIVEN}
        was = dict(zip(GIVEN, posted[name].split("|", len(GIVEN) - 1), strict=False))
        values = {each: _value(each, text) for each, text in now.items() if text != was.get(each, "")}
        if values:
            yield Entry(int(key), values)


def _value(name: str, text: str) -> Any:
    if name in {"level", "comment"} or not text:
        return text
    return mark_of(text)


def _row(
    person: Any, rule: SuggestionRule | None, names: Mapping[str, str], typed: Mapping[str, str] | None
) -> GradeRow:
    grade: Grade | None = getattr(person, "grade", None)
    code = grade.level.code if grade and grade.level else ""
    rate = grade.attendance_rate if grade and grade.attendance_rate is not None else person.rate
    case = GradingCase(
        rate, grade.performance_mark if grade else None, grade.outcome_mark if grade else None, code
    )
    stored = {
        "level": code,
        "performance_mark": _text(case.performance),
        "outcome_mark": _text(case.outcome),
        "comment": grade.comment if grade else "",
    }
    shown = (
        {name: typed.get(f"{name}-{person.pk}", text) for name, text in stored.items()} if typed else stored
    )
    return GradeRow(
        person,
        grade,
        rate,
        rule.score(case) if rule else None,
        names.get(rule.suggest(case), "") if rule else "",
        rule.check(case) if rule else "",
        shown,
        "|".join(stored[name] for name in GIVEN),
    )


def _text(mark: Decimal | None) -> str:
    return "" if mark is None else f"{mark:.1f}".removesuffix(".0")
