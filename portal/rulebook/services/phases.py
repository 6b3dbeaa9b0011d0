"""Windows of the calendar: entered, changed, dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.rulebook.models import Clause, Phase, Rulebook
from portal.rulebook.services.amending import (
    MANAGERS,
    UNEXPLAINED,
    Why,
    differences,
    our_rulebook,
    record,
    require_draft,
)

FIELDS = ("name", "opens_at", "closes_at", "actors", "clause")


@operation("rulebook.edit_phase", gettext_lazy("修改进程"), roles=MANAGERS, scope=our_rulebook)
def edit_phase(
    act: Act, phase: Phase, *, version: int, values: Mapping[str, Any], why: Why = UNEXPLAINED
) -> Phase:
    """Set `values`, keyed by FIELDS, of the window that was read at `version`; times are aware.

    A window that the worker had closed opens again when its end moves beyond now, and will be closed again.
    Raises Conflict when someone changed it meanwhile, Invalid when it would end before it begins.
    """
    _check(values.get("opens_at", phase.opens_at), values.get("closes_at", phase.closes_at))
    before, changed = differences(phase, values, FIELDS)
    if not changed:
        return phase
    save_version(phase, version, **changed, **_reopened(phase, act.now, changed))
    record(
        act,
        phase,
        target=f"phase:{phase.code}",
        title=_("进程“%(phase)s”") % {"phase": phase.name},
        before=before,
        after=changed,
        why=why,
    )
    return phase


@operation("rulebook.add_phase", gettext_lazy("增加进程"), roles=MANAGERS, scope=our_rulebook)
def add_phase(
    act: Act,
    rulebook: Rulebook,
    *,
    code: str,
    name: str,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    actors: str = "",
    clause: Clause | None = None,
) -> Phase:
    """Add a window to a draft's calendar. Raises Invalid when its code is taken."""
    require_draft(rulebook)
    _check(opens_at, closes_at)
    if rulebook.phases.filter(code=code).exists():
        raise Invalid(_("已有代号为“%(code)s”的进程。") % {"code": code}, field="code")
    phase = rulebook.phases.create(
        code=code,
        name=name,
        opens_at=opens_at,
        closes_at=closes_at,
        actors=actors,
        clause=clause,
        position=rulebook.phases.count() + 1,
    )
    act.changed(phase, after={"code": code, "name": name, "opens_at": opens_at, "closes_at": closes_at})
    return phase


@operation("rulebook.drop_phase", gettext_lazy("删除进程"), roles=MANAGERS, scope=our_rulebook)
def drop_phase(act: Act, phase: Phase) -> None:
    """Take a window out of a draft's calendar."""
    require_draft(phase.rulebook)
    act.changed(phase.rulebook, before={"phase": phase.code, "name": phase.name})
    phase.delete()


def _check(opens_at: datetime | None, closes_at: datetime | None) -> None:
    if opens_at and closes_at and opens_at >= closes_at:
        raise Invalid(_("截止时间应晚于开始时间。"), field="closes_at")


def _reopened(phase: Phase, now: datetime, changed: dict[str, Any]) -> dict[str, Any]:
    end = changed.get("closes_at", phase.closes_at)
    still_open = "closes_at" in changed and (end is None or end > now)
    return {"closed_by_worker_at": None} if still_open and phase.closed_by_worker_at else {}
