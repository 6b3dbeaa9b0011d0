"""The timetable of a class as a paper. Source: CQ20-3.1, domain facts §2.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import SEPARATED, Role
from portal.papers.kinds import Facts, PaperKind, register_kind
from programs.models import Lesson, TrainingClass

CODE = "programs.timetable"


def timetable_rows() -> QuerySet[TrainingClass]:
    """Classes with all that their timetables print. Two queries."""
    rows = TrainingClass.objects.select_related("project__program", "base", "class_teacher")
    return rows.prefetch_related("lessons")


def timetable_context(classes: Sequence[TrainingClass]) -> list[Mapping[str, Any]]:
    """What each timetable says, plain values only. No query beyond the rows'."""
    return [_context(each) for each in classes]


def timetable_facts(training_class: TrainingClass) -> Facts:
    """What a stranger who scans the timetable may see."""
    return Facts(
        title=_("%(name)s课程表") % {"name": training_class.name},
        number=f"{training_class.project.code}-{training_class.number:02d}",
        issuer=training_class.base.name,
        lines=[(_("培训时间"), _when(training_class)), (_("培训地点"), training_class.place)],
    )


def _context(training_class: TrainingClass) -> Mapping[str, Any]:
    teacher = training_class.class_teacher
    lessons = groupby(training_class.lessons.all(), key=lambda each: timezone.localdate(each.starts_at))
    return {
        "program": training_class.project.program.name,
        "project": str(training_class.project),
        "base": training_class.base.name,
        "when": _when(training_class),
        "place": training_class.place,
        "contact": f"{training_class.contact_name} {training_class.contact_phone}",
        "class_teacher": teacher.name if teacher else "",
        "hours": training_class.project.hours,
        "days": [
            {
                "day": date_format(day, "n月j日"),
                "weekday": date_format(day, "l"),
                "lessons": list(map(_line, rows)),
            }
            for day, rows in lessons
        ],
    }


def _line(lesson: Lesson) -> dict[str, str]:
    starts, ends = timezone.localtime(lesson.starts_at), timezone.localtime(lesson.ends_at)
    return {
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
        "topic": lesson.topic,
        "mode": lesson.get_mode_display(),
        "lecturer": lesson.lecturer_name,
        "title": lesson.lecturer_title,
        "unit": lesson.lecturer_unit,
        "place": lesson.place,
        "note": lesson.note,
    }


def _when(training_class: TrainingClass) -> str:
    return f"{training_class.starts_on:%Y-%m-%d} — {training_class.ends_on:%Y-%m-%d}"


TIMETABLE = register_kind(
    PaperKind(
        CODE,
        gettext_lazy("班级课程表"),
        "papers/timetable.html",
        frozenset(Role) - SEPARATED,
        timetable_rows,
        timetable_context,
        timetable_facts,
    )
)
