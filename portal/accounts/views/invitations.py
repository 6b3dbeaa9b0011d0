"""Invitations: the list, inviting, taking back, and the public page on which one is accepted."""

from __future__ import annotations

import io

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.client import client_ip
from portal.accounts.current import SESSION_KEY
from portal.accounts.delegation import INVITERS
from portal.accounts.forms import AcceptForm, InviteForm
from portal.accounts.models import Invitation, User
from portal.accounts.roles import Role
from portal.accounts.services import invitations
from portal.accounts.services.users import NewUser
from portal.accounts.tables import INVITATIONS
from portal.errors import DomainError, Invalid
from portal.ui.pages import PageRequest, invalid, page, perform, submit

BACKEND = "django.contrib.auth.backends.ModelBackend"


@page(roles=[Role.SECURITY_ADMIN, *INVITERS])
def register(request: PageRequest) -> HttpResponseBase:
    """The invitations into one's reach."""
    return INVITATIONS.respond(request, may_invite=request.actor.has_role(*INVITERS))


@page(roles=INVITERS)
@never_cache
def invite(request: PageRequest) -> HttpResponseBase:
    """Invite somebody; the link is shown once, to be passed on."""
    form = InviteForm(request.actor, request.POST or None)
    if form.is_valid():
        given = dict(form.cleaned_data)
        issued = submit(request, form, invitations.invite, given.pop("organization"), **given)
        if issued:
            return _show_link(request, issued)
    context = {
        "title": _("邀请人员"),
        "form": form,
        "parent": INVITATIONS.title,
        "back": reverse("accounts:invitations"),
        "hint": _("提交后生成7天内有效、只能使用一次的邀请链接。"),
    }
    template = "accounts/form.html"
    return invalid(request, template, context) if form.is_bound else render(request, template, context)


def _show_link(request: PageRequest, issued: invitations.Issued) -> HttpResponse:
    context = {
        "title": _("邀请链接：%(name)s") % {"name": issued.invitation.name},
        "invitation": issued.invitation,
        "secret": issued.url,
        "secret_label": _("邀请链接"),
        "qr": _qr(issued.url),
    }
    return render(request, "accounts/secret.html", context)


def _qr(text: str) -> SafeString:
    out = io.BytesIO()
    segno.make(text, micro=False).save(out, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False)
    return mark_safe(out.getvalue().decode())  # noqa: S308 - drawn by segno, holds no input as text


@page(roles=[Role.SECURITY_ADMIN, *INVITERS])
def record(request: PageRequest, pk: int) -> HttpResponse:
    """One invitation and what has become of it."""
    invitation = _invitation(request, pk)
    state = invitation.state_at(timezone.now())
    context = {
        "title": _("邀请：%(name)s") % {"name": invitation.name},
        "invitation": invitation,
        "state": state,
    }
    return render(request, "accounts/invitation.html", context)


@require_POST
@page(roles=[Role.SECURITY_ADMIN, *INVITERS])
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Make a link useless."""
    if perform(request, invitations.revoke_invitation, _invitation(request, pk)):
        messages.success(request, _("邀请已撤回，链接不再有效。"))
    return redirect("accounts:invitation", pk)


def _invitation(request: PageRequest, pk: int) -> Invitation:
    visible = Invitation.objects.visible_to(request.actor).select_related(
        "organization", "invited_by", "accepted_by"
    )
    return get_object_or_404(visible, pk=pk)


@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """The public page of a link: make an account, or with one's own take up the role."""
    invitation = invitations.find_invitation(token)
    if invitation is None:
        raise Http404(_("邀请链接不完整或不存在。"))
    refused = invitations.unusable(invitation)
    if refused:
        return render(request, "accounts/invitation_closed.html", {"refused": refused}, status=410)
    form = AcceptForm(request.POST or None)
    if request.method == "POST":
        accepted = _accept(request, invitation, form)
        if accepted:
            return accepted
    context = {"title": _("接受邀请"), "invitation": invitation, "form": form}
    return render(request, "accounts/accept.html", context, status=422 if request.method == "POST" else 200)


def _accept(request: HttpRequest, invitation: Invitation, form: AcceptForm) -> HttpResponse | None:
    try:
        if isinstance(request.user, User):
            membership = invitations.accept_as_known(invitation, request.user, ip=client_ip(request))
            request.session[SESSION_KEY] = membership.pk
            request.session.cycle_key()
        elif form.is_valid():
            account = NewUser(form.cleaned_data["username"], form.cleaned_data["password"])
            user = invitations.accept_as_new(invitation, account, ip=client_ip(request))
            login(request, user, backend=BACKEND)
        else:
            return None
    except DomainError as refused:
        field = refused.field if isinstance(refused, Invalid) and refused.field in form.fields else None
        form.add_error(field, str(refused.message)) if form.is_valid() else messages.error(
            request, str(refused.message)
        )
        return None
    messages.success(request, _("欢迎加入%(organization)s。") % {"organization": invitation.organization})
    return redirect("home")
