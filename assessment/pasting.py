"""Grades pasted from a spreadsheet: lines of text into entries, or what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from assessment.models import GradeLevel
from assessment.services.grading import Entry
from enrollment.models import Enrollment
from portal.errors import Invalid
from portal.text import normalise

FIELDS = ("performance_mark", "outcome_mark", "level", "comment")
_SHOWN = 8
_GAPS = re.compile(r"[\s　]+")


def entries_of(text: str, people: Sequence[Enrollment], levels: Sequence[GradeLevel]) -> list[Entry]:
    """Each line's entry: name, performance, outcome, level, comment, by tab or comma; empty ones are left alone.

    Raises Invalid naming every line that cannot be taken.
    """
    named: dict[str, list[Enrollment]] = {}
    for each in people:
        named.setdefault(_plain(each.teacher.name), []).append(each)
    codes = {word: each.code for each in levels for word in (each.name, each.code)}
    found, complaints = [], []
    for number, cells in _lines(text):
        try:
            found.append(Entry(_who(cells[0], named).pk, dict(_values(cells[1:], codes))))
        except Invalid as wrong:
            complaints.append(_("第%(number)d行：%(why)s") % {"number": number, "why": wrong.message})
    if complaints:
        more = _("……共%(count)d处") % {"count": len(complaints)} if len(complaints) > _SHOWN else ""
        raise Invalid("\n".join(complaints[:_SHOWN]) + more, field="text")
    if not found:
        raise Invalid(_("没有可读取的行，请从表格中复制后粘贴。"), field="text")
    return found


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        cells = [normalise(each) for each in (line.split("\t") if "\t" in line else re.split("[,，]", line))]
        if not any(cells) or cells[0] in {_("姓名"), _("学员姓名")}:
            continue
        yield number, cells


def _who(name: str, named: dict[str, list[Enrollment]]) -> Enrollment:
    found = named.get(_plain(name), [])
    if not found:
        raise Invalid(_("本班已报到的学员中没有“%(name)s”") % {"name": name[:20]})
    if len(found) > 1:
        raise Invalid(
            _("有%(count)d名学员同名“%(name)s”，请在成绩表中逐人填写") % {"count": len(found), "name": name}
        )
    return found[0]


def _values(cells: Sequence[str], codes: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(FIELDS, cells, strict=False):
        if not cell:
            continue
        if name == "level":
            if cell not in codes:
                raise Invalid(_("等级“%(cell)s”不在等级表中") % {"cell": cell[:20]})
            yield name, codes[cell]
        elif name == "comment":
            yield name, cell
        else:
            yield name, mark_of(cell)


def mark_of(text: str) -> Decimal:
    """A mark as people type it. Raises Invalid."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid(_("“%(text)s”不是分数") % {"text": text[:20]}) from None
    if not value.is_finite() or not 0 <= value <= 100:
        raise Invalid(_("分数“%(text)s”应在0至100之间") % {"text": text[:20]})
    if value != value.quantize(Decimal("0.1")):
        raise Invalid(_("分数“%(text)s”最多一位小数") % {"text": text[:20]})
    return value


def _plain(name: str) -> str:
    return _GAPS.sub("", name)
