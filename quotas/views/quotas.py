"""The register of quotas, one quota with its ledger, splitting and notifying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.organizations.models import Organization
from portal.ui.pages import PageRequest, page, refuse
from programs.models import Project
from quotas import queries
from quotas.forms import TransferForm
from quotas.models import Quota
from quotas.services import splitting
from quotas.tables import QUOTAS
from quotas.views.numbers import posted_numbers


@page
def quota_list(request: PageRequest) -> HttpResponseBase:
    """The register of quotas."""
    return QUOTAS.respond(request)


@page
def quota(request: PageRequest, pk: int) -> HttpResponse:
    """One organisation's seats of one project: balances, ledger, schools below."""
    found = _quota(request, pk)
    context = {
        "title": _("%(organization)s · %(project)s")
        % {"organization": found.organization.label, "project": found.project},
        "quota": found,
        "facts": _facts(found),
        "movements": found.movements.select_related("counterpart__organization")[:100],
        "children": found.children.select_related("organization").order_by("organization__path"),
    }
    return render(request, "quotas/quota.html", context)


@page
def split(request: PageRequest, pk: int) -> HttpResponse:
    """A bureau's seats of one project, shared among its schools."""
    found = _quota(request, pk)
    if request.method == "POST" and _moved(request, splitting.split, found):
        messages.success(request, _("已分配，各校已可推荐。"))
        return redirect("quotas:quota", pk)
    rows = queries.schools_of(found)
    spare = found.free + sum(row["quota"].received for row in rows if row["quota"])
    context = {
        "title": _("分配名额到学校"),
        "quota": found,
        "rows": rows,
        "spare": spare,
        "typed": request.POST,
    }
    return render(request, "quotas/split.html", context, status=422 if request.method == "POST" else 200)


@page
def transfer(request: PageRequest, pk: int) -> HttpResponse:
    """Move seats to another organisation of the same level."""
    found = _quota(request, pk)
    siblings = Organization.objects.active().filter(
        kind=found.organization.kind, parent=found.organization.parent_id
    )
    form = TransferForm(siblings.exclude(pk=found.organization_id), request.POST or None)
    if form.is_valid():
        try:
            splitting.transfer(request.actor, found, **form.cleaned_data)
        except DomainError as refused:
            refuse(request, refused)
        else:
            messages.success(request, _("已调剂。"))
            return redirect("quotas:quota", pk)
    context = {"title": _("调剂名额"), "quota": found, "form": form}
    return render(request, "quotas/transfer.html", context, status=422 if request.method == "POST" else 200)


@page
def notify(request: PageRequest, pk: int) -> HttpResponse:
    """A base gives seats of its open project to bureaus and colleges."""
    rows = Project.objects.visible_to(request.actor).filter(open_quota=True)
    project = get_object_or_404(
        rows.select_related("program__rulebook", "program__office__parent", "base"), pk=pk
    )
    if request.method == "POST" and _moved(request, splitting.issue_open, project):
        messages.success(request, _("已通知名额。"))
        return redirect("programs:project", pk)
    context = {
        "title": _("通知名额"),
        "project": project,
        "rows": queries.takers_of(project),
        "typed": request.POST,
    }
    return render(request, "quotas/notify.html", context, status=422 if request.method == "POST" else 200)


def _moved(request: PageRequest, operation: Callable[..., Any], subject: object) -> bool:
    try:
        numbers = posted_numbers(request.POST)
        operation(
            request.actor,
            subject,
            seats={keys[0]: seats for keys, seats in numbers.items() if len(keys) == 1},
        )
    except DomainError as refused:
        refuse(request, refused)
        return False
    return True


def _quota(request: PageRequest, pk: int) -> Quota:
    rows = Quota.objects.visible_to(request.actor).select_related(
        "project__program__rulebook",
        "project__program__office",
        "organization__parent",
        "parent__organization",
    )
    return get_object_or_404(rows, pk=pk)


def _facts(found: Quota) -> list[tuple[str, object]]:
    return [
        (_("项目"), found.project),
        (_("单位"), found.organization),
        (_("来源"), found.parent.organization if found.parent else _("项目办或承担基地下达")),
        (_("下达"), str(found.received)),
        (_("已分出"), str(found.passed)),
        (_("已占用"), str(found.held)),
        (_("剩余"), str(found.free)),
    ]
