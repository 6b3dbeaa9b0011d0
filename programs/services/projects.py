"""Entering projects and whom they are for. Source: CQ20-1.1, CQ20-A2."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.names import initials
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.operations.versions import save_version
from portal.organizations.kinds import Kind
from programs import hooks
from programs.models import Audience, Program, ProgramState, Project

FIELDS = (
    "category",
    "code",
    "name",
    "goal",
    "content",
    "mode",
    "days",
    "hours",
    "seats",
    "base",
    "open_quota",
    "note",
)
AUDIENCE_FIELDS = (
    "stages",
    "school_kinds",
    "subjects",
    "min_title_level",
    "min_years",
    "max_age",
    "posts",
    "double_qualified",
    "text",
)
Values = dict[str, Any]


@operation(
    "programs.create_project",
    gettext_lazy("新增项目"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    clauses=["CQ20-1.1", "CQ20-A2"],
)
def create_project(act: Act, program: Program, *, values: Values, audience: Values) -> Project:
    """Add a project to a draft programme. `values` and `audience` hold fields of FIELDS and AUDIENCE_FIELDS."""
    _require_draft(program)
    _check(program, values)
    project = Project(program=program, **values)
    project.initials = initials(project.name)
    project.save()
    Audience.objects.create(project=project, **audience)
    act.changed(project, after={**values, "audience": audience})
    return project


@operation(
    "programs.update_project",
    gettext_lazy("修改项目"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("program.office"),
    clauses=["CQ20-1.1"],
)
def update_project(
    act: Act, project: Project, *, version: int, values: Values, audience: Values, reason: str = ""
) -> Project:
    """Change a project; after publication with a reason, and never its code. Raises Conflict for a stale version."""
    if project.program.state != ProgramState.DRAFT:
        _check_published(project, values, reason)
    _check(project.program, {**{name: getattr(project, name) for name in FIELDS}, **values}, project)
    before = {name: getattr(project, name) for name in values}
    save_version(project, version, **values, initials=initials(values.get("name", project.name)))
    Audience.objects.update_or_create(project=project, defaults=audience)
    act.reason = reason
    act.changed(project, before=before, after={**values, "audience": audience})
    return project


@operation(
    "programs.delete_project",
    gettext_lazy("删除项目"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("program.office"),
)
def delete_project(act: Act, project: Project) -> None:
    """Delete a project of a draft programme, with its audience."""
    _require_draft(project.program)
    act.changed(project, before={"code": project.code, "name": project.name})
    project.delete()


@operation(
    "programs.import_projects",
    gettext_lazy("导入项目说明表"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    clauses=["CQ20-A2"],
    system=True,
)
def import_projects(act: Act, program: Program, *, rows: list[tuple[Values, Values]]) -> list[Project]:
    """Write the rows of annex 2: projects are found by their code, and made or replaced. Four statements."""
    _require_draft(program)
    for values, _audience in rows:
        _check_numbers(values)
    projects = [Project(program=program, initials=initials(values["name"]), **values) for values, _a in rows]
    Project.objects.bulk_create(
        projects,
        update_conflicts=True,
        unique_fields=["program", "code"],
        update_fields=[name for name in FIELDS if name != "code"] + ["initials"],
    )
    stored = {each.code: each for each in program.projects.filter(code__in=[v["code"] for v, _a in rows])}
    Audience.objects.bulk_create(
        [Audience(project=stored[values["code"]], **audience) for values, audience in rows],
        update_conflicts=True,
        unique_fields=["project"],
        update_fields=AUDIENCE_FIELDS,
    )
    act.changed(program, after={"projects": len(rows)})
    act.list_rows({"code": values["code"], "name": values["name"]} for values, _a in rows)
    return list(stored.values())


def _check_published(project: Project, values: Values, reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("计划已发布，修改项目须填写理由。"), field="reason")
    if values.get("code", project.code) != project.code:
        raise Invalid(_("计划已发布，项目编号不能更改。"), field="code")
    # Seats of the project are issued under the same lock.
    Project.objects.select_for_update().get(pk=project.pk)
    complaints = [words for guard in hooks.project_guards for words in guard(project, values)]
    if complaints:
        raise RuleBroken("；".join(complaints), code="in_use")


def _require_draft(program: Program) -> None:
    if program.state != ProgramState.DRAFT:
        raise RuleBroken(_("计划已发布，不能增删项目；可在项目页面填写理由后修改。"), code="published")


def _check(program: Program, values: Values, project: Project | None = None) -> None:
    if values["category"].program_id != program.pk:
        raise Invalid(_("项目类别不属于本计划。"), field="category")
    same = Project.objects.filter(program=program, code=values["code"])
    if same.exclude(pk=project.pk if project else 0).exists():
        raise Invalid(_("项目编号%(code)s已存在。") % {"code": values["code"]}, field="code")
    if values.get("base") is not None and values["base"].kind != Kind.BASE:
        raise Invalid(_("承担单位须为培训基地。"), field="base")
    _check_numbers(values)


def _check_numbers(values: Values) -> None:
    for name, label in (("days", _("天数")), ("hours", _("学时")), ("seats", _("人数"))):
        if values.get(name, 1) < 1:
            raise Invalid(_("%(label)s至少为1。") % {"label": label}, field=name)
