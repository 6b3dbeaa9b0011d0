"""The inbox, and opening one message."""

from __future__ import annotations

from django.contrib import messages as flash
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.messages.models import Message
from portal.messages.services import mark_all_read, read
from portal.messages.tables import INBOX
from portal.ui.pages import PageRequest, page


@page
def inbox(request: PageRequest) -> HttpResponseBase:
    return INBOX.respond(request)


@page
def open_message(request: PageRequest, pk: int) -> HttpResponse:
    """Mark the message as read and go where it leads; one that leads nowhere is shown."""
    message = read(request.actor, get_object_or_404(Message.objects.visible_to(request.actor), pk=pk))
    if message.url and url_has_allowed_host_and_scheme(message.url, {request.get_host()}):
        return HttpResponseRedirect(message.url)
    return render(request, "messages/message.html", {"title": message.title, "message_row": message})


@require_POST
@page
def read_all(request: PageRequest) -> HttpResponse:
    marked = mark_all_read(request.actor)
    flash.success(request, _("已将%(count)d条消息标为已读。") % {"count": marked})
    return HttpResponseRedirect(reverse("messages:list"))
