"""Notices to load, rulebooks to read, the calendar."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.roles import Role
from portal.errors import DomainError
from portal.operations.history import history_of
from portal.reviews.models import ReviewChain
from portal.rulebook import calendar, sheets
from portal.rulebook.citing import cites
from portal.rulebook.facts import facts, shown
from portal.rulebook.kinds import label_of
from portal.rulebook.models import PREPARERS, Amendment, Rulebook, cited
from portal.rulebook.notice_file import read_notice
from portal.rulebook.preview import choices, parts_of
from portal.rulebook.sections import sections
from portal.rulebook.services.loading import load_notice
from portal.rulebook.services.phases import edit_phase
from portal.ui.pages import PageRequest, page, perform


def seen(request: PageRequest) -> QuerySet[Rulebook]:
    return Rulebook.objects.visible_to(request.actor).select_related("notice", "office")


@page
def index(request: PageRequest) -> HttpResponse:
    """Rulebooks one may read; to the office also the notices that can be loaded."""
    manages = request.actor.has_role(Role.PROGRAM_MANAGER)
    context = {
        "title": _("通知与规则"),
        "rulebooks": seen(request),
        "choices": list(choices(request.actor.organization)) if manages else None,
    }
    return render(request, "rulebook/index.html", context)


@page(roles=[Role.PROGRAM_MANAGER])
def preview(request: PageRequest, code: str) -> HttpResponse:
    """What the notice file would make; a POST makes it."""
    if request.method == "POST":
        loaded = perform(request, load_notice, None, code=code)
        if loaded is not None:
            messages.success(request, loaded.message)
            return HttpResponseRedirect(reverse("rulebook:detail", args=[loaded.rulebook.pk]))
    try:
        file = read_notice(code)
        parts = parts_of(file)
    except DomainError as refused:
        context = {"title": _("载入通知 %(code)s") % {"code": code}, "refused_file": refused}
        return render(request, "rulebook/preview.html", context, status=422)
    known = Rulebook.objects.filter(notice__code=code, office=request.actor.organization).first()
    context = {
        "title": _("载入通知 %(code)s") % {"code": code},
        "file": file,
        "parts": parts,
        "known": known,
        "is_current": bool(known and known.source_digest == file.digest),
        "blocked": bool(known and known.is_published),
    }
    return render(request, "rulebook/preview.html", context)


@page
def detail(request: PageRequest, pk: int) -> HttpResponse:
    """The rulebook: clauses with their text, rules, chains, and the sections that apps edit on pages of their own."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    context = {
        "title": str(rulebook),
        "rulebook": rulebook,
        "clauses": rulebook.notice.clauses.all(),
        "rules": [(each, label_of(each.kind)) for each in cited(rulebook.rules.all())],
        "chains": ReviewChain.objects.filter(rulebook=rulebook)
        .prefetch_related("steps")
        .select_related("clause__notice"),
        "sections": [
            (each.label, reverse(each.editor, args=[rulebook.pk])) for each in sections() if each.editor
        ],
        "facts": [(each.label, shown(each.of(rulebook))) for each in facts()],
        "entries": history_of(rulebook) if request.actor.has_role(*PREPARERS) else None,
        "edits": _may_edit(request, rulebook),
    }
    return render(request, "rulebook/detail.html", context)


@page
@cites("ZJ20-A1")
def calendar_page(request: PageRequest, pk: int) -> HttpResponse:
    """The windows with today's mark, who must do what, what is left, the clause, and every change since publication."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    now = clock.now()
    context: dict[str, Any] = {
        "title": _("进程日历"),
        "rulebook": rulebook,
        "lines": calendar.lines(rulebook, now),
        "amendments": Amendment.objects.filter(rulebook=rulebook),
        "now": now,
        "others": [each for each in seen(request) if each.pk != pk],
        "edits": _may_edit(request, rulebook),
    }
    return render(request, "rulebook/calendar.html", context)


@page
def current_calendar(request: PageRequest) -> HttpResponse:
    """The calendar of the programme one works in."""
    rulebook = calendar.current(request, request.actor) or seen(request).first()
    if rulebook is None:
        return render(request, "rulebook/no_calendar.html", {"title": _("进程日历")})
    return redirect("rulebook:calendar", pk=rulebook.pk)


@page
def calendar_sheet(request: PageRequest, pk: int) -> FileResponse:
    """The calendar as a workbook."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    file = sheets.calendar_workbook(rulebook, clock.now())
    return FileResponse(file, as_attachment=True, filename=_("进程日历.xlsx"))


def _may_edit(request: PageRequest, rulebook: Rulebook) -> bool:
    """Whether to offer the edit links: the office's own managers, before and after publication."""
    phase = rulebook.phases.model(rulebook=rulebook)
    return edit_phase.refusal(request.actor, phase) is None
