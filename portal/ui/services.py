"""Writing a person's own choices about pages. They concern nobody else, so they are not audited operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import Invalid, NotAllowed
from portal.ui.models import ColumnSet

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.operations.actor import Actor

# More named sets than a person can tell apart would only fill the menu.
MAX_SETS = 10


def choose_large_type(user: User, on: bool) -> None:
    """Remember whether `user` reads the pages in large type."""
    user.large_type = on
    user.save(update_fields=["large_type"])


@transaction.atomic
def save_columns(actor: Actor, register: str, name: str, columns: Sequence[str]) -> ColumnSet:
    """Keep `columns` of `register` under `name` and use them from now on. Raises Invalid when nothing is chosen."""
    if actor.user is None:
        raise NotAllowed(_("只有登录用户可以保存列方案。"))
    if not columns:
        raise Invalid(_("至少保留一列，否则列表没有内容。请勾选要显示的列后再保存。"), field="columns")
    mine = ColumnSet.objects.visible_to(actor).select_for_update().filter(register=register)
    if mine.exclude(name=name).count() >= MAX_SETS:
        raise Invalid(
            _("每个列表最多保存%(limit)s个列方案，请先删除不用的。") % {"limit": MAX_SETS}, field="name"
        )
    mine.update(current=False)
    chosen, _created = ColumnSet.objects.update_or_create(
        user=actor.user,
        register=register,
        name=name[:20],
        defaults={"columns": list(columns), "current": True},
    )
    return chosen


@transaction.atomic
def use_columns(actor: Actor, register: str, pk: int | None) -> None:
    """Use one of one's own saved sets; None returns to the columns the list starts with."""
    mine = ColumnSet.objects.visible_to(actor).select_for_update().filter(register=register)
    mine.update(current=False)
    if pk is not None:
        mine.filter(pk=pk).update(current=True)


def drop_columns(actor: Actor, register: str, pk: int) -> None:
    """Delete one of one's own saved sets."""
    ColumnSet.objects.visible_to(actor).filter(register=register, pk=pk).delete()
