"""Many teachers at once: found, made and brought up to date in a handful of queries, however many rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from portal.bulk import Among, Blank, copy_in
from portal.errors import NotAllowed
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.models import Organization
from portal.organizations.permits import reaches
from portal.people.checks import DATA_FIELDS, complete_from_itself, is_empty
from portal.people.codes import DocumentType
from portal.people.models import Teacher, id_digest
from portal.people.permits import KEEPERS
from portal.people.services.records import told_if_taken

_WRITTEN = (*DATA_FIELDS, "id_digest", "sort_key", "initials", "version", "updated_at")


@cache
def _blank() -> Blank[Teacher]:
    return Blank(Teacher)


@dataclass(slots=True)
class TeacherRow:
    """One teacher as a sheet gives it. `said` is clean (see `clean_data`), with at least name and id_number."""

    school: Organization
    said: Mapping[str, Any]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        kind = self.said.get("document_type") or DocumentType.RESIDENT_ID
        self.digest = id_digest(kind, self.said["id_number"])

    def record(self) -> Teacher:
        """The new record that the row would make."""
        teacher = _blank().fill({"school": self.school, **self.said})
        complete_from_itself(teacher)
        return teacher


@dataclass
class Gathered:
    """The teachers of some rows, by digest. `elsewhere` belong to another school, `misnamed` bear another name.

    Those two are reported and left as they are; they do not stand in `teachers`.
    """

    teachers: dict[str, Teacher] = field(default_factory=dict)
    created: list[Teacher] = field(default_factory=list)
    updated: list[Teacher] = field(default_factory=list)
    elsewhere: dict[str, Teacher] = field(default_factory=dict)
    misnamed: dict[str, Teacher] = field(default_factory=dict)


def known_teachers(rows: Iterable[TeacherRow]) -> dict[str, Teacher]:
    """The records that exist for `rows`, by digest. One query."""
    found = Teacher.objects.filter(Among(F("id_digest"), {row.digest for row in rows}))
    return {teacher.id_digest: teacher for teacher in found.select_related("school")}


def find_or_create_teachers(act: Act, rows: Sequence[TeacherRow], *, overwrite: bool = False) -> Gathered:
    """Return the teachers of `rows`, making those that have no record yet. Call it inside an operation.

    Four statements, whatever the number of rows.
    A record that exists gets what it lacks; with `overwrite` also what the row says otherwise. The rows are sound
    (see `portal.people.checks.problems_of`). A person of another school is reported, not moved.
    """
    by_digest = {row.digest: row for row in reversed(rows)}
    known = _locked(list(by_digest))
    gathered = Gathered()
    for digest, row in by_digest.items():
        teacher = known.get(digest)
        if teacher is None:
            gathered.created.append(_new(row))
        elif teacher.school_id != row.school.pk:
            gathered.elsewhere[digest] = teacher
        elif teacher.name != row.said["name"]:
            gathered.misnamed[digest] = teacher
        else:
            gathered.teachers[digest] = teacher
            if _bring_up_to_date(teacher, row, overwrite=overwrite):
                gathered.updated.append(teacher)
    _write(gathered, act.now)
    gathered.teachers |= {teacher.id_digest: teacher for teacher in gathered.created}
    return gathered


def _locked(digests: Sequence[str]) -> dict[str, Teacher]:
    rows = Teacher.objects.filter(Among(F("id_digest"), digests)).select_related("school").order_by("pk")
    return {teacher.id_digest: teacher for teacher in rows.select_for_update(of=["self"])}


def _new(row: TeacherRow) -> Teacher:
    teacher = row.record()
    teacher.fill_keys()
    return teacher


def _bring_up_to_date(teacher: Teacher, row: TeacherRow, *, overwrite: bool) -> bool:
    changed = changes(teacher, row, overwrite=overwrite)
    for name, value in changed.items():
        setattr(teacher, name, value)
    if changed:
        complete_from_itself(teacher)
        teacher.fill_keys()
        teacher.version += 1
    return bool(changed)


def changes(teacher: Teacher, row: TeacherRow, *, overwrite: bool) -> dict[str, Any]:
    """What `row` would change in the record: where it says something that the record lacks or says otherwise.

    An empty cell never empties a record.
    """
    return {
        name: value
        for name, value in row.said.items()
        if (present := getattr(teacher, name)) != value
        and not is_empty(value)
        and (overwrite or is_empty(present))
    }


def _write(gathered: Gathered, now: datetime) -> None:
    for teacher in gathered.updated:
        teacher.updated_at = now
    with told_if_taken():
        copy_in(gathered.created)
        Teacher.objects.bulk_create(
            gathered.updated, update_conflicts=True, unique_fields=["pk"], update_fields=_WRITTEN
        )


@operation("people.import_teachers", _("导入教师"), roles=KEEPERS, system=True)
def import_teachers(act: Act, subject: None, *, rows: Sequence[TeacherRow]) -> Gathered:
    """Take rows judged ready: new records are made, those of the same school brought up to date.

    Raises NotAllowed when a school is out of the actor's reach. One audit entry with a line a teacher.
    """
    for school in {row.school.pk: row.school for row in rows}.values():
        if not reaches(act.actor, school):
            message = _("“%(school)s”不在您的管理范围内，不能导入其教师。请删除这些行后重新上传。")
            raise NotAllowed(message % {"school": school})
    gathered = find_or_create_teachers(act, rows, overwrite=True)
    act.after |= counts(gathered)
    act.list_rows(_line(teacher, "created") for teacher in gathered.created)
    act.list_rows(_line(teacher, "updated") for teacher in gathered.updated)
    return gathered


def counts(gathered: Gathered) -> dict[str, int]:
    """How many were made, brought up to date, and left as they are."""
    return {
        "created": len(gathered.created),
        "updated": len(gathered.updated),
        "elsewhere": len(gathered.elsewhere),
        "misnamed": len(gathered.misnamed),
    }


def _line(teacher: Teacher, done: str) -> dict[str, Any]:
    return {"teacher": teacher.pk, "name": teacher.name, "id": teacher.masked_id, "done": done}
