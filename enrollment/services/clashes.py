"""What the database's last word on doubled people and places means to the person who came second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict

_WORDS = {
    "nomination_once_per_project": _("所选人员中有人刚被推荐参加同一项目，请刷新后重新核对。"),
    "enrollment_once_per_project": _("所选人员中有人刚已录取到同一项目，请刷新后重新核对。"),
    "enrollment_not_in_two_classes_at_once": _("所选人员中有人刚编入同一时间的另一班级，请刷新后重新核对。"),
}


@contextmanager
def told_of_clashes() -> Iterator[None]:
    """Turn the violation of one of our constraints into a Conflict; the transaction outside goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        words = next((text for name, text in _WORDS.items() if name in str(error)), None)
        if words is None:
            raise
        raise Conflict(words) from error
