"""The programme's progress on paper. Source: CQ20-1.1, CQ20-6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models.performance import OVERSEERS
from assessment.queries import progress as queries
from portal import clock
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.ui import formats
from programs.models import Program

PAPER = "assessment.progress"


def paper_rows() -> QuerySet[Program]:
    return Program.objects.select_related("office")


def contexts(programs: Sequence[Program]) -> list[Mapping[str, Any]]:
    """The tables of each programme. One is printed at a time."""
    return [_context(each) for each in programs]


def facts(program: Program) -> Facts:
    title = _("%(program)s进展") % {"program": program.name}
    return Facts(title=title, issuer=program.office.name, lines=[(_("统计日期"), formats.day(clock.today()))])


def _context(program: Program) -> Mapping[str, Any]:
    tables = []
    for by, word in queries.DIMENSIONS:
        found = queries.lines(program, by, clock.today())
        rows = [
            {"name": line.name, "cells": [count for count, _url in line.cells]}
            for line in [*found, queries.total(found, program, by)]
        ]
        tables.append({"title": str(word), "rows": rows})
    return {"heads": [str(word) for _name, word in queries.HEADS], "tables": tables}


register_kind(
    PaperKind(
        PAPER,
        gettext_lazy("年度进展"),
        "papers/progress.html",
        frozenset(OVERSEERS),
        paper_rows,
        contexts,
        facts,
    )
)
