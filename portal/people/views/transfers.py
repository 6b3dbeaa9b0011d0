"""Pages of transfers: the list, one transfer, asking for a teacher of another school."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.operations.history import history_of
from portal.operations.registry import Operation
from portal.people.forms import RefusalForm, TransferInForm
from portal.people.models import Transfer, TransferState
from portal.people.permits import READERS, SCHOOLS, other_side
from portal.people.services import transfers
from portal.people.tables import TRANSFERS, transfers_of
from portal.people.views.teachers import form_page
from portal.ui.pages import PageRequest, page, perform, submit

SIMPLE: dict[str, Operation[Transfer, Any, Transfer]] = {
    "agree": transfers.agree_transfer,
    "withdraw": transfers.withdraw_transfer,
}


@page(roles=READERS)
def transfer_list(request: PageRequest) -> HttpResponseBase:
    return TRANSFERS.respond(request, may_ask=request.actor.role in SCHOOLS)


@page(roles=READERS)
def transfer(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(transfers_of(request.actor), pk=pk)
    is_open = found.state == TransferState.REQUESTED
    mine = request.actor.role in SCHOOLS and is_open
    context = {
        "title": _("教师调动：%(name)s") % {"name": found.teacher},
        "transfer": found,
        "facts": _facts(found),
        "may_answer": mine and request.actor.organization == other_side(found),
        "may_withdraw": mine and request.actor.organization == found.asked_by,
        "holder": other_side(found) if is_open else None,
        "entries": history_of(found),
    }
    return render(request, "people/transfer.html", context)


def _facts(transfer: Transfer) -> list[tuple[str, object]]:
    return [
        (_("教师"), transfer.teacher),
        (_("调出学校"), transfer.source),
        (_("调入学校"), transfer.target),
        (_("发起单位"), transfer.asked_by),
        (_("事由"), transfer.reason),
    ]


@require_POST
@page(roles=SCHOOLS)
def decide(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Agree to a transfer, or withdraw one."""
    if verb not in SIMPLE:
        raise Http404(verb)
    found = get_object_or_404(transfers_of(request.actor), pk=pk)
    if perform(request, SIMPLE[verb], found) is not None:
        messages.success(request, _("已办理：%(act)s") % {"act": SIMPLE[verb].label})
    return redirect("people:transfer", pk)


@page(roles=SCHOOLS)
def refuse(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(transfers_of(request.actor), pk=pk)
    form = RefusalForm(request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, transfers.refuse_transfer, found, **form.cleaned_data) is not None
    ):
        messages.success(request, _("已答复对方不同意调动。"))
        return redirect("people:transfer", pk)
    back = reverse("people:transfer", args=[pk])
    return form_page(request, form, title=transfers.refuse_transfer.label, back=back, about=str(found))


@page(roles=SCHOOLS)
def ask_in(request: PageRequest) -> HttpResponse:
    """Ask another school for a teacher, named by the document's number."""
    school = request.actor.organization
    assert school is not None  # noqa: S101 - these roles are held in a school
    form = TransferInForm(request.actor, school, request.POST or None)
    if form.is_valid():
        asked = submit(request, form, transfers.request_transfer_in, school, **form.cleaned_data)
        if asked is not None:
            messages.success(request, _("已向对方学校发出调动申请，对方同意后生效。"))
            return redirect("people:transfer", asked.pk)
    words = _("对方学校同意后，教师档案和账号转入本校。查询和申请均留下审计记录。")
    back = reverse("people:transfers")
    return form_page(request, form, title=transfers.request_transfer_in.label, back=back, words=words)
