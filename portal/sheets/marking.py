"""The user's own workbook back, with the cells that are wrong marked and the reasons beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.sheets.child import run
from portal.sheets.findings import CellFinding
from portal.sheets.writing import clean
from portal.ui.formats import mask

MARK_SECONDS = 180


def error_workbook(data: bytes, findings: Sequence[CellFinding]) -> bytes:
    """Return the workbook `data` with each finding's cell filled and commented, and a sheet that lists them all.

    What an earlier round marked is taken away. Raises FileRefused when the file is too heavy to be marked.
    """
    order = {
        "list_title": _("问题清单"),
        "head": [_("工作表"), _("行"), _("列"), _("列名"), _("内容"), _("问题与处理办法"), _("依据")],
        "marks": [[each.sheet, each.cell, _comment(each), each.blocks] for each in findings],
        "rows": [_line(each) for each in findings],
    }
    document = json.dumps(order).encode()
    return run("mark", b"%08d" % len(document) + document + data, seconds=MARK_SECONDS)


def _comment(finding: CellFinding) -> str:
    where = f"{finding.title}：" if finding.title else ""
    citation = f"\n{finding.citation}" if finding.citation else ""
    return clean(f"{where}{finding.message}{citation}")


def _line(finding: CellFinding) -> list[Any]:
    return [
        clean(text)
        for text in (
            finding.sheet,
            str(finding.row),
            finding.column,
            finding.title,
            mask(finding.value) if finding.sensitive else finding.value,
            finding.message,
            str(finding.citation or ""),
        )
    ]
