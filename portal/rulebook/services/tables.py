"""The tables of a notice that apps hold (deliverables, expense categories, grades): changed as a whole, row by row told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from portal.errors import Invalid, Text, WrongState
from portal.operations.act import Act
from portal.operations.versions import changed_meanwhile, save_version
from portal.rulebook.models import Clause, Rulebook
from portal.rulebook.services.amending import Why, record
from portal.rulebook.services.syncing import sync

M = TypeVar("M", bound=models.Model)


def _of_rulebook(rulebook: Rulebook) -> dict[str, Any]:
    return {"rulebook": rulebook}


@dataclass(frozen=True)
class PartTable(Generic[M]):
    """A table whose rows have `code`, `name`, `clause` and `position`; `line` puts a row into words.

    `owner` says what a rulebook's rows belong to, by field; `rulebook` itself unless the table says otherwise.
    """

    target: str
    title: Text
    model: type[M]
    fields: tuple[str, ...]
    line: Callable[[M], str]
    owner: Callable[[Rulebook], dict[str, Any]] = _of_rulebook

    @property
    def columns(self) -> list[str]:
        """What is compared and written, beside the code by which a row is known."""
        return [*self.fields, "position"]

    def stored(self, rulebook: Rulebook) -> models.QuerySet[M]:
        return self.model._default_manager.filter(**self.owner(rulebook))


def replace_rows(
    act: Act,
    rulebook: Rulebook,
    table: PartTable[M],
    *,
    version: int,
    rows: Sequence[dict[str, Any]],
    why: Why,
) -> Rulebook:
    """Make the rulebook's table `rows` (keyed by `code` and the table's fields), in this order.

    `version` is the rulebook's. Raises Invalid for a code twice, none at all, or a clause of another notice; Conflict
    when the rulebook was changed meanwhile; WrongState when a row that would go is in use.
    """
    _check(rulebook, rows)
    owner = table.owner(rulebook)
    wanted = [table.model(**owner, position=number, **row) for number, row in enumerate(rows, 1)]
    stored = table.stored(rulebook)
    before, after = _lines(table, list(stored)), _lines(table, wanted)
    changed = {code for code in {*before, *after} if before.get(code) != after.get(code)}
    if version != rulebook.version:
        raise changed_meanwhile(rulebook)
    if not changed and list(before) == list(after):
        return rulebook
    save_version(rulebook, version)
    _write(stored, wanted, table.columns)
    kept = changed or set(after)
    record(
        act,
        rulebook,
        target=table.target,
        title=str(table.title),
        before={code: line for code, line in before.items() if code in kept},
        after={code: line for code, line in after.items() if code in kept},
        why=why,
    )
    return rulebook


def _write(stored: models.QuerySet[M], wanted: Sequence[M], columns: list[str]) -> None:
    try:
        sync(stored, lambda row: row.code, wanted, columns)  # type: ignore[attr-defined]
    except ProtectedError as error:
        raise WrongState(
            _("要删去的“%(rows)s”已被使用，不能删除。请保留它，或先处理引用它的记录。")
            % {"rows": "、".join(sorted({_referred(each) for each in error.protected_objects}))}
        ) from error


def _referred(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _check(rulebook: Rulebook, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        raise Invalid(_("至少要保留一项。"))
    twice = [code for code, times in Counter(row["code"] for row in rows).items() if times > 1]
    if twice:
        raise Invalid(_("代号重复：%(codes)s。每一项的代号须不同。") % {"codes": "、".join(twice)})
    for row in rows:
        clause: Clause | None = row.get("clause")
        if clause and clause.notice_id != rulebook.notice_id:
            raise Invalid(_("“%(name)s”的依据不是本通知的条款，请重新选择。") % {"name": row["name"]})


def _lines(table: PartTable[M], rows: Sequence[M]) -> dict[str, str]:
    """The rows in words, by code, with the clause that they cite."""
    return {row.code: f"{table.line(row)}{_cited(row)}" for row in rows}  # type: ignore[attr-defined]


def _cited(row: Any) -> str:
    return f"［{row.clause.code}］" if row.clause else ""
