"""The `[[review_chain]]` tables of a notice file.

[[review_chain]]
subject_kind = "enrollment.nomination"
organization_kind = "school"            # "" or left out: any
name = "学校推荐人选审核"
clause = "CQ20-3.2"                     # may be left out
phase = "eligibility_review"            # may be left out: decisions then are not bound to a window
steps = [{ name = "区县审批", role = "bureau_approver", where = "bureau", days = 3 }]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.roles import HELD_IN, Role
from portal.errors import Invalid
from portal.organizations.kinds import Kind
from portal.reviews.models import ReviewChain, ReviewStep
from portal.rulebook.models import Clause, Rulebook

KEYS = frozenset({"subject_kind", "organization_kind", "name", "clause", "phase", "steps"})
STEP_KEYS = frozenset({"name", "role", "where", "days"})

Table = Mapping[str, Any]


def load(rulebook: Rulebook, tables: Iterable[Table]) -> None:
    """Make the rulebook's chains what `tables` say; loading the same again changes nothing.

    Raises Invalid, naming the table and the key, and changes nothing, when a table is wrong.
    """
    checked = [_checked(number, table) for number, table in enumerate(tables, 1)]
    clauses = _clauses(checked)
    kept = [_chain(rulebook, table, clauses.get(table.get("clause", ""))) for table in checked]
    _without_reviews(rulebook.review_chains.exclude(pk__in=kept).filter(reviews__isnull=False))
    rulebook.review_chains.exclude(pk__in=kept).delete()


def preview(tables: Iterable[Table]) -> list[str]:
    """One line a chain: whose what goes through which hands."""
    return [_line(_checked(number, table)) for number, table in enumerate(tables, 1)]


def _line(table: Table) -> str:
    steps = " → ".join(
        f"{each['name']}（{Kind(each['where']).label} · {Role(each['role']).label}）"
        for each in table["steps"]
    )
    return f"{table['name']}：{steps}"


def _clauses(tables: list[Table]) -> dict[str, Clause]:
    """The clauses that the tables name; a preview cannot look for them, for they may not be loaded yet."""
    found = Clause.objects.in_bulk(
        {table["clause"] for table in tables if table.get("clause")}, field_name="code"
    )
    for number, table in enumerate(tables, 1):
        if table.get("clause") and table["clause"] not in found:
            raise _wrong(number, "clause", table["clause"])
    return found


def _chain(rulebook: Rulebook, table: Table, clause: Clause | None) -> int:
    chain, _made = ReviewChain.objects.update_or_create(
        rulebook=rulebook,
        subject_kind=table["subject_kind"],
        organization_kind=table.get("organization_kind", ""),
        defaults={"name": table["name"], "clause": clause, "phase": table.get("phase", "")},
    )
    for position, step in enumerate(table["steps"], 1):
        fields = {
            "name": step["name"],
            "role": step["role"],
            "where": step["where"],
            "days": step.get("days"),
        }
        ReviewStep.objects.update_or_create(chain=chain, position=position, defaults=fields)
    surplus = chain.steps.filter(position__gt=len(table["steps"]))
    _without_reviews(ReviewChain.objects.filter(pk=chain.pk, reviews__step__in=surplus))
    surplus.delete()
    return chain.pk


def _without_reviews(chains: Any) -> None:
    used = chains.first()
    if used is not None:
        raise Invalid(
            _("审核链“%(name)s”已有审核在办，不能删除其步骤。请保留原步骤，或先办结这些审核。")
            % {"name": used}
        )


def _checked(number: int, table: Table) -> Table:
    _keys(number, table, KEYS, needed={"subject_kind", "name", "steps"})
    if table.get("organization_kind", "") not in {"", *Kind.values}:
        raise _wrong(number, "organization_kind", table["organization_kind"])
    if not table["steps"]:
        raise _wrong(number, "steps", "[]")
    for step in table["steps"]:
        _check_step(number, step)
    return table


def _check_step(number: int, step: Table) -> None:
    _keys(number, step, STEP_KEYS, needed={"name", "role", "where"})
    if step["role"] not in Role.values:
        raise _wrong(number, "role", step["role"])
    if step["where"] not in Kind.values or step["where"] not in HELD_IN[Role(step["role"])]:
        raise _wrong(number, "where", step["where"])
    days = step.get("days")
    if days is not None and (not isinstance(days, int) or days < 0):
        raise _wrong(number, "days", days)


def _keys(number: int, table: Table, known: frozenset[str], *, needed: set[str]) -> None:
    odd = sorted((set(table) - known) | (needed - set(table)))
    if odd:
        message = _("第%(number)d个[[review_chain]]的键不符（多余或缺少）：%(keys)s。")
        raise Invalid(message % {"number": number, "keys": "、".join(odd)}, field="review_chains")


def _wrong(number: int, key: str, value: object) -> Invalid:
    message = _("第%(number)d个[[review_chain]]的“%(key)s”不能是“%(value)s”。")
    return Invalid(message % {"number": number, "key": key, "value": value}, field="review_chains")
