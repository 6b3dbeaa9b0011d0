"""Correcting an opening notice that is out: a new edition, read anew; what was said before is kept. Source: CQ20-3.4."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.papers.services.issuing import revoke_for
from programs.models import ClassState, OpeningNotice, PastNotice, PastReceipt
from programs.scopes import runs_class
from programs.services.notices import FIELDS, OPENING_NOTICE, WRITERS, address, require_issued


@operation(
    "programs.correct_notice",
    gettext_lazy("更正开班通知"),
    roles=WRITERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-3.4"],
    system=True,
)
def correct_notice(
    act: Act, notice: OpeningNotice, *, values: dict[str, Any], reason: str, version: int
) -> OpeningNotice:
    """Give an issued notice other words and issue it again to whom it now concerns; `reason` says what changed.

    The former edition is kept with its receipts, printed ones are void. Raises Invalid without a reason or a change,
    for a draft; WrongState once the class is over; Conflict for a stale `version`.
    """
    require_issued(notice)
    _require_running(notice)
    changed = {name: value for name, value in values.items() if value != getattr(notice, name)}
    if not reason.strip():
        raise Invalid(_("请写明更正了什么，收到通知的人会看到。"), field="reason")
    if not changed:
        raise Invalid(_("通知内容没有变化，无须更正。"))
    before = {name: getattr(notice, name) for name in changed}
    kept = _kept(act, notice, reason.strip())
    edition, by = notice.edition + 1, act.actor.name
    save_version(notice, version, **changed, edition=edition, issued_at=act.now, issued_by=by)
    _start_again(notice, kept)
    sent = address(act, notice, changed=reason.strip())
    revoke_for(OPENING_NOTICE, [notice.pk], reason=_("开班通知已更正"))
    act.reason = reason.strip()
    act.changed(notice, before=before, after={**changed, "edition": edition, "addressees": len(sent)})
    return notice


def _require_running(notice: OpeningNotice) -> None:
    if notice.training_class.state not in (ClassState.PUBLISHED, ClassState.OPEN):
        raise WrongState(_("“%(class)s”已结班或取消，通知不能再更正。") % {"class": notice.training_class})


def _kept(act: Act, notice: OpeningNotice, reason: str) -> PastNotice:
    """What the notice says until now, not yet stored: the stale edition of two at once must not be."""
    assert notice.issued_at is not None  # noqa: S101 - asked by the caller
    return PastNotice(
        notice=notice,
        edition=notice.edition,
        issued_at=notice.issued_at,
        issued_by=notice.issued_by,
        superseded_at=act.now,
        superseded_by=act.actor.name,
        reason=reason,
        **{name: getattr(notice, name) for name in FIELDS},
    )


def _start_again(notice: OpeningNotice, kept: PastNotice) -> None:
    """Store what was, and move the receipts to it."""
    kept.save()
    rows = list(notice.receipts.all())
    PastReceipt.objects.bulk_create(
        PastReceipt(
            notice=kept,
            organization_id=each.organization_id,
            teacher_id=each.teacher_id,
            sent_at=each.sent_at,
            read_at=each.read_at,
            read_by=each.read_by,
        )
        for each in rows
    )
    notice.receipts.filter(pk__in=[each.pk for each in rows]).delete()
