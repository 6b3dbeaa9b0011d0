"""State tables: which action leads from which state to which, behind one locked door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from portal.errors import Conflict, WrongState

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Transition:
    source: str
    action: str
    target: str


class StateTable(Generic[M]):
    """The transitions of one model's `state` column. `labels` are the model's state choices."""

    def __init__(
        self, model: type[M], labels: type[models.TextChoices], transitions: Iterable[Transition]
    ) -> None:
        self.model, self.labels = model, labels
        self.transitions = tuple(transitions)
        self._targets = {(each.source, each.action): each.target for each in self.transitions}

    def target(self, state: str, action: str) -> str | None:
        """The state that `action` leads to from `state`, or None."""
        return self._targets.get((state, action))

    def sources(self, action: str) -> list[str]:
        """The states from which `action` is possible."""
        return [each.source for each in self.transitions if each.action == action]

    def require(self, obj: M, action: str) -> str:
        """The state that `action` would lead `obj` to. Raises WrongState when the table has no such move."""
        source = obj.state  # type: ignore[attr-defined]
        target = self.target(source, action)
        if target is None:
            raise WrongState(
                _("当前状态为“%(state)s”，不能进行此操作。") % {"state": self.labels(source).label}
            )
        return target

    def apply(self, obj: M, action: str, **fields: Any) -> M:
        """Move `obj` by `action` and set `fields`, if it is still in the state it was read in.

        Raises WrongState when the table has no such move, Conflict when someone else moved it meanwhile.
        """
        source, target = obj.state, self.require(obj, action)  # type: ignore[attr-defined]
        rows = self.model._default_manager.filter(pk=obj.pk, state=source).update(state=target, **fields)
        if not rows:
            raise Conflict(_("“%(object)s”刚被他人处理，请刷新后查看最新状态。") % {"object": obj})
        for name, value in {"state": target, **fields}.items():
            setattr(obj, name, value)
        return obj

    def apply_to(self, rows: models.QuerySet[M], action: str, **fields: Any) -> int:
        """Move every row of `rows` that `action` may move, in one statement a target; return how many moved."""
        moved = 0
        for target in {each.target for each in self.transitions if each.action == action}:
            sources = [
                each.source for each in self.transitions if each.action == action and each.target == target
            ]
            moved += rows.filter(state__in=sources).update(state=target, **fields)
        return moved
