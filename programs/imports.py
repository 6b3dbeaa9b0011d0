"""The imports of annex 2 and of timetables: judged row by row, taken by the same services as the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from programs.models import Program, TrainingClass
from programs.services.classes import set_timetable, timetable_complaints
from programs.services.projects import import_projects
from programs.sheets import ANNEX_2, TIMETABLE, school_kinds_of, split_words, stages_of


def _program_of(actor: Actor, key: object) -> Program:
    rows = Program.objects.visible_to(actor).select_related("office__parent", "rulebook")
    found = rows.filter(pk=str(key)).first() if str(key).isdecimal() else None
    if found is None:
        raise Invalid(_("没有找到要导入的计划，请从计划页面进入。"), field="program")
    return found


def _class_of(actor: Actor, key: object) -> TrainingClass:
    rows = TrainingClass.objects.visible_to(actor).select_related("project__program__rulebook", "base")
    found = rows.filter(pk=str(key)).first() if str(key).isdecimal() else None
    if found is None:
        raise Invalid(_("没有找到要编排课程的班级，请从班级页面进入。"), field="class")
    return found


def _prepare_projects(actor: Actor, params: Mapping[str, str]) -> Context:
    program = _program_of(actor, params.get("program"))
    refused = import_projects.refusal(actor, program)
    if refused:
        raise refused
    return {"program": program.pk, "name": program.name}


def _judge_projects(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row. Three queries, whatever the number of rows."""
    program = Program.objects.select_related("office__parent").get(pk=batch.context["program"])
    categories = {each.name: each.pk for each in program.categories.all()}
    bases = {
        name: each.pk
        for each in Organization.objects.active().under(program.office.reach).of(Kind.BASE)
        for name in (each.name, each.short_name)
        if name
    }
    seen: set[str] = set()
    for row in rows:
        yield _project_verdict(row, categories, bases, seen)


def _project_verdict(
    row: ParsedRow, categories: Mapping[str, int], bases: Mapping[str, int], seen: set[str]
) -> RowVerdict:
    values, findings = row.values, list[CellFinding]()
    if values["category"] not in categories:
        words = _("没有这一类别，可用的有：%(names)s") % {"names": "、".join(categories)}
        findings.append(row.finding("category", words))
    if values.get("base") and values["base"] not in bases:
        findings.append(
            row.finding(
                "base", _("没有名为“%(name)s”的培训基地，请先在机构管理中新增") % {"name": values["base"]}
            )
        )
    if values["code"] in seen:
        findings.append(row.finding("code", _("项目编号在表中重复")))
    seen.add(values["code"])
    if findings:
        return RowVerdict(row, Outcome.ERROR, findings)
    payload = {"category": categories[values["category"]], "base": bases.get(values.get("base") or "")}
    return RowVerdict(row, Outcome.READY, [], payload)


def _take_projects(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    program = _program_of(actor, batch.context["program"])
    categories = {each.pk: each for each in program.categories.all()}
    bases = Organization.objects.in_bulk([row.payload["base"] for row in rows if row.payload["base"]])
    found = [(_project_values(row, categories, bases), _audience_values(row.values)) for row in rows]
    made = import_projects(actor, program, rows=found)
    return Receipt(len(made), [(_("项目"), str(len(made)))], reverse("programs:program", args=[program.pk]))


def _project_values(row: ReadyRow, categories: Mapping[int, Any], bases: Mapping[int, Any]) -> dict[str, Any]:
    values = row.values
    return {
        "category": categories[row.payload["category"]],
        "base": bases.get(row.payload["base"]),
        "code": values["code"],
        "name": values["name"],
        "days": values["days"],
        "hours": values["hours"],
        "seats": values["seats"],
        "open_quota": bool(values.get("open_quota")),
        **{name: values.get(name) or "" for name in ("goal", "content", "mode", "note")},
    }


def _audience_values(values: Mapping[str, Any]) -> dict[str, Any]:
    stages = [str(each) for each in stages_of(values.get("stages"))]
    return {
        "stages": stages,
        "school_kinds": school_kinds_of(stages),
        "subjects": split_words(values.get("subjects")),
        "min_title_level": values.get("min_title_level") or "",
        "min_years": values.get("min_years"),
        "max_age": values.get("max_age"),
        "posts": split_words(values.get("posts")),
        "double_qualified": bool(values.get("double_qualified")),
        "text": values.get("text") or "",
    }


def _prepare_timetable(actor: Actor, params: Mapping[str, str]) -> Context:
    training_class = _class_of(actor, params.get("class"))
    refused = set_timetable.refusal(actor, training_class)
    if refused:
        raise refused
    return {"class": training_class.pk, "name": training_class.name}


def _judge_timetable(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row: outside the class's days, or overlapping another row. One query."""
    training_class = TrainingClass.objects.get(pk=batch.context["class"])
    complaints: dict[int, list[str]] = {}
    for index, words in timetable_complaints(training_class, [_lesson(row.values) for row in rows]):
        complaints.setdefault(index, []).append(words)
    for index, row in enumerate(rows):
        findings = [row.finding("starts_at", words) for words in complaints.get(index, [])]
        yield RowVerdict(row, Outcome.ERROR if findings else Outcome.READY, findings)


def _take_timetable(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    training_class = _class_of(actor, batch.context["class"])
    made = set_timetable(actor, training_class, lessons=[_lesson(row.values) for row in rows])
    return Receipt(
        len(made), [(_("课程"), str(len(made)))], reverse("programs:class", args=[training_class.pk])
    )


def _lesson(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name) or "" for name in TIMETABLE.by_key}


register(
    ImportKind(
        code="programs.projects",
        label=gettext_lazy("项目说明表（附件2）"),
        sheet=ANNEX_2,
        judge=_judge_projects,
        take=_take_projects,
        prepare=_prepare_projects,
        about=lambda context: str(context["name"]),
    )
)
register(
    ImportKind(
        code="programs.timetable",
        label=gettext_lazy("课程表"),
        sheet=TIMETABLE,
        judge=_judge_timetable,
        take=_take_timetable,
        prepare=_prepare_timetable,
        about=lambda context: str(context["name"]),
    )
)
