"""The register of people, their records, and what is done to accounts and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.delegation import CARERS, INVITERS
from portal.accounts.forms import GrantForm, ReasonForm, UserForm
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.accounts.services import memberships, passwords, second_factor, users
from portal.accounts.tables import USERS
from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, invalid, page, perform, submit

READERS = (*CARERS, Role.SECURITY_ADMIN)


@page(roles=READERS)
def register(request: PageRequest) -> HttpResponseBase:
    """The people of one's reach."""
    actor = request.actor
    return USERS.respond(
        request,
        may_create=users.create_user.refusal(actor, None) is None,
        may_invite=actor.has_role(*INVITERS),
    )


@page(roles=READERS)
def record(request: PageRequest, pk: int) -> HttpResponse:
    """One person: roles, state, history."""
    person = _person(request, pk)
    held = (
        Membership.objects.visible_to(request.actor)
        .filter(user=person)
        .select_related("organization", "granted_by")
    )
    context = {
        "title": person.name,
        "person": person,
        "held": held,
        "history": AuditEntry.objects.about(person)[:50],
        "may_grant": request.actor.has_role(Role.SECURITY_ADMIN),
        "may_end_roles": request.actor.has_role(Role.SECURITY_ADMIN, *INVITERS),
        "is_carer": request.actor.has_role(*CARERS),
        "is_system_admin": request.actor.has_role(Role.SYSTEM_ADMIN),
    }
    return render(request, "accounts/user.html", context)


@page(roles=[Role.SYSTEM_ADMIN])
@never_cache
def create(request: PageRequest) -> HttpResponseBase:
    """A new account without a role; its one-time password is shown once."""
    form = UserForm(request.POST or None)
    if form.is_valid():
        opened = submit(request, form, users.create_user, None, **form.cleaned_data)
        if opened:
            return _show_password(request, opened.user, opened.password)
    return _form_page(request, form, _("新建用户"), _("新用户没有任何角色，须由安全管理员授予。"))


@page(roles=[Role.SECURITY_ADMIN])
def grant(request: PageRequest, pk: int) -> HttpResponseBase:
    """Give the person a role."""
    person = _person(request, pk)
    form = GrantForm(request.actor, request.POST or None)
    if form.is_valid():
        wish = memberships.RoleWish(person, form.cleaned_data["role"], form.cleaned_data["organization"])
        if submit(request, form, memberships.grant_role, wish):
            messages.success(request, _("已授予角色，对方会收到消息。"))
            return redirect("accounts:user", pk)
    return _form_page(request, form, _("授予%(person)s角色") % {"person": person})


@page(roles=[Role.SECURITY_ADMIN, *INVITERS])
def end_membership(request: PageRequest, pk: int) -> HttpResponseBase:
    """End a role, with a reason."""
    held = Membership.objects.current().visible_to(request.actor).select_related("organization", "user")
    membership = get_object_or_404(held, pk=pk)
    title = _("终止角色：%(person)s · %(membership)s") % {"person": membership.user, "membership": membership}
    return _reasoned(request, memberships.end_membership, membership, title, membership.user_id)


@page(roles=[Role.SYSTEM_ADMIN])
def deactivate(request: PageRequest, pk: int) -> HttpResponseBase:
    """Shut an account, with a reason."""
    person = _person(request, pk)
    title = _("停用用户：%(person)s") % {"person": person}
    return _reasoned(request, users.deactivate_user, person, title, pk)


@page(roles=CARERS)
def reset_second_factor(request: PageRequest, pk: int) -> HttpResponseBase:
    """Take a lost second factor off, with a reason."""
    person = _person(request, pk)
    title = _("解除动态口令：%(person)s") % {"person": person}
    return _reasoned(request, second_factor.reset_second_factor, person, title, pk)


@require_POST
@page(roles=[Role.SYSTEM_ADMIN])
def reactivate(request: PageRequest, pk: int) -> HttpResponse:
    """Open an account again."""
    if perform(request, users.reactivate_user, _person(request, pk)):
        messages.success(request, _("用户已启用。"))
    return redirect("accounts:user", pk)


@require_POST
@page(roles=CARERS)
@never_cache
def reset_password(request: PageRequest, pk: int) -> HttpResponse:
    """Give a one-time password, shown once."""
    person = _person(request, pk)
    password = perform(request, passwords.reset_password, person)
    return _show_password(request, person, password) if password else redirect("accounts:user", pk)


def _person(request: PageRequest, pk: int) -> User:
    people: QuerySet[User] = User.objects.visible_to(request.actor)
    return get_object_or_404(people, pk=pk)


def _show_password(request: PageRequest, person: User, password: str) -> HttpResponse:
    context = {
        "title": _("一次性密码：%(person)s") % {"person": person},
        "secret": password,
        "secret_label": _("一次性密码"),
        "person": person,
    }
    return render(request, "accounts/secret.html", context)


def _reasoned(
    request: PageRequest, operation: Callable[..., Any], subject: Any, title: str, user_id: int
) -> HttpResponseBase:
    """Ask for the reason, run the operation, go back to the person."""
    form = ReasonForm(request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, operation, subject, reason=form.cleaned_data["reason"]) is not None
    ):
        messages.success(request, _("已办理：%(title)s") % {"title": title})
        visible = User.objects.visible_to(request.actor).filter(pk=user_id).exists()
        return redirect("accounts:user", user_id) if visible else redirect("accounts:users")
    return _form_page(request, form, title)


def _form_page(request: PageRequest, form: Any, title: str, hint: str = "") -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "hint": hint,
        "parent": USERS.title,
        "back": reverse("accounts:users"),
    }
    template = "accounts/form.html"
    return invalid(request, template, context) if form.is_bound else render(request, template, context)
