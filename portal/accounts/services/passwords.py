"""Setting passwords: the only place that does, so that none escapes the history."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.delegation import CARERS
from portal.accounts.models import PasswordHistory, User
from portal.accounts.passwords import REMEMBERED, temporary_password
from portal.accounts.reach import caring
from portal.accounts.services.sessions import end_sessions
from portal.accounts.services.tokens import revoke_all
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation


def set_password(user: User, password: str, *, must_change: bool = False) -> None:
    """Give `user` the password, remember its hash, and forget hashes older than the last five.

    Real time. Every session of the person ends, as the session's key hangs on the hash; the caller's own one goes on
    when it renews it.
    """
    user.set_password(password)
    user.must_change_password = must_change
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    PasswordHistory.objects.create(user=user, password=user.password)
    kept = PasswordHistory.objects.filter(user=user).values("pk")[:REMEMBERED]
    PasswordHistory.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def check_new_password(password: str, user: User | None) -> None:
    """Raise Invalid, naming every rule that `password` breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("".join(error.messages), field="password", code="weak_password") from error


@operation("accounts.reset_password", _("重置密码"), roles=CARERS, scope=caring())
def reset_password(act: Act, user: User) -> str:
    """Give the person a one-time password, end their sessions and tokens; return the password, shown once."""
    password = temporary_password()
    set_password(user, password, must_change=True)
    end_sessions(user)
    revoke_all(user)
    act.changed(user, after={"must_change_password": True})
    act.tell([user], _("您的密码已被管理员重置"), body=_("如果不是您本人要求的，请立即联系本单位管理员。"))
    return password
