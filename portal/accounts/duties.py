"""What a person must do before they may work: change a given password, set up the second factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Membership
from portal.accounts.roles import STAFF

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.errors import Text


@dataclass(frozen=True)
class Duty:
    """One thing that comes first. `url_name` is where it is done; `allowed` are the pages needed for it."""

    code: str
    message: Text
    url_name: str
    allowed: frozenset[str]


# Always open: leaving, proving again who one is, and what a page of these loads.
_ALWAYS = frozenset({"account_logout", "account_reauthenticate", "mfa_reauthenticate", "accounts:stay"})
CHANGE_PASSWORD = Duty(
    "must_change_password",
    _("您正在使用一次性密码，请先设置自己的密码，再继续办理。"),
    "account_change_password",
    _ALWAYS | {"account_change_password"},
)
SET_UP_TOTP = Duty(
    "must_set_up_totp",
    _("本平台要求工作人员启用动态口令（两步验证），请先完成设置，再继续办理。"),
    "mfa_activate_totp",
    _ALWAYS | {"mfa_activate_totp", "mfa_index", "mfa_view_recovery_codes", "mfa_download_recovery_codes"},
)


def duty_of(user: User) -> Duty | None:
    """What `user` must do first, or None. At most two queries, and none unless the second factor is required."""
    if user.must_change_password:
        return CHANGE_PASSWORD
    if settings.REQUIRE_STAFF_MFA and needs_totp(user) and not has_totp(user):
        return SET_UP_TOTP
    return None


def needs_totp(user: User) -> bool:
    """Whether `user` holds a role of the staff, for which the second factor can be required."""
    return Membership.objects.current().filter(user=user, role__in=STAFF).exists()


def has_totp(user: User) -> bool:
    """Whether `user` has set up a second factor."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())
