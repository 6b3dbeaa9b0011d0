"""The import of teachers' sheets: each row judged before anything is written, then all ready ones taken at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.errors import NotAllowed
from portal.operations.actor import Actor
from portal.organizations.employers import Employers
from portal.organizations.models import Organization
from portal.organizations.problems import Problem
from portal.people.checks import DATA_FIELDS, is_empty, problems_of
from portal.people.codes import TITLES, DocumentType
from portal.people.identity import birth_of
from portal.people.models import Teacher
from portal.people.permits import KEEPERS
from portal.people.services.bulk import TeacherRow, changes, counts, import_teachers, known_teachers
from portal.people.sheets import TEACHERS
from portal.rulebook.findings import Verdict
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow


class Draft(NamedTuple):
    """A row on its way: the teacher it would make, and what is wrong with it. These are None without a school."""

    parsed: ParsedRow
    row: TeacherRow | None
    findings: Sequence[CellFinding]
    teacher: Teacher | None = None


def prepare(actor: Actor, params: Mapping[str, str]) -> Context:
    """Refuse whoever may not import teachers."""
    if actor.role not in KEEPERS:
        raise NotAllowed(_("您当前的角色不能导入教师。请由学校或区县管理员办理。"))
    return {}


def judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row. Three queries, whatever the number of rows."""
    employers, today = Employers.of(batch.organization), clock.today()
    drafts = [draft(each, employers, today) for each in rows]
    known = known_teachers([each.row for each in drafts if each.row])
    first: dict[str, int] = {}
    for each in drafts:
        if each.row is None:
            yield RowVerdict(each.parsed, Outcome.ERROR, each.findings)
            continue
        before = first.setdefault(each.row.digest, each.parsed.number)
        yield _verdict(each, each.row, known.get(each.row.digest), before)


def draft(parsed: ParsedRow, employers: Employers, today: date) -> Draft:
    """The teacher that a row would make; other sheets that name teachers read their rows with it too."""
    values = parsed.values
    school, problem = employers.find(values.get("school_code"), values.get("school"))
    if school is None:
        return Draft(parsed, None, [parsed.finding("school", problem)])
    row = teacher_row(values, school)
    teacher = row.record()
    findings = [_finding(parsed, each) for each in problems_of(teacher, today)]
    if problem:
        findings.append(parsed.finding("school", problem, severity=Verdict.WARN))
    return Draft(parsed, row, findings, teacher)


def _finding(parsed: ParsedRow, problem: Problem) -> CellFinding:
    severity = Verdict.BLOCK if problem.blocks else Verdict.WARN
    return parsed.finding(problem.field, problem.message, severity=severity)


def teacher_row(values: Mapping[str, Any], school: Organization) -> TeacherRow:
    """The record's fields among a sheet's values (column key → typed value); other keys are left out.

    What the kinds of the columns make of a cell is what a record keeps of it: nothing is cleaned a second time.
    """
    said: dict[str, Any] = {name: value for name in DATA_FIELDS if not is_empty(value := values.get(name))}
    if "title_level" not in said and (level := TITLES.get(said.get("title", ""))):
        said["title_level"] = level
    born = said.get("birth_date")
    if (
        born
        and born.day == 1
        and said.get("document_type", DocumentType.RESIDENT_ID) == DocumentType.RESIDENT_ID
    ):
        exact = birth_of(said["id_number"])
        if exact and (exact.year, exact.month) == (born.year, born.month):
            said["birth_date"] = exact
    return TeacherRow(school, said)


def _verdict(draft: Draft, row: TeacherRow, known: Teacher | None, first: int) -> RowVerdict:
    parsed, findings = draft.parsed, list(draft.findings)
    payload = {"school": row.school.pk}
    if first != parsed.number:
        message = _("与第%(row)d行的身份证件号相同。同一人只能填写一行，请删除多余的行。")
        findings.append(parsed.finding("id_number", message % {"row": first}))
        return RowVerdict(parsed, Outcome.ERROR, findings, payload)
    clash = conflict(parsed, row, known)
    if clash:
        return RowVerdict(parsed, Outcome.CONFLICT, [*findings, clash], payload)
    if known is not None and not changes(known, row, overwrite=True):
        message = _("已有档案，内容无变化。")
        findings.append(parsed.finding("", message, severity=Verdict.PASS))
    return RowVerdict(parsed, Outcome.READY, findings, payload)


def conflict(parsed: ParsedRow, row: TeacherRow, known: Teacher | None) -> CellFinding | None:
    """Why the record that exists cannot take this row, or None."""
    if known is None:
        return None
    if known.school_id != row.school.pk:
        message = _("该教师现登记在“%(school)s”。请先办理教师调动，再导入其信息。")
        return parsed.finding("id_number", message % {"school": known.school})
    if known.name != row.said["name"]:
        message = _("此身份证件号登记的姓名是“%(name)s”。请核对姓名和证件号；确需更名的，请先修改教师信息。")
        return parsed.finding("name", message % {"name": known.name})
    return None


def take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    """Take the ready rows in one operation."""
    schools = Organization.objects.in_bulk({row.payload["school"] for row in rows})
    ready = [teacher_row(row.values, schools[row.payload["school"]]) for row in rows]
    done = counts(import_teachers(actor, None, rows=ready))
    unchanged = len(rows) - sum(done.values())
    lines = [
        (_("新增"), _("%(count)d名") % {"count": done["created"]}),
        (_("更新"), _("%(count)d名") % {"count": done["updated"]}),
        (_("无变化"), _("%(count)d名") % {"count": unchanged}),
        (_("核对后另有变动，未导入"), _("%(count)d名") % {"count": done["elsewhere"] + done["misnamed"]}),
    ]
    return Receipt(done["created"] + done["updated"] + unchanged, lines, reverse("people:teachers"))


register(
    ImportKind(
        code="people.teachers",
        label=gettext_lazy("教师信息"),
        sheet=TEACHERS,
        judge=judge,
        take=take,
        prepare=prepare,
    )
)
