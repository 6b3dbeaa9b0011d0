"""Every change goes through here: free while the programme is a draft, dated and reasoned once it is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, STAFF, Role
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.scope import Scope
from portal.rulebook.models import Amendment, Rulebook

MANAGERS = [Role.PROGRAM_MANAGER]


def _is_ours(actor: Any, subject: Any) -> bool:
    office = subject.rulebook.office_id
    return office is None or bool(actor.organization and actor.organization.pk == office)


our_rulebook = Scope("本项目办的计划", _is_ours)


@dataclass(frozen=True)
class Why:
    """The reason for a change and the day from which it was decided; a draft needs neither."""

    reason: str = ""
    effective_at: datetime | None = None


UNEXPLAINED = Why()


def record(
    act: Act,
    subject: models.Model,
    *,
    target: str,
    title: str,
    before: dict[str, Any],
    after: dict[str, Any],
    why: Why,
) -> Amendment | None:
    """Write what changed to the audit and, once the programme is published, as an amendment that staff are told of.

    Raises Invalid when a published programme is changed without a reason, or from a time still to come; WrongState
    once it has ended.
    """
    rulebook: Rulebook = subject.rulebook  # type: ignore[attr-defined]
    if rulebook.closed_at is not None:
        raise WrongState(_("“%(title)s”已结束，规则和日历不能再变更。") % {"title": rulebook})
    act.changed(subject, before=before, after=after)
    act.reason = why.reason.strip()
    if not rulebook.is_published:
        return None
    made = Amendment.objects.create(
        rulebook=rulebook,
        target=target,
        subject=title[:100],
        before=_plain(before),
        after=_plain(after),
        reason=_reason(why),
        effective_at=_effective(act, why),
        made_at=act.now,
        made_by=act.actor.name[:64],
    )
    act.tell(
        _staff(rulebook), _("规则变更：%(title)s") % {"title": title}, body=made.reason, url=_url(rulebook)
    )
    return made


def differences(
    row: models.Model, values: Mapping[str, Any], fields: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of `values` differs from `row`: as it was, and as it is to be. Raises KeyError beyond `fields`."""
    if unknown := set(values) - set(fields):
        raise KeyError(", ".join(sorted(unknown)))
    after = {name: value for name, value in values.items() if value != getattr(row, name)}
    return {name: getattr(row, name) for name in after}, after


def require_draft(rulebook: Rulebook) -> None:
    """Refuse what can only be done while the programme is being set up."""
    if rulebook.is_published:
        raise WrongState(_("“%(title)s”已经发布，只能变更已有内容，不能增删。") % {"title": rulebook})


def _reason(why: Why) -> str:
    if not why.reason.strip():
        raise Invalid(_("计划已经发布，变更须填写理由。"), field="reason")
    return why.reason.strip()


def _effective(act: Act, why: Why) -> datetime:
    """A change acts from the moment it is made; a date still to come would promise what nobody carries out."""
    if why.effective_at and why.effective_at > act.now:
        raise Invalid(
            _("生效时间不能晚于现在：变更一经确认立即生效。请在生效当日办理。"), field="effective_at"
        )
    return why.effective_at or act.now


def _staff(rulebook: Rulebook) -> Iterable[User]:
    """Everyone but trainees and the separated administrators in the reach of the programme's authority."""
    held = Membership.objects.current().filter(role__in=STAFF - SEPARATED)
    if rulebook.office:
        held = held.filter(organization__path__startswith=rulebook.office.reach.path)
    people: Iterable[User] = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return people


def _url(rulebook: Rulebook) -> str:
    from django.urls import reverse

    return reverse("rulebook:calendar", args=[rulebook.pk]) + "#amendments"


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: shown(value) for name, value in values.items()}


def shown(value: Any) -> Any:
    """A value as JSON can hold it and a person reads it: times in Asia/Shanghai."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
