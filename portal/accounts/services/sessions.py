"""Ending sessions: one's own elsewhere, or all of a person whose account was taken back."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import SignIn, User
from portal.accounts.roles import Role
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself


def end_sessions(user: User, *, keep: str = "") -> int:
    """End the sessions of `user` but the one with the key `keep`; return how many were ended."""
    rows = SignIn.objects.filter(user=user).exclude(session_key="").exclude(session_key=keep)
    return _end(rows.values_list("session_key", flat=True))


@operation("accounts.end_session", _("结束会话"), roles=list(Role), scope=oneself("user"))
def end_session(act: Act, sign_in: SignIn) -> None:
    """End one session of one's own."""
    _end([sign_in.session_key])
    act.changed(sign_in)


@operation("accounts.end_other_sessions", _("结束其他会话"), roles=list(Role), scope=oneself(""))
def end_other_sessions(act: Act, user: User, *, keep: str) -> int:
    """End all of one's own sessions but the one with the key `keep`; return how many."""
    ended = end_sessions(user, keep=keep)
    act.changed(user, after={"sessions_ended": ended})
    return ended


def follow_session(sign_in_id: int, key: str) -> None:
    """Remember that the session of this sign-in now has the key `key`."""
    SignIn.objects.filter(pk=sign_in_id).update(session_key=key)


def _end(keys: Iterable[str]) -> int:
    ended = [each for each in keys if each]
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in ended:
        store(key).delete()
    SignIn.objects.filter(session_key__in=ended).update(session_key="")
    return len(ended)
