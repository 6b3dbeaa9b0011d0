"""Moving the demo's business time."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.accounts.roles import Role
from portal.errors import NotAllowed
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook import hooks
from portal.rulebook.models import Phase
from portal.rulebook.services.amending import shown


@operation("rulebook.move_clock", gettext_lazy("调整演示时间"), roles=[Role.SYSTEM_ADMIN], system=True)
def move_clock(act: Act, _none: None, *, to: datetime) -> datetime:
    """Make the business time `to` (aware); the periodic work follows at once. Raises NotAllowed outside a demo.

    Windows that end after `to` count as not yet closed, so that going back and forth closes them again.
    """
    if not settings.DEMO:
        raise NotAllowed(_("只有演示环境（DEMO=1）可以调整时间；正式环境一律以真实时间为准。"))
    act.before, act.after = {"now": shown(act.now)}, {"now": shown(to)}
    clock.move_demo(to)
    Phase.objects.filter(closes_at__gt=to).exclude(closed_by_worker_at=None).update(closed_by_worker_at=None)
    transaction.on_commit(lambda: _follow(to))
    return to


def _follow(to: datetime) -> None:
    for hook in hooks.after_clock_moved():
        hook(to)
