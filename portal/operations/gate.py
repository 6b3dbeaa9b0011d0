"""When: a phase of the rulebook's calendar opens and closes operations by the clock itself."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import OutsidePhase
from portal.rulebook.models import Phase, Rulebook


def phase_refusal(code: str | None, subject: object, now: datetime) -> OutsidePhase | None:
    """Return why the phase `code` of the subject's rulebook is not open at `now`, or None.

    A subject whose `late_until(code)` gives a moment was allowed to be late until then.
    """
    if code is None:
        return None
    rulebook: Rulebook = subject.rulebook  # type: ignore[attr-defined]
    if rulebook.published_at is None:
        return OutsidePhase(
            _("“%(program)s”尚未发布，发布后方可办理。") % {"program": rulebook}, code="unpublished"
        )
    if rulebook.closed_at is not None:
        return OutsidePhase(_("“%(program)s”已结束，不能再办理。") % {"program": rulebook}, code="closed")
    phase = rulebook.phase(code)
    if phase is None:
        return OutsidePhase(
            _("“%(program)s”的通知没有规定此环节，不能办理。") % {"program": rulebook}, code="no_such_phase"
        )
    late = getattr(subject, "late_until", None)
    until = late(code) if late else None
    return None if until and now <= until else _closed(phase, now)


def _closed(phase: Phase, now: datetime) -> OutsidePhase | None:
    if phase.opens_at and now < phase.opens_at:
        message = _("“%(phase)s”自%(when)s起办理，现在尚未开始。")
        when = phase.opens_at
    elif phase.closes_at and now > phase.closes_at:
        message = _("“%(phase)s”已于%(when)s截止，不能再办理。如确需补办，请联系项目办延长期限。")
        when = phase.closes_at
    else:
        return None
    shown = timezone.localtime(when).strftime("%Y年%m月%d日%H时%M分")
    return OutsidePhase(message % {"phase": phase.name, "when": shown}, citation=phase.citation)
