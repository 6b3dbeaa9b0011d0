"""Many schools at once: made and brought up to date in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from portal.errors import Invalid, NotAllowed
from portal.names import initials
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.checks import problems_of
from portal.organizations.models import Organization
from portal.organizations.permits import KEEPERS, reaches
from portal.organizations.problems import refuse_blocking
from portal.organizations.services.records import DATA_FIELDS
from portal.organizations.services.tree import lock_tree, require_place


@dataclass(frozen=True)
class SchoolRow:
    """One school as a sheet gives it: its superior, kind, name, and what `clean_data` made of DATA_FIELDS."""

    parent: Organization
    kind: str
    name: str
    data: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.data.get("school_code", ""))


@dataclass
class Imported:
    created: list[Organization] = field(default_factory=list)
    updated: list[Organization] = field(default_factory=list)
    unchanged: int = 0


@dataclass
class Known:
    """The organisations that rows of a sheet may mean, by code and by place and name."""

    by_code: dict[str, Organization] = field(default_factory=dict)
    by_name: dict[tuple[int, str, str], Organization] = field(default_factory=dict)

    def find(self, row: SchoolRow) -> Organization | None:
        """The organisation that `row` means: of its code, else of its name under its superior."""
        if row.code and row.code in self.by_code:
            return self.by_code[row.code]
        same = self.by_name.get((row.parent.pk, row.kind, row.name))
        return None if same and same.school_code and row.code else same


def known_schools(rows: Sequence[SchoolRow]) -> Known:
    """Two queries for any number of rows."""
    known = Known()
    coded = Organization.objects.filter(school_code__in={row.code for row in rows} - {""})
    known.by_code = {each.school_code: each for each in coded}
    placed = Organization.objects.active().filter(parent__in={row.parent.pk for row in rows})
    for each in placed.filter(kind__in={row.kind for row in rows}):
        known.by_name[each.parent_id or 0, each.kind, each.name] = each
    return known


def changes(school: Organization, row: SchoolRow) -> dict[str, Any]:
    """What `row` would change in the record: where it says something else. An empty cell changes nothing."""
    return {name: value for name, value in row.data.items() if value and getattr(school, name) != value}


@operation("organizations.import_schools", _("导入学校"), roles=KEEPERS, system=True)
def import_schools(act: Act, subject: None, *, rows: Sequence[SchoolRow]) -> Imported:
    """Take rows judged ready. Raises NotAllowed for a superior out of reach, Invalid for a row that cannot stand.

    Schools are known by code, else by name under their superior. One audit entry with a line a school.
    """
    lock_tree()
    for parent in {row.parent.pk: row.parent for row in rows}.values():
        _require_parent(act, parent)
    known, done = known_schools(rows), Imported()
    for row in rows:
        school = known.find(row)
        if school is None:
            done.created.append(_new(row))
        elif _bring_up_to_date(act, school, row):
            done.updated.append(school)
        else:
            done.unchanged += 1
    _write(done)
    _record(act, done)
    return done


def _require_parent(act: Act, parent: Organization) -> None:
    if not reaches(act.actor, parent):
        message = _("“%(parent)s”不在您的管理范围内，不能导入其学校。")
        raise NotAllowed(message % {"parent": parent})


def _new(row: SchoolRow) -> Organization:
    require_place(row.kind, row.parent)
    said = {name: value for name, value in row.data.items() if value}
    school = Organization(
        parent=row.parent, kind=row.kind, name=row.name, initials=initials(row.name), **said
    )
    refuse_blocking(problems_of(school))
    return school


def _bring_up_to_date(act: Act, school: Organization, row: SchoolRow) -> bool:
    if not reaches(act.actor, school):
        message = _("学校编码%(code)s属于“%(school)s”，不在您的管理范围内。")
        raise Invalid(message % {"code": row.code, "school": school}, field="school_code")
    changed = changes(school, row)
    for name, value in changed.items():
        setattr(school, name, value)
    school.version += bool(changed)
    refuse_blocking(problems_of(school))
    return bool(changed)


def _write(done: Imported) -> None:
    """Three statements: the new ones, their paths (which hold their keys), the changed ones."""
    Organization.objects.bulk_create(done.created)
    made = Organization.objects.filter(pk__in=[school.pk for school in done.created])
    above = Subquery(Organization.objects.filter(pk=OuterRef("parent")).values("path"))
    made.update(path=Concat(above, Cast(F("pk"), CharField()), Value("/")))
    Organization.objects.bulk_create(
        done.updated, update_conflicts=True, unique_fields=["pk"], update_fields=[*DATA_FIELDS, "version"]
    )


def _record(act: Act, done: Imported) -> None:
    act.after |= {"created": len(done.created), "updated": len(done.updated), "unchanged": done.unchanged}
    for word, schools in (("created", done.created), ("updated", done.updated)):
        act.list_rows(
            {"organization": each.pk, "name": each.name, "code": each.school_code, "done": word}
            for each in schools
        )
