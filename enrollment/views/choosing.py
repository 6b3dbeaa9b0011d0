"""Putting people forward: a project with free seats, then teachers with what the rules say of each, then submitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from enrollment.queries import nominations as queries
from enrollment.queries.nominations import Choice
from enrollment.services import seats
from enrollment.services.nominations import NOMINATORS, Proposal, Standing, nominate
from enrollment.services.sheets import draft_sheet
from portal import clock
from portal.errors import DomainError
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.ui.pages import PageRequest, page, perform, refuse
from programs.models import Program, Project
from programs.tables.projects import audience_words
from quotas.models import Quota


@page(roles=NOMINATORS)
def choose_project(request: PageRequest) -> HttpResponse:
    """The projects in which the own organisation has free seats, by programme."""
    programs = Program.objects.visible_to(request.actor).select_related("rulebook")
    found = [(each, queries.offers(each, _own(request))) for each in programs]
    context = {
        "title": _("推荐学员：选择项目"),
        "programs": [
            (program, rows, program.rulebook.phase("nomination")) for program, rows in found if rows
        ],
    }
    return render(request, "enrollment/nominations/choose_project.html", context)


@dataclass(frozen=True)
class Place:
    """The project one nominates for, and whose seats one fills."""

    project: Project
    quota: Quota | None
    organization: Organization

    @property
    def standing(self) -> Standing:
        return Standing(self.project.program, self.organization)

    @property
    def by_sheet(self) -> bool:
        """Bureaus and colleges send a stamped sheet; schools send people to their bureau."""
        return self.organization.kind != Kind.SCHOOL


@page(roles=NOMINATORS)
def choose_teachers(request: PageRequest, pk: int) -> HttpResponse:
    """Teachers to choose from; a POST shows the chosen ones once more, then puts them forward."""
    place = _place(request, pk)
    if request.method == "POST":
        return _posted(request, place)
    text = request.GET.get("q", "")
    teachers = list(queries.teachers_for(place.project, place.organization, text)[: queries.OFFERED])
    choices = queries.judged(place.project, place.quota, teachers, clock.today(), counted=False)
    choices.sort(key=lambda each: ("pass", "warn", "block").index(each.verdict))
    return _choosing(request, place, choices, text=text)


def _posted(request: PageRequest, place: Place) -> HttpResponse:
    keys = [int(key) for key in request.POST.getlist("teacher") if key.isdecimal()]
    rows = Teacher.objects.visible_to(request.actor).listed().filter(pk__in=keys)
    teachers = list(rows.order_by("sort_key", "pk"))
    if not teachers:
        messages.error(request, _("请先勾选要推荐的教师。"))
        return redirect("enrollment:choose_teachers", place.project.pk)
    if request.POST.get("do") == "submit":
        done = _put_forward(request, place, teachers)
        if done is not None:
            return done
    choices = queries.judged(place.project, place.quota, teachers, clock.today(), counted=True)
    return _confirming(request, place, choices)


def _put_forward(request: PageRequest, place: Place, teachers: list[Teacher]) -> HttpResponse | None:
    proposals = [Proposal(each, place.project, note=request.POST.get("note", "")[:200]) for each in teachers]
    if place.by_sheet:
        sheet = perform(request, draft_sheet, place.standing, proposals=proposals)
        if sheet is None:
            return None
        messages.success(request, _("已编入推荐汇总表并占用名额。请打印盖章，上传扫描件后报送。"))
        return redirect("enrollment:sheet", sheet.pk)
    try:
        made = nominate(request.actor, place.standing, proposals=proposals)
    except DomainError as refused:
        refuse(request, refused)
        return None
    messages.success(request, _("已报送%(count)d人，等待区县审核。") % {"count": len(made)})
    return redirect("enrollment:nominations")


def _choosing(request: PageRequest, place: Place, choices: list[Choice], *, text: str) -> HttpResponse:
    context = _context(place, choices) | {"title": _("推荐学员：选择教师"), "text": text}
    context |= {"offered": queries.OFFERED, "refused": _refusal(request, place)}
    return render(request, "enrollment/nominations/choose_teachers.html", context)


def _confirming(request: PageRequest, place: Place, choices: list[Choice]) -> HttpResponse:
    context = _context(place, choices) | {
        "title": _("推荐学员：核对"),
        "blocked": sum(not each.eligible for each in choices),
        "note": request.POST.get("note", ""),
        "refused": _refusal(request, place),
    }
    return render(request, "enrollment/nominations/confirm.html", context)


def _refusal(request: PageRequest, place: Place) -> DomainError | None:
    operation = draft_sheet if place.by_sheet else nominate
    refusal: DomainError | None = operation.refusal(request.actor, place.standing)
    return refusal


def _context(place: Place, choices: list[Choice]) -> dict[str, Any]:
    return {"place": place, "choices": choices, "audience": audience_words(place.project)}


def _place(request: PageRequest, pk: int) -> Place:
    rows = Project.objects.visible_to(request.actor)
    project = get_object_or_404(
        rows.select_related("audience", "program__rulebook", "program__office__parent", "base"), pk=pk
    )
    organization = _own(request)
    quota = seats.choose_quota(seats.quotas_for([organization], [pk]), organization, pk)
    return Place(project, quota, organization)


def _own(request: PageRequest) -> Organization:
    if request.actor.organization is None:
        raise Http404
    return request.actor.organization
