"""The workbook of a list: its visible columns, streamed; where the worker keeps it, and for how long."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from portal import clock
from portal.sheets import kinds as sheet_kinds
from portal.sheets.export import export as write_sheet
from portal.sheets.layout import Column as SheetColumn
from portal.sheets.layout import Sheet
from portal.ui import formats
from portal.ui.register.columns import Column, Kind

if TYPE_CHECKING:
    from portal.jobs.services import Run
    from portal.ui.register.declaration import Register

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Seconds that an exported file is kept: it holds personal data and can be made again at any time.
KEPT = 3 * 24 * 3600
# The job says how far it is after so many rows.
STEP = 500
_KINDS: dict[Kind, sheet_kinds.Kind] = {Kind.NUMBER: sheet_kinds.Decimal(), Kind.MONEY: sheet_kinds.Money()}


def write(
    register: Register[Any], columns: Sequence[Column], rows: Iterable[Model], target: IO[bytes] | None = None
) -> IO[bytes]:
    """Write `rows` to `target` (a temporary file if None) and return it, open at its beginning."""
    layout = Sheet(
        register.code,
        register.title,
        [
            SheetColumn(column.key, column.title, _KINDS.get(column.kind, sheet_kinds.Text()))
            for column in columns
        ],
    )
    plain = ([column.plain(row) for column in columns] for row in rows)
    made = _("导出时间：%(when)s") % {"when": formats.moment(clock.now())}
    return write_sheet(layout, plain, title=str(register.title), subtitle=made, target=target)


def store(run: Run, register: Register[Any], columns: Sequence[Column], rows: QuerySet[Any]) -> None:
    """Keep the workbook of `rows` as the file of the job. Run again, it replaces the file; half a file is never seen."""
    path = path_of(run.job.pk)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear(path.parent)
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b") as target:
        write(register, columns, _counted(run, rows), target)
    part.replace(path)


def _counted(run: Run, rows: QuerySet[Any]) -> Iterator[Model]:
    total = rows.order_by().count()
    run.advance(0, total)
    for done, row in enumerate(rows.iterator(chunk_size=STEP), start=1):
        yield row
        if done % STEP == 0:
            run.advance(done, total)
    run.advance(total, total)


def _clear(folder: Path) -> None:
    """Delete what is older than KEPT."""
    oldest = time.time() - KEPT
    for file in folder.iterdir():
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def disposition(title: str) -> str:
    """The header by which the browser saves it under a Chinese name with the business date."""
    return f"attachment; filename*=UTF-8''{quote(f'{title}-{clock.today():%Y%m%d}.xlsx')}"


def path_of(job_id: int) -> Path:
    """Where the worker keeps the file of a job."""
    return Path(settings.MEDIA_ROOT) / "exports" / f"{job_id}.xlsx"
