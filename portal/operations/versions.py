"""Two people on one record: the second is told what changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Conflict
from portal.operations.models import AuditEntry


def save_version(obj: models.Model, expected: int, **fields: Any) -> None:
    """Set `fields` if the row still has the `expected` version, and count it up. Raises Conflict otherwise."""
    rows = type(obj)._default_manager.filter(pk=obj.pk, version=expected)
    if not rows.update(version=F("version") + 1, **fields):
        raise changed_meanwhile(obj)
    for name, value in {**fields, "version": expected + 1}.items():
        setattr(obj, name, value)


def hold(obj: models.Model, *names: str) -> None:
    """Lock the row until the transaction ends. Raises Conflict when one of the columns `names` is not what was read."""
    known = {name: getattr(obj, name) for name in names}
    rows = type(obj)._default_manager.select_for_update(of=("self",)).filter(pk=obj.pk, **known)
    if not rows.order_by().values_list("pk", flat=True):
        raise changed_meanwhile(obj)


def changed_meanwhile(obj: models.Model) -> Conflict:
    """The refusal that says who changed what since the page was opened."""
    last = AuditEntry.objects.about(obj).first()
    if last is None:
        return Conflict(_("此记录刚被他人修改，请刷新后重新操作。"))
    return Conflict(
        _(
            "%(who)s于%(when)s对此记录进行了“%(what)s”，您看到的内容已过期。请刷新后重新操作，已填内容不会丢失。"
        )
        % {
            "who": last.actor_name,
            "when": timezone.localtime(last.at).strftime("%m月%d日%H:%M"),
            "what": last.label,
        }
    )
