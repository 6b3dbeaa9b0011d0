"""Which columns a person sees: the list's own choice, or one of the person's saved sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.ui import services
from portal.ui.models import ColumnSet
from portal.ui.pages import PageRequest, refuse

if TYPE_CHECKING:
    from portal.ui.register.columns import Column
    from portal.ui.register.declaration import Register


def visible(register: Register[Any], sets: Sequence[ColumnSet]) -> list[Column]:
    """The columns of the set in use that still exist, else those the list starts with."""
    chosen: list[str] = next((each.columns for each in sets if each.current), [])
    kept = [column for column in register.columns if column.key in chosen]
    return kept or [column for column in register.columns if column.shown]


def choose(register: Register[Any], request: PageRequest, do: str) -> HttpResponseBase:
    """`columns:save`, `columns:use`, `columns:drop`; then back to the list as it was filtered."""
    try:
        _carry_out(register, request, do)
    except DomainError as refused:
        refuse(request, refused)
    return HttpResponseRedirect(request.get_full_path())


def _carry_out(register: Register[Any], request: PageRequest, do: str) -> None:
    pk = request.POST.get("set", "")
    key = int(pk) if pk.isdecimal() else None
    if do == "columns:save":
        known = [column.key for column in register.columns if column.key in request.POST.getlist("column")]
        services.save_columns(
            request.actor, register.code, request.POST.get("name", "").strip() or _("我的列"), known
        )
    elif do == "columns:drop" and key is not None:
        services.drop_columns(request.actor, register.code, key)
    else:
        services.use_columns(request.actor, register.code, key)
