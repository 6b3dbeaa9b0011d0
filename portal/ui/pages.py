"""How a page is declared, and how it calls an operation.

@page(roles=[Role.BUREAU_CLERK])
def quota_list(request: PageRequest) -> HttpResponse: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid, NotAllowed
from portal.operations.actor import Actor

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django_htmx.middleware import HtmxDetails

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")


class PageRequest(HttpRequest):
    """The request a page is given: signed in, in one role, with what htmx said."""

    actor: Actor
    htmx: HtmxDetails
    refused: DomainError


View = Callable[Concatenate[PageRequest, P], HttpResponseBase]
Wrapped = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@overload
def page(view: View[P]) -> Wrapped[P]: ...
@overload
def page(*, roles: Iterable[Role] | None = None) -> Callable[[View[P]], Wrapped[P]]: ...
def page(view: Any = None, *, roles: Iterable[Role] | None = None) -> Any:
    """Require sign-in, a role, and one of `roles` if any are named.

    A stranger is sent to sign in and back; a person without a role is told whom to ask; a wrong role raises NotAllowed.
    """
    allowed = frozenset(roles or ())
    return _guard(view, allowed) if view is not None else lambda wrapped: _guard(wrapped, allowed)


def _guard(view: View[P], roles: frozenset[Role]) -> Wrapped[P]:
    @wraps(view)
    def guarded(request: PageRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if getattr(request, "actor", None) is None:
            return render(request, "ui/no_role.html", status=403)
        if roles and request.actor.role not in roles:
            raise NotAllowed(_("此页面不对您当前的角色开放。如您还担任其他角色，请在右上角切换后再打开。"))
        return view(request, *args, **kwargs)

    guarded.roles = roles  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def perform(
    request: PageRequest,
    operation: Callable[Concatenate[Actor, S, P], R],
    subject: S,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R | None:
    """Run `operation` as the request's actor; a refusal becomes a message and None.

    A page rendered after a refusal is answered with the refusal's status (the middleware sees to it), so that htmx and
    scripts can tell. Give a form's page to `submit` instead: it puts the refusal beside the field.
    """
    try:
        return operation(request.actor, subject, *args, **kwargs)
    except DomainError as refused:
        refuse(request, refused)
        return None


def submit(
    request: PageRequest,
    form: BaseForm,
    operation: Callable[Concatenate[Actor, S, P], object],
    subject: S,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Any:
    """Like `perform`, for a bound form: what is wrong with one value stands beside its field.

    What the operation returns is not typed here: `if form.is_valid() and submit(…)` would have mypy want a bool of it.
    """
    try:
        return operation(request.actor, subject, *args, **kwargs)
    except DomainError as refused:
        request.refused = refused
        field = refused.field if isinstance(refused, Invalid) and refused.field in form.fields else None
        form.add_error(field, str(refused.message))
        if refused.findings or refused.citation:
            refuse(request, refused)
        return None


def refuse(request: HttpRequest, refused: DomainError) -> None:
    """Show `refused` above the page, with its findings and clause."""
    request.refused = refused  # type: ignore[attr-defined]
    messages.error(request, render_to_string("components/refusal.html", {"refused": refused}))


def invalid(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer a form that did not validate: the page again, with status 422."""
    return render(request, template, context, status=422)
