"""What the rules look at of each nomination, gathered for any number of them in a constant number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import F, Q

from enrollment.models import Ban, Nomination
from portal.bulk import Among
from portal.organizations.models import Organization
from portal.people.models import Teacher
from programs.models import Audience, Project, TrainingClass
from quotas.models import Quota


class Candidate(NamedTuple):
    """One person put forward for one project; `quota` is whose seats are asked for."""

    teacher: Teacher
    project: Project
    quota: Quota | None
    training_class: TrainingClass | None = None
    replaces: Nomination | None = None
    # The nomination itself when it is judged again.
    nomination_id: int | None = None

    @property
    def project_id(self) -> int:
        return self.project.pk


class NominationCase(NamedTuple):
    """All that the rules look at. `rank` is the person's place among those who ask for the same quota, from 1."""

    teacher: Teacher
    project: Project
    audience: Audience
    school_kind: str
    on: date
    free_seats: int | None
    rank: int = 1
    repeated: bool = False
    duplicate_of: str = ""
    overlaps: tuple[str, ...] = ()
    ban: Ban | None = None
    replaces: Teacher | None = None
    same_organization: bool = True


def gather_cases(candidates: Sequence[Candidate], on: date) -> list[NominationCase]:
    """The case of each candidate, in order. Four queries whatever their number.

    Teachers come with their school, projects with their audience and programme. A nomination that is judged again
    already holds its seat, so its quota counts one more.
    """
    facts = _Facts.read(candidates, on)
    ranks: Counter[int] = Counter()
    # By digest: people whom a sheet brings for the first time have no key yet.
    seen: Counter[tuple[str, int]] = Counter()
    earlier: dict[str, list[Candidate]] = defaultdict(list)
    cases = []
    for each in candidates:
        key = (each.teacher.id_digest, each.project.pk)
        seen[key] += 1
        if each.quota and seen[key] == 1 and each.nomination_id is None and each.replaces is None:
            ranks[each.quota.pk] += 1
        rank = ranks[each.quota.pk] if each.quota else 1
        before = earlier[each.teacher.id_digest]
        cases.append(_case(each, facts, on, rank=rank, repeated=seen[key] > 1, before=before))
        before.append(each)
    return cases


@dataclass(frozen=True)
class _Facts:
    """What was read for all candidates at once."""

    live: Mapping[int, list[Nomination]]
    bans: Mapping[int, Ban]
    classes: Mapping[int, list[TrainingClass]]

    @classmethod
    def read(cls, candidates: Sequence[Candidate], on: date) -> _Facts:
        teachers = {each.teacher.pk for each in candidates if each.teacher.pk}
        live = _grouped(
            Nomination.objects.live()
            .filter(Among(F("teacher"), teachers))
            .select_related("organization", "training_class", "project")
        )
        involved = {each.project.pk for each in candidates} | {
            n.project_id for rows in live.values() for n in rows
        }
        return cls(live, _bans(candidates, teachers, on), _classes(involved))


def _grouped(rows: Iterable[Nomination]) -> dict[int, list[Nomination]]:
    found: dict[int, list[Nomination]] = defaultdict(list)
    for each in rows:
        found[each.teacher_id].append(each)
    return found


def _bans(candidates: Sequence[Candidate], teachers: set[int], on: date) -> dict[int, Ban]:
    levels = {each.project.program.level for each in candidates}
    wanted = Q(*(("levels__contains", level) for level in levels), _connector=Q.OR)
    rows = Ban.objects.filter(
        wanted, Among(F("teacher"), teachers), from_day__lte=on, until_day__gte=on, lifted_at=None
    )
    return {each.teacher_id: each for each in rows}


def _classes(projects: set[int]) -> dict[int, list[TrainingClass]]:
    found: dict[int, list[TrainingClass]] = defaultdict(list)
    for each in TrainingClass.objects.published().filter(project__in=projects):
        found[each.project_id].append(each)
    return found


def _case(
    each: Candidate, facts: _Facts, on: date, *, rank: int, repeated: bool, before: Sequence[Candidate]
) -> NominationCase:
    """`before` are the same person's earlier rows of the sheet."""
    others = [
        row
        for row in facts.live.get(each.teacher.pk, [])
        if row.pk != each.nomination_id and not (each.replaces and row.pk == each.replaces.pk)
    ]
    twin = next((row for row in others if row.project_id == each.project.pk), None)
    original = each.replaces
    return NominationCase(
        teacher=each.teacher,
        project=each.project,
        audience=each.project.audience,
        school_kind=each.teacher.school.kind,
        on=on,
        free_seats=_free(each),
        rank=rank,
        repeated=repeated,
        duplicate_of=twin.organization.label if twin else "",
        overlaps=_overlaps(each, [*others, *before], facts.classes),
        ban=facts.bans.get(each.teacher.pk),
        replaces=original.teacher if original else None,
        same_organization=original is None or _belongs(each.teacher, original.organization),
    )


def _free(each: Candidate) -> int | None:
    """A person who already holds the seat, or takes over another's, needs no free one."""
    if each.quota is None:
        return None
    return each.quota.free + (1 if each.nomination_id or each.replaces else 0)


def _belongs(teacher: Teacher, organization: Organization) -> bool:
    return teacher.school.path.startswith(organization.path)


def _overlaps(
    each: Candidate, others: Sequence[Nomination | Candidate], classes: Mapping[int, list[TrainingClass]]
) -> tuple[str, ...]:
    """Names of classes that run while every class open to the candidate runs: only then is there no way out."""
    mine = [each.training_class] if each.training_class else classes.get(each.project.pk, [])
    found = []
    for other in others:
        if other.project_id == each.project.pk:
            continue
        theirs = [other.training_class] if other.training_class else classes.get(other.project_id, [])
        if mine and theirs and all(_meet(a, b) for a in mine for b in theirs):
            found.append(theirs[0].name)
    return tuple(found)


def _meet(one: TrainingClass, other: TrainingClass) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
