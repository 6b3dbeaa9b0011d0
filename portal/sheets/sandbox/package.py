"""The zip around a workbook: checked by its directory before anything is unpacked."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from .refusal import Refused

MAX_ENTRIES = 200
MAX_UNPACKED = 100 * 1024**2
MAX_RATIO = 100
# Small parts may compress better than the ratio without any harm.
RATIO_FROM = 1024**2
_HEAD = 1024
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OTHER_KINDS = {
    "word/document.xml": "Word 文档",
    "ppt/presentation.xml": "PowerPoint 演示文稿",
    "mimetype": "OpenDocument 文件",
    "xl/workbook.bin": ".xlsb 二进制工作簿",
}


def opened(data: bytes) -> ZipFile:
    """Return the archive when its directory is that of an ordinary workbook. Raises Refused."""
    try:
        archive = ZipFile(BytesIO(data))
    except BadZipFile as error:
        raise Refused("damaged") from error
    entries = archive.infolist()
    _check_sizes(entries)
    _check_kind({entry.filename for entry in entries})
    for entry in entries:
        _check_entry(archive, entry)
    return archive


def _check_sizes(entries: list[ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused("too_many_parts", count=len(entries), limit=MAX_ENTRIES)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused("bomb", limit=MAX_UNPACKED // 1024**2)
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused("bomb", limit=MAX_UNPACKED // 1024**2)


def _check_kind(names: set[str]) -> None:
    for name, kind in _OTHER_KINDS.items():
        if name in names:
            raise Refused("other_kind", kind=kind)
    if "xl/vbaProject.bin" in names:
        raise Refused("macros")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Refused("other_kind", kind="压缩包")


def _check_entry(archive: ZipFile, entry: ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise Refused("password")
    if entry.filename.endswith((".xml", ".rels")):
        with archive.open(entry) as part:
            # A document type can only stand before the first element.
            if _DTD.search(part.read(_HEAD)):
                raise Refused("damaged")
