"""Pages of projects."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, page, perform, submit
from programs import hooks
from programs.forms.projects import ProjectForm
from programs.models import Program, Project, TrainingClass
from programs.services import projects
from programs.tables.projects import PROJECTS, audience_words
from programs.views import seen_version


@page
def project_list(request: PageRequest) -> HttpResponseBase:
    """The register of projects."""
    return PROJECTS.respond(request)


@page
def project(request: PageRequest, pk: int) -> HttpResponse:
    """One project: description, audience, classes, and what the other apps say of it."""
    found = _project(request, pk)
    classes = TrainingClass.objects.visible_to(request.actor).filter(project=found).select_related("base")
    context = {
        "title": found.name,
        "project": found,
        "facts": _facts(found),
        "audience": audience_words(found),
        "classes": classes,
        "panels": [panel for each in hooks.project_panels for panel in each(request.actor, found)],
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "programs/project.html", context)


@page
def create(request: PageRequest, pk: int) -> HttpResponse:
    """A new project of the programme `pk`."""
    rows = Program.objects.visible_to(request.actor).select_related("office__parent", "rulebook")
    program = get_object_or_404(rows, pk=pk)
    form = ProjectForm(program, request.POST or None)
    if form.is_valid():
        made = submit(
            request, form, projects.create_project, program, values=form.values, audience=form.audience
        )
        if made:
            messages.success(request, _("已新增项目。"))
            return redirect("programs:project", made.pk)
    return _form(request, form, _("新增项目"))


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change a project and its audience."""
    found = _project(request, pk)
    form = ProjectForm(found.program, request.POST or None, instance=found)
    if form.is_valid():
        done = submit(
            request,
            form,
            projects.update_project,
            found,
            version=seen_version(request),
            values=form.values,
            audience=form.audience,
            reason=form.cleaned_data.get("reason", ""),
        )
        if done:
            messages.success(request, _("已保存。"))
            return redirect("programs:project", pk)
    return _form(request, form, _("修改项目"), found)


@page
@require_POST
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a project of a draft programme."""
    found = _project(request, pk)
    perform(request, projects.delete_project, found)
    if Project.objects.filter(pk=pk).exists():
        return redirect("programs:project", pk)
    messages.success(request, _("已删除项目%(code)s。") % {"code": found.code})
    return redirect("programs:projects")


def _form(
    request: PageRequest, form: ProjectForm, title: str, project: Project | None = None
) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"title": title, "form": form, "project": project, "version": project.version if project else 0}
    return render(request, "programs/project_form.html", context, status=status)


def _project(request: PageRequest, pk: int) -> Project:
    rows = Project.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related("program__office__parent", "program__rulebook", "category", "base", "audience"),
        pk=pk,
    )


def _facts(project: Project) -> list[tuple[str, object]]:
    return [
        (_("项目编号"), project.code),
        (_("项目类别"), project.category),
        (_("承担单位"), project.base or _("未定")),
        (_("培训方式"), project.mode),
        (_("人数"), project.seats),
        (_("天数"), project.days),
        (_("学时"), project.hours),
        (_("名额"), _("由基地另行通知") if project.open_quota else _("按名额分配表下达")),
        (_("培训目标"), project.goal),
        (_("培训内容"), project.content),
        (_("备注"), project.note),
    ]
