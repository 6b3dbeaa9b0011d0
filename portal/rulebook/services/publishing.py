"""From draft to published, when the calendar governs and every change is an amendment, to closed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.rulebook.models import Rulebook


def publish_rulebook(act: Act, rulebook: Rulebook) -> Rulebook:
    """Publish inside the programme's own operation. Raises Invalid without a calendar, WrongState the second time."""
    if not rulebook.phases.exists():
        raise Invalid(_("尚未设定任何进程，不能发布。请先载入通知或录入进程。"))
    if not Rulebook.objects.filter(pk=rulebook.pk, published_at=None).update(published_at=act.now):
        raise WrongState(_("“%(title)s”已经发布。") % {"title": rulebook})
    rulebook.published_at = act.now
    return rulebook


def close_rulebook(act: Act, rulebook: Rulebook) -> Rulebook:
    """End the calendar inside the programme's own operation: no window is open any more, nobody is reminded."""
    Rulebook.objects.filter(pk=rulebook.pk, closed_at=None).update(closed_at=act.now)
    rulebook.closed_at = act.now
    return rulebook
