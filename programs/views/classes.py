"""Pages of classes and timetables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.papers.services.starting import print_one
from portal.ui.formats import day
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from programs import hooks
from programs.forms.projects import ClassForm, ClassTeacherForm, ReasonForm
from programs.models import ClassState, Lesson, Project, TrainingClass
from programs.papers import timetable as papers
from programs.scopes import is_run_by
from programs.services import cancelling, classes, opening
from programs.services.checking import publication_findings
from programs.tables.projects import CLASSES
from programs.views import seen_version


@page
def class_list(request: PageRequest) -> HttpResponseBase:
    """The register of classes."""
    return CLASSES.respond(request)


@page
def training_class(request: PageRequest, pk: int) -> HttpResponse:
    """One class: facts, timetable by day, and what the other apps say of it."""
    found = shown_class(request, pk, *hooks.class_records)
    replacement = _replacement(found)
    days = _days(found)
    context = {
        "title": found.name,
        "record": found,
        "facts": [*_facts(found), *_late(found, replacement)],
        "days": days,
        "today": next((each for each, _lessons in days if each >= clock.today()), None),
        "phase": found.rulebook.phase(classes.PHASE),
        "replacement": replacement,
        "panels": _panels(request.actor, found),
        "findings": publication_findings(found) if found.state == ClassState.DRAFT else None,
        "entries": AuditEntry.objects.about(found)[:20],
        **_standing(request, found),
    }
    return render(request, "programs/class.html", context)


@page
def create(request: PageRequest, pk: int) -> HttpResponse:
    """A new class of the project `pk`."""
    rows = Project.objects.visible_to(request.actor).select_related("program__rulebook", "base")
    project = get_object_or_404(rows, pk=pk)
    initial = {"name": project.name, "capacity": project.seats}
    form = ClassForm(request.POST or None, initial=initial)
    if form.is_valid():
        made = submit(request, form, classes.create_class, project, values=dict(form.cleaned_data))
        if made:
            messages.success(request, _("已新增班级。下一步：导入课程表，然后发布。"))
            return redirect("programs:class", made.pk)
    return class_form(request, form, _("新增班级"))


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change a class that is not published."""
    found = shown_class(request, pk)
    form = ClassForm(request.POST or None, instance=found)
    if form.is_valid():
        version = seen_version(request)
        if submit(
            request, form, classes.update_class, found, version=version, values=dict(form.cleaned_data)
        ):
            messages.success(request, _("已保存。"))
            return redirect("programs:class", pk)
    return class_form(request, form, _("修改班级"), found)


@page
@require_POST
def publish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish the class."""
    if perform(request, classes.publish_class, shown_class(request, pk)):
        messages.success(request, _("编班排课已发布。"))
    return redirect("programs:class", pk)


@page
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take the class back to draft, with a reason."""
    found = shown_class(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        done = submit(request, form, classes.withdraw_class, found, reason=form.cleaned_data["reason"])
        if done:
            messages.success(request, _("已撤回，修改后请在截止前重新发布。"))
            return redirect("programs:class", pk)
    return class_form(request, form, _("撤回编班"), found)


@page
@require_POST
def print_timetable(request: PageRequest, pk: int) -> HttpResponse:
    """Print the class's timetable now."""
    found = shown_class(request, pk)
    try:
        return redirect(print_one(request.actor, papers.CODE, found.pk))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("programs:class", pk)


@page
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Cancel the class for good: the consequence, asked once, and why."""
    found = shown_class(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, cancelling.cancel_class, found, **form.cleaned_data):
        messages.success(request, _("班级已取消；学员的名额保留，请尽快另行编班。"))
        return redirect("programs:class", pk)
    context = {"title": _("取消班级"), "training_class": found, "form": form}
    return render(request, "programs/class_cancel.html", context, status=422 if form.errors else 200)


@page
def assign_teacher(request: PageRequest, pk: int) -> HttpResponse:
    """Name the class teacher."""
    found = shown_class(request, pk)
    form = ClassTeacherForm(found.base, request.POST or None, initial={"user": found.class_teacher})
    if form.is_valid():
        done = submit(request, form, classes.assign_class_teacher, found, user=form.cleaned_data["user"])
        if done:
            messages.success(request, _("已保存。"))
            return redirect("programs:class", pk)
    return class_form(request, form, _("指定班主任"), found)


def _standing(request: PageRequest, found: TrainingClass) -> dict[str, object]:
    """What the rules say of the class's next step, for those who take it or watch it."""
    mine = is_run_by(request.actor, found)
    if not mine and not request.actor.has_role(*OFFICE, Role.PROVINCIAL_OFFICER):
        return {}
    findings = {
        ClassState.PUBLISHED: opening.opening_findings,
        ClassState.OPEN: opening.finishing_findings,
    }.get(ClassState(found.state))
    rows = findings(found) if findings else None
    shown: dict[str, object] = {} if rows is None else {"findings": rows}
    return shown | {
        "mine": mine,
        "blocked": [each for each in rows or [] if each.blocks],
    }


def class_form(
    request: PageRequest,
    form: ClassForm | ReasonForm | ClassTeacherForm,
    title: str,
    found: TrainingClass | None = None,
) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {
        "title": title,
        "form": form,
        "training_class": found,
        "version": found.version if found else 0,
    }
    return render(request, "programs/class_form.html", context, status=status)


def shown_class(request: PageRequest, pk: int, *records: str) -> TrainingClass:
    """A class that the actor sees, with what its page shows, and `records` of other apps."""
    rows = TrainingClass.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related(
            "project__program__rulebook",
            "project__program__office__parent",
            "base",
            "replaces",
            "class_teacher",
            "needs",
            "plan",
            "notice",
            *records,
        ),
        pk=pk,
    )


def _days(found: TrainingClass) -> list[tuple[date, list[Lesson]]]:
    """The timetable by day. One query."""
    lessons = groupby(found.lessons.all(), key=lambda each: timezone.localdate(each.starts_at))
    return [(day, list(rows)) for day, rows in lessons]


def _panels(actor: Actor, found: TrainingClass) -> list[hooks.Panel]:
    """What the apps show of the class; first what matters most in its state."""
    panels = [panel for each in hooks.class_panels for panel in each(actor, found)]
    return sorted(panels, key=lambda panel: found.state not in panel.leads_in)


def _facts(found: TrainingClass) -> list[tuple[str, object]]:
    return [
        (_("项目"), found.project),
        (_("承担单位"), found.base),
        (_("期次"), _("第%(number)d期") % {"number": found.number}),
        (_("培训时间"), f"{found.starts_on:%Y-%m-%d} — {found.ends_on:%Y-%m-%d}"),
        (_("培训地点"), found.place),
        (_("已编入 / 容量"), f"{found.taken} / {found.capacity}"),
        (_("联系人"), f"{found.contact_name} {found.contact_phone}"),
        (_("班主任"), found.class_teacher or _("未指定")),
    ]


def _replacement(found: TrainingClass) -> TrainingClass | None:
    """The class in place of a cancelled one."""
    if found.state != ClassState.CANCELLED:
        return None
    return TrainingClass.objects.filter(replaces=found).first()


def _late(found: TrainingClass, replacement: TrainingClass | None) -> Iterator[tuple[str, object]]:
    """What stands in the place of what, and until when, where the office has allowed it."""
    if found.replaces:
        yield _("代替已取消的班级"), found.replaces
    if replacement:
        yield _("已补编为"), replacement
    elif found.publishable_until:
        yield _("补编截止"), day(found.publishable_until)
