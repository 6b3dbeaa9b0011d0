"""The caps of the scale, held for a class: counters under its lock, a check constraint behind them. CQ20-5.2.

The share is of those who have come (参训学员): whoever never reported is neither graded nor counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from assessment.models import ClassGrading, Grade, GradeLevel, LevelTally
from enrollment.models import Arrival, Enrollment
from portal.errors import RuleBroken
from programs.models import TrainingClass

Deltas = Mapping[tuple[int, int], int]

# Adds to the counters in one statement; a sum above the cap breaks the constraint whoever forgot the lock.
_ADD = """
    UPDATE assessment_leveltally AS t SET used = t.used + d.delta
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS d (grading, level, delta)
    WHERE t.grading_id = d.grading AND t.level_id = d.level
"""

_COUNT = """
    UPDATE assessment_classgrading AS g SET trainees = n.trainees
    FROM unnest(%s::bigint[], %s::int[]) AS n (grading, trainees) WHERE g.id = n.grading
"""
_CAP = """
    INSERT INTO assessment_leveltally (grading_id, level_id, used, most)
    SELECT grading, level, 0, most FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS n (grading, level, most)
    ON CONFLICT (grading_id, level_id) DO UPDATE SET most = excluded.most
    WHERE assessment_leveltally.most <> excluded.most
"""


def lock_gradings(classes: Sequence[TrainingClass]) -> dict[int, ClassGrading]:
    """The gradings of `classes`, by class key, made where missing, each locked, in the order of their keys."""
    ClassGrading.objects.bulk_create(
        (ClassGrading(training_class=each) for each in classes), ignore_conflicts=True
    )
    rows = ClassGrading.objects.filter(training_class__in=classes).order_by("pk").select_for_update()
    return {each.training_class_id: each for each in rows}


def refresh_caps(gradings: Iterable[ClassGrading], capped: Sequence[GradeLevel]) -> None:
    """Set how many of each class may have each capped level, from how many have come. At most three statements."""
    found = list(gradings)
    counts = trainees_in([each.training_class_id for each in found])
    changed = [each for each in found if each.trainees != counts.get(each.training_class_id, 0)]
    for each in changed:
        each.trainees = counts.get(each.training_class_id, 0)
    rows = [(each.pk, level.pk, most_of(level, each.trainees)) for each in found for level in capped]
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(_COUNT, [[each.pk for each in changed], [each.trainees for each in changed]])
        if rows:
            cursor.execute(_CAP, [list(column) for column in zip(*rows, strict=True)])


def trainees_in(classes: Iterable[int]) -> dict[int, int]:
    """How many have come, by class key. One query."""
    rows = Enrollment.objects.on_roster().filter(
        training_class__in=[*classes], check_in__state=Arrival.PRESENT
    )
    return dict(rows.order_by().values_list("training_class").annotate(count=Count("pk")))


def most_of(level: GradeLevel, trainees: int) -> int:
    """The largest number of `trainees` that does not exceed the level's share: rounded down."""
    return int((Decimal(level.cap or 0) * trainees).to_integral_value(ROUND_FLOOR))


def deltas_of(
    before: Iterable[tuple[int, int | None]], after: Iterable[tuple[int, int | None]]
) -> dict[tuple[int, int], int]:
    """By (grading, level), how many more have the level `after` than `before`."""
    found: Counter[tuple[int, int]] = Counter()
    for sign, pairs in ((-1, before), (1, after)):
        for grading, level in pairs:
            if level is not None:
                found[grading, level] += sign
    return {key: delta for key, delta in found.items() if delta}


def add_to_tallies(
    gradings: Mapping[int, ClassGrading], capped: Sequence[GradeLevel], deltas: Deltas
) -> None:
    """Count up and down. Raises RuleBroken, saying how many are left, when a class would exceed a cap. CQ20-5.2."""
    levels = {each.pk: each for each in capped}
    wanted = {key: delta for key, delta in deltas.items() if key[1] in levels}
    if not wanted:
        return
    by_key = {each.pk: each for each in gradings.values()}
    tallies = LevelTally.objects.filter(grading__in=by_key, level__in=levels)
    found = {(each.grading_id, each.level_id): each for each in tallies}
    over = [key for key, delta in wanted.items() if found[key].used + delta > found[key].most]
    if over:
        raise _too_many(by_key, levels, found, {key: wanted[key] for key in over})
    with connection.cursor() as cursor:
        keys = sorted(wanted)
        cursor.execute(
            _ADD, [[key[0] for key in keys], [key[1] for key in keys], [wanted[key] for key in keys]]
        )


def caps_of(training_class: TrainingClass, levels: Sequence[GradeLevel]) -> list[LevelTally]:
    """How many of the class have each capped level now, and how many may. Two queries."""
    capped = [each for each in levels if each.cap is not None]
    trainees = trainees_in([training_class.pk]).get(training_class.pk, 0)
    stored = LevelTally.objects.filter(grading__training_class=training_class)
    used = dict(stored.values_list("level", "used"))
    return [
        LevelTally(level=each, used=used.get(each.pk, 0), most=most_of(each, trainees)) for each in capped
    ]


def recount(grading: ClassGrading) -> dict[int, int]:
    """By level, how many grades there really are: what the tallies must equal."""
    rows = Grade.objects.filter(grading=grading).exclude(level=None).order_by()
    return dict(rows.values_list("level").annotate(count=Count("pk")))


def _too_many(
    gradings: Mapping[int, ClassGrading],
    levels: Mapping[int, GradeLevel],
    found: Mapping[tuple[int, int], LevelTally],
    over: Deltas,
) -> RuleBroken:
    lines = []
    for (grading, level), delta in over.items():
        tally = found[grading, level]
        lines.append(
            _(
                "“%(class)s”的“%(level)s”最多%(most)d人（参训%(trainees)d人的%(cap)s%%），已评%(used)d人，还可评%(left)d人，本次要新增%(delta)d人"
            )
            % {
                "class": gradings[grading].training_class,
                "level": levels[level],
                "most": tally.most,
                "trainees": gradings[grading].trainees,
                "cap": f"{(levels[level].cap or 0) * 100:.1f}".removesuffix(".0"),
                "used": tally.used,
                "left": max(0, tally.most - tally.used),
                "delta": delta,
            }
        )
    clause = next((levels[level].clause for _grading, level in over), None)
    return RuleBroken(
        "；".join(lines) + _("。请减少后重新提交，本次未保存任何成绩。"),
        code="over_cap",
        citation=clause.citation if clause else None,
    )
