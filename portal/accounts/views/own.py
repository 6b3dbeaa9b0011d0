"""One's own account: role, particulars, sign-ins, sessions, tokens."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.current import switch as act_as
from portal.accounts.duties import has_totp
from portal.accounts.forms import TokenForm, profile_form
from portal.accounts.models import ApiToken, Membership, SignIn, User
from portal.accounts.queries import latest_sign_ins, open_sessions, valid_tokens
from portal.accounts.services import profile, sessions, tokens
from portal.ui.pages import PageRequest, invalid, page, perform, submit


@require_POST
@page
def switch(request: PageRequest) -> HttpResponse:
    """Act in another of one's roles from now on; go to `next` if that is ours, else to the desk."""
    wanted = request.POST.get("membership", "")
    mine = Membership.objects.current().filter(user=request.actor.user_id, organization__active=True)
    membership = get_object_or_404(mine, pk=wanted if wanted.isdecimal() else 0)
    act_as(request, membership)
    messages.success(request, _("已切换为“%(membership)s”。") % {"membership": membership})
    return redirect(_safe_next(request))


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Say that one is still here, so that the session goes on."""
    return HttpResponse(status=204 if request.user.is_authenticated else 403)


@page
def me(request: PageRequest) -> HttpResponse:
    """My account: everything on one page."""
    return render(request, "accounts/me.html", _my_page(request, TokenForm()))


def _my_page(request: PageRequest, token_form: TokenForm) -> dict[str, object]:
    user = _user(request)
    return {
        "title": _("我的账号"),
        "person": user,
        "has_totp": has_totp(user),
        "sign_ins": latest_sign_ins(user),
        "sessions": open_sessions(user, request.session.session_key),
        "tokens": valid_tokens(user),
        "token_form": token_form,
    }


@page
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def edit_profile(request: PageRequest) -> HttpResponseBase:
    """Correct one's own particulars; the address decides who may reset the password, so the password is asked again."""
    user = _user(request)
    form = profile_form(user, request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, profile.update_profile, user, **form.cleaned_data) is not None
    ):
        messages.success(request, _("个人资料已保存。"))
        return redirect("accounts:me")
    context = {
        "title": _("修改个人资料"),
        "form": form,
        "parent": _("我的账号"),
        "back": reverse("accounts:me"),
    }
    return (
        invalid(request, "accounts/form.html", context)
        if form.is_bound
        else render(request, "accounts/form.html", context)
    )


@require_POST
@page
def end_session(request: PageRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    mine = SignIn.objects.visible_to(request.actor).exclude(session_key="")
    perform(request, sessions.end_session, get_object_or_404(mine, pk=pk))
    return redirect("accounts:me")


@require_POST
@page
def end_other_sessions(request: PageRequest) -> HttpResponse:
    """End all of one's own sessions but this."""
    ended = perform(
        request, sessions.end_other_sessions, _user(request), keep=request.session.session_key or ""
    )
    if ended is not None:
        messages.success(request, _("已退出其他%(count)s处登录。") % {"count": ended})
    return redirect("accounts:me")


@require_POST
@page
@never_cache
def create_token(request: PageRequest) -> HttpResponse:
    """Make a token and show it, once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        token = submit(request, form, tokens.create_token, _user(request), **form.cleaned_data)
        if token:
            context = {"title": _("接口令牌已创建"), "secret": token, "secret_label": _("接口令牌")}
            return render(request, "accounts/secret.html", context)
    return invalid(request, "accounts/me.html", _my_page(request, form))


@require_POST
@page
def revoke_token(request: PageRequest, pk: int) -> HttpResponse:
    """Make a token of one's own useless."""
    perform(
        request, tokens.revoke_token, get_object_or_404(ApiToken.objects.visible_to(request.actor), pk=pk)
    )
    messages.success(request, _("令牌已撤销。"))
    return redirect("accounts:me")


def _user(request: PageRequest) -> User:
    user = request.actor.user
    if user is None:
        raise TypeError("a page's actor is always a person")
    return user
