"""Half-days from a timetable. Pure but for the one insert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from django.utils import timezone

from assessment.models import Half, Session
from programs.models import Lesson, TrainingClass

NOON = time(12)


def half_days(lessons: Iterable[Lesson]) -> dict[tuple[date, Half], tuple[datetime, datetime]]:
    """When each half-day with lessons begins and ends; one across noon counts in both. Evenings are afternoon."""
    found: dict[tuple[date, Half], tuple[datetime, datetime]] = {}
    for lesson in lessons:
        for half, starts, ends in _parts(lesson):
            key = (timezone.localdate(starts), half)
            first, last = found.get(key, (starts, ends))
            found[key] = (min(first, starts), max(last, ends))
    return found


def make_sessions(training_class: TrainingClass) -> int:
    """Write the half-days of the class's timetable that are not there yet; return how many it has. Two statements."""
    spans = half_days(training_class.lessons.all())
    Session.objects.bulk_create(
        (
            Session(training_class=training_class, day=day, half=half, starts_at=starts, ends_at=ends)
            for (day, half), (starts, ends) in sorted(spans.items())
        ),
        ignore_conflicts=True,
    )
    return len(spans)


def _parts(lesson: Lesson) -> Iterator[tuple[Half, datetime, datetime]]:
    noon = timezone.make_aware(datetime.combine(timezone.localdate(lesson.starts_at), NOON))
    if lesson.starts_at < noon:
        yield Half.AM, lesson.starts_at, min(lesson.ends_at, noon)
    if lesson.ends_at > noon:
        yield Half.PM, max(lesson.starts_at, noon), lesson.ends_at
