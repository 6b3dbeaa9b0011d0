"""The import of annex 4: each row judged by the programme's rules before anything is written. Source: CQ20-6.1, 6.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import Candidate
from enrollment.services import seats
from enrollment.services.judging import findings_for
from enrollment.services.nominations import Standing
from enrollment.services.sheets import SheetRow, import_sheet
from enrollment.sheets import ANNEX_4
from portal import clock
from portal.errors import Invalid
from portal.operations.actor import Actor
from portal.organizations.employers import Employers
from portal.organizations.models import Organization
from portal.people.checks import complete_from_itself
from portal.people.imports import Draft, conflict, draft, teacher_row
from portal.people.models import Teacher
from portal.people.services.bulk import TeacherRow, changes, known_teachers
from portal.rulebook.findings import Finding, Verdict
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from programs.models import Program, Project
from quotas.models import Quota

KIND = "enrollment.nominations"
# Under which column a rule's complaint stands, and what becomes of the row; other rules: the whole row, an error.
_PLACES = {
    "enrollment.seats": ("code", Outcome.CONFLICT),
    "enrollment.no_duplicate": ("name", Outcome.CONFLICT),
    "enrollment.no_overlap": ("code", Outcome.CONFLICT),
    "enrollment.not_banned": ("name", Outcome.CONFLICT),
}


@dataclass
class Line:
    """One row on its way to a verdict. `candidate` is None as soon as something keeps the rules from judging it."""

    draft: Draft
    project: Project | None
    candidate: Candidate | None = None
    findings: list[CellFinding] = field(default_factory=list)
    outcome: Outcome = Outcome.READY

    @property
    def parsed(self) -> ParsedRow:
        return self.draft.parsed

    def say(self, key: str, message: str, outcome: Outcome) -> None:
        """Refuse the row."""
        self.findings.append(self.parsed.finding(key, message))
        self.outcome = outcome


def program_of(actor: Actor, key: object) -> Program:
    """The programme named by the page. Raises Invalid."""
    rows = Program.objects.visible_to(actor).select_related("office__parent", "rulebook")
    found = rows.filter(pk=str(key)).first() if str(key).isdecimal() else None
    if found is None:
        raise Invalid(_("没有找到年度计划，请从“推荐汇总表”页面进入。"), field="program")
    return found


def prepare(actor: Actor, params: Mapping[str, str]) -> Context:
    """Refuse whoever may not submit sheets now."""
    program = program_of(actor, params.get("program"))
    if actor.organization is None:
        raise Invalid(_("请先切换到推荐单位的角色。"))
    refused = import_sheet.refusal(actor, Standing(program, actor.organization))
    if refused:
        raise refused
    return {"program": program.pk, "name": program.name, "organization": actor.organization.pk}


def choices(context: Context) -> Mapping[str, Sequence[str]]:
    """The drop-downs that only data knows: the projects the organisation has seats of."""
    organization = Organization.objects.get(pk=context["organization"])
    rows = Project.objects.filter(program=context["program"], quotas__in=quotas_of(organization)).distinct()
    pairs = list(rows.order_by("code").values_list("code", "name"))
    return {"code": [code for code, _name in pairs], "project": [name for _code, name in pairs]}


def quotas_of(organization: Organization) -> QuerySet[Quota]:
    """The organisation's own quotas that were given seats."""
    return Quota.objects.filter(organization=organization, received__gt=0)


def judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row; a constant number of queries.

    Seats are counted in the order of the sheet over the rows that nothing else keeps out: a row in error takes none.
    """
    organization = _organization_of(batch)
    program = Program.objects.select_related("rulebook").get(pk=batch.context["program"])
    lines = _lines(program, organization, rows)
    first = [each for each in lines if each.candidate]
    told = _judged(program, first)
    sound = [
        each for each in first if not any(f.blocks and f.rule != "enrollment.seats" for f in told[id(each)])
    ]
    told |= _judged(program, sound) if len(sound) < len(first) else {}
    for each in first:
        _apply(each, told[id(each)])
    return (_verdict(each) for each in lines)


def take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    """Take the ready rows in one operation; the sheet then waits for its stamped scan."""
    standing = Standing(program_of(actor, batch.context["program"]), _organization_of(batch))
    schools = Organization.objects.in_bulk({row.payload["school"] for row in rows})
    projects = _projects(standing.program).in_bulk({row.payload["project"] for row in rows})
    ready = [
        SheetRow(
            teacher_row(row.values, schools[row.payload["school"]]),
            projects[row.payload["project"]],
            row.values.get("note") or "",
        )
        for row in rows
    ]
    sheet = import_sheet(actor, standing, rows=ready, batch=batch)
    lines = [
        (_("推荐人选"), _("%(count)d名，已占用名额") % {"count": len(ready)}),
        (_("下一步"), _("上传盖章扫描件并报送")),
    ]
    return Receipt(len(ready), lines, reverse("enrollment:sheet", args=[sheet.pk]))


def _organization_of(batch: ImportBatch) -> Organization:
    if batch.organization is None:
        raise Invalid(_("推荐汇总表须由推荐单位导入。"))
    return batch.organization


def _projects(program: Program) -> QuerySet[Project]:
    return Project.objects.filter(program=program).select_related("audience", "program", "base")


def _lines(program: Program, organization: Organization, rows: Sequence[ParsedRow]) -> list[Line]:
    employers, today = Employers.of(organization), clock.today()
    projects = {each.code: each for each in _projects(program)}
    quotas = seats.own_quotas(organization, {each.pk for each in projects.values()})
    lines = [
        Line(draft(row, employers, today), projects.get(str(row.values.get("code") or ""))) for row in rows
    ]
    known = known_teachers([each.draft.row for each in lines if each.draft.row])
    for each in lines:
        _place(each, known, quotas)
    return lines


def _place(line: Line, known: Mapping[str, Teacher], quotas: Mapping[int, Quota]) -> None:
    """Say what is wrong with person and project, and make the candidate of a row with which nothing is."""
    line.findings = list(line.draft.findings)
    row, project = line.draft.row, line.project
    if project is None:
        line.say("code", _("没有这个项目编号，请从下拉列表中选择"), Outcome.ERROR)
    if row is None or any(each.blocks for each in line.findings):
        line.outcome = Outcome.ERROR
        return
    teacher = known.get(row.digest)
    clash = conflict(line.parsed, row, teacher)
    if clash:
        line.findings.append(clash)
        line.outcome = Outcome.CONFLICT
        return
    if project:
        line.candidate = Candidate(_after_taking(line, row, teacher), project, quotas.get(project.pk))


def _after_taking(line: Line, row: TeacherRow, teacher: Teacher | None) -> Teacher:
    """The record as it will be: new, or with what it lacked; the sheet does not overrule it, but that is said."""
    if teacher is None:
        return _new_record(line, row)
    gained = changes(teacher, row, overwrite=False)
    other = [name for name in changes(teacher, row, overwrite=True) if name not in gained]
    if other:
        words = _("与教师档案不一致，以档案为准：%(fields)s") % {"fields": "、".join(map(_label, other))}
        line.findings.append(line.parsed.finding("", words, severity=Verdict.WARN))
    for name, value in gained.items():
        setattr(teacher, name, value)
    complete_from_itself(teacher)
    return teacher


def _new_record(line: Line, row: TeacherRow) -> Teacher:
    made = line.draft.teacher
    assert made is not None  # noqa: S101 - every row without an error has one
    made.id_digest = row.digest
    return made


def _label(name: str) -> str:
    column = ANNEX_4.by_key.get(name)
    return str(column.title) if column else name


def _judged(program: Program, lines: Sequence[Line]) -> dict[int, list[Finding]]:
    candidates = [each.candidate for each in lines if each.candidate]
    found = findings_for(program.rulebook, candidates, clock.today()) if candidates else []
    return {id(line): findings for line, findings in zip(lines, found, strict=True)}


def _apply(line: Line, found: Sequence[Finding]) -> None:
    """Put the rules' complaints beside the cells; an error weighs more than a conflict."""
    outcomes = set()
    for each in found:
        if each.verdict == Verdict.PASS:
            continue
        key, outcome = _PLACES.get(each.rule, ("", Outcome.ERROR))
        line.findings.append(
            line.parsed.finding(key, each.message, severity=each.verdict, citation=each.citation)
        )
        if each.blocks:
            outcomes.add(outcome)
    line.outcome = next(
        (each for each in (Outcome.ERROR, Outcome.CONFLICT) if each in outcomes), line.outcome
    )


def _verdict(line: Line) -> RowVerdict:
    row, project = line.draft.row, line.project
    payload = {"school": row.school.pk, "project": project.pk} if row and project else {}
    return RowVerdict(line.parsed, line.outcome, line.findings, payload)


register(
    ImportKind(
        code=KIND,
        label=gettext_lazy("参训学员推荐汇总表（附件4）"),
        sheet=ANNEX_4,
        judge=judge,
        take=take,
        prepare=prepare,
        choices=choices,
        about=lambda context: str(context["name"]),
    )
)
