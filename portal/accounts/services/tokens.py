"""Tokens with which a person's own programs use the API. Only their digests are stored."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import ApiToken, User
from portal.accounts.roles import Role
from portal.crypto import digest
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from portal.text import normalise

MOST = 5
LIFETIMES = (30, 90, 365)  # days
# Writing the last use at each request would make every read a write.
NOTED_EVERY = timedelta(hours=1)


def token_digest(token: str) -> str:
    """Return by what a token is found."""
    return digest(token, purpose="api-token")


@operation("accounts.create_token", _("创建接口令牌"), roles=list(Role), scope=oneself(""))
def create_token(act: Act, user: User, *, name: str, days: int) -> str:
    """Return a new token of one's own that works for `days` days of real time; it is shown only now.

    Raises Invalid for a name missing, a lifetime that is not offered, or too many tokens.
    """
    name = normalise(name)
    _require_possible(user, name, days)
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=days)
    made = ApiToken.objects.create(user=user, name=name, digest=token_digest(token), expires_at=expires)
    act.changed(made, after={"name": name, "expires_at": expires})
    return token


def _require_possible(user: User, name: str, days: int) -> None:
    if not name:
        raise Invalid(_("请填写令牌用途，以便日后辨认。"), field="name")
    if days not in LIFETIMES:
        raise Invalid(_("请选择所列的有效期。"), field="days")
    if ApiToken.objects.valid(timezone.now()).filter(user=user).count() >= MOST:
        raise Invalid(_("有效令牌已达上限%(most)s个，请先撤销不用的。") % {"most": MOST})


@operation("accounts.revoke_token", _("撤销接口令牌"), roles=list(Role), scope=oneself("user"))
def revoke_token(act: Act, token: ApiToken) -> None:
    """Make one's own token useless from now on."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    act.changed(token)


def revoke_all(user: User) -> int:
    """Make every token of `user` useless; return how many were valid."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def note_use(token: ApiToken, at: datetime) -> None:
    """Remember that the token was used, at most once an hour."""
    stale = Q(used_at=None) | Q(used_at__lt=at - NOTED_EVERY)
    if token.used_at is None or token.used_at < at - NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(used_at=at)
