"""From an upload's bytes to the raw rows of its sheets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from django.conf import settings

from portal.sheets.child import run
from portal.sheets.refusals import refused

READ_SECONDS = 30
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS = {
    b"%PDF": "PDF 文档",
    b"\xff\xd8\xff": "图片",
    b"\x89PNG": "图片",
    b"GIF8": "图片",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"MZ": "程序",
    b"\x7fELF": "程序",
    b"{\\rtf": "RTF 文档",
}


@dataclass(frozen=True)
class RawSheet:
    """A visible sheet: its name and its non-empty rows, each (number as Excel shows it, cells).

    A cell is str (`""` when empty), int, float, bool, or a dict with one of the keys `date`, `time`
    (ISO text), `error` (Excel's error value) and `formula` (a formula without a result).
    """

    name: str
    rows: list[tuple[int, list[Any]]]


def check_size_and_kind(file: BinaryIO, size: int) -> None:
    """Refuse by size and first bytes alone what cannot be an .xlsx: cheap enough for the request."""
    if size == 0:
        raise refused("empty")
    if size > settings.SHEET_MAX_BYTES:
        megabytes = 1024 * 1024
        raise refused("too_big", size=-(-size // megabytes), limit=settings.SHEET_MAX_BYTES // megabytes)
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head.startswith(_ZIP):
        _refuse_kind(file, head)


def _refuse_kind(file: BinaryIO, head: bytes) -> None:
    if head.startswith(_OLE):
        raise refused("password" if _is_encrypted(file) else "old_format")
    for sign, kind in _SIGNS.items():
        if head.startswith(sign):
            raise refused("not_a_sheet", kind=kind)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"MIME-Version")):
        raise refused("other_kind", kind="网页或 XML 文件")
    if b"\x00" in head:
        raise refused("damaged")
    raise refused("csv")


def _is_encrypted(file: BinaryIO) -> bool:
    # Imported late: it costs more than reading a sheet and is needed once in a hundred files.
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import FileFormatError

    try:
        return bool(OfficeFile(BytesIO(file.read())).is_encrypted())
    except (FileFormatError, OSError, ValueError):
        return False


def raw_sheets(data: bytes, *, max_rows: int) -> list[RawSheet]:
    """Return the visible sheets of `data` in order. Raises FileRefused."""
    check_size_and_kind(BytesIO(data), len(data))
    answer = json.loads(run("read", data, str(max_rows), seconds=READ_SECONDS))
    if "refused" in answer:
        raise refused(answer["refused"], **answer["facts"])
    return [
        RawSheet(sheet["name"], [(number, cells) for number, cells in sheet["rows"]])
        for sheet in answer["sheets"]
    ]
