"""Taking a lost second factor off an account."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.delegation import CARERS
from portal.accounts.models import User
from portal.accounts.reach import caring
from portal.accounts.services.sessions import end_sessions
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation


@operation("accounts.reset_second_factor", gettext_lazy("解除动态口令"), roles=CARERS, scope=caring())
def reset_second_factor(act: Act, user: User, *, reason: str) -> int:
    """Remove the authenticator and recovery codes of a person who lost them, and end their sessions.

    Raises Invalid without a reason, WrongState when there is none.
    """
    if not reason.strip():
        raise Invalid(_("请填写解除的理由，例如“更换手机，已当面核实身份”。"), field="reason")
    removed: int
    removed, _kinds = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise WrongState(_("该用户没有启用动态口令，无需解除。"))
    end_sessions(user)
    act.reason = reason.strip()
    act.changed(user, after={"authenticators_removed": removed})
    act.tell(
        [user], _("您的动态口令已被管理员解除"), body=_("如果不是您本人要求的，请立即联系本单位管理员。")
    )
    return removed
