"""The kinds of paper that the apps print; each registers its own from `apps.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import Invalid, Text

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Facts:
    """What a stranger with the paper in hand may see of it. `holder` is the full name; only its mask is shown.

    `lines` are further pairs of label and value. Nothing else about the person belongs here.
    """

    title: str
    number: str = ""
    holder: str = ""
    issuer: str = ""
    lines: Sequence[tuple[str, str]] = ()

    def public(self) -> dict[str, Any]:
        """The facts as they are stored and shown."""
        return {
            "holder": masked(self.holder),
            "issuer": self.issuer,
            "lines": [list(pair) for pair in self.lines],
        }


@dataclass(frozen=True)
class PaperKind(Generic[M]):
    """One kind of paper.

    `rows` gives the subjects with everything the other two need; its queryset has `visible_to(actor)`, which decides
    what each person may print. `context` takes up to 25 subjects and returns, in the same order, one dict of plain
    values each (no models: the dict is hashed to know whether a paper has changed), in a constant number of queries.
    `facts` costs no query. `template` extends `papers/base.html`, which is given `paper` besides.
    """

    code: str
    label: Text
    template: str
    roles: frozenset[Role]
    rows: Callable[[], models.QuerySet[M]]
    context: Callable[[Sequence[M]], Sequence[Mapping[str, Any]]]
    facts: Callable[[M], Facts]

    @property
    def subject_type(self) -> str:
        return self.rows().model._meta.label_lower


_kinds: dict[str, PaperKind[Any]] = {}


def register_kind(kind: PaperKind[M]) -> PaperKind[M]:
    """Make `kind` printable. Raises ValueError when its code is taken."""
    if kind.code in _kinds:
        raise ValueError(f"paper kind {kind.code} is registered twice")
    _kinds[kind.code] = kind
    return kind


def find_kind(code: str) -> PaperKind[Any]:
    """The kind `code`. Raises Invalid."""
    if code not in _kinds:
        raise Invalid(_("没有“%(code)s”这种打印文件，请返回上一页重新选择。") % {"code": code}, field="kind")
    return _kinds[code]


def kinds() -> dict[str, PaperKind[Any]]:
    """Every registered kind by its code."""
    return dict(sorted(_kinds.items()))


def label_of(code: str) -> str:
    """The Chinese name of the kind `code`, or the code itself when no app registers it any more."""
    return str(_kinds[code].label) if code in _kinds else code


def has_kind(code: str) -> bool:
    return code in _kinds


def masked(name: str) -> str:
    """The name with everything but its first character hidden: 张三 → 张*."""
    return name[:1] + "*" * (len(name) - 1)
