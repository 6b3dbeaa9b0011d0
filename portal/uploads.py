"""Files that people hand in: a PDF, picture or office document that really opens, kept under a name of ours."""

from __future__ import annotations

import hashlib
import secrets
import warnings
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from portal.errors import FileRefused
from portal.text import normalise

PDF, JPEG, PNG, DOCX, XLSX = ".pdf", ".jpg", ".png", ".docx", ".xlsx"
SCANS = (PDF, JPEG, PNG)
DOCUMENTS = (*SCANS, DOCX, XLSX)
CONTENT_TYPES = {
    PDF: "application/pdf",
    JPEG: "image/jpeg",
    PNG: "image/png",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SIGNS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_PICTURES = {JPEG: "JPEG", PNG: "PNG"}
_WORDS = {PDF: "PDF", JPEG: "JPG", PNG: "PNG", DOCX: "Word（docx）", XLSX: "Excel（xlsx）"}
MOST_PAGES = 200
# Of an office document: parts, and bytes when unpacked.
MOST_PARTS, MOST_UNPACKED = 2_000, 200 * 1024 * 1024


@dataclass(frozen=True)
class CheckedFile:
    """`name` is what the person called it, safe to show; `path` where it will rest; `sha256` in hex; `size` in bytes."""

    name: str
    path: str
    sha256: str
    size: int


def check_file(file: UploadedFile[bytes], kinds: Collection[str] = DOCUMENTS) -> CheckedFile:
    """Return what is to be kept of `file`, rewound. Raises FileRefused, saying what to do, for what is not of `kinds`."""
    size = file.size or 0
    _check_size(size)
    suffix = _kind_of(file)
    if suffix not in kinds:
        words = "、".join(_WORDS[each] for each in kinds)
        raise FileRefused(
            _("文件须为%(kinds)s，上传的文件不是这几种。请另存为其中一种后上传。") % {"kinds": words},
            code="file_kind",
        )
    if suffix == PDF:
        _open_pdf(file)
    elif suffix in _PICTURES:
        _open_picture(file, _PICTURES[suffix])
    file.seek(0)
    digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
    file.seek(0)
    return CheckedFile(
        _shown_name(file.name or "", suffix), f"{secrets.token_urlsafe(24)}{suffix}", digest, size
    )


def _check_size(size: int) -> None:
    if size == 0:
        raise FileRefused(_("上传的是空文件，请核对后重新上传。"), code="file_empty")
    if size > settings.SCAN_MAX_BYTES:
        megabytes = 1024 * 1024
        words = _("文件%(size)dMB，超过%(limit)dMB。请压缩图片或把扫描分辨率调到200dpi左右后再上传。")
        raise FileRefused(
            words % {"size": -(-size // megabytes), "limit": settings.SCAN_MAX_BYTES // megabytes},
            code="file_too_big",
        )


def _kind_of(file: IO[bytes]) -> str:
    """What the content is, whatever the name says; "" for what we do not take."""
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(file)
    return next((each for sign, each in _SIGNS.items() if head.startswith(sign)), "")


def _office_kind(file: IO[bytes]) -> str:
    """Which office document the archive is. Macros, bombs and damaged archives are refused."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged() from error
    if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise FileRefused(_("文件解开后过大，请另存为PDF后上传。"), code="file_unpacked")
    names = {each.filename for each in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused(_("文件含有宏，不能上传。请另存为不含宏的文件或PDF后上传。"), code="file_macros")
    return next((kind for part, kind in _PARTS.items() if part in names), "")


def _open_pdf(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        reader = PdfReader(file)
        encrypted, pages = reader.is_encrypted, 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, RecursionError, OSError) as error:
        raise _damaged() from error
    if encrypted:
        raise FileRefused(_("PDF设有密码，无法打开。请取消密码后重新上传。"), code="file_password")
    if not 0 < pages <= MOST_PAGES:
        raise FileRefused(
            _("PDF有%(pages)d页，应为1至%(most)d页。请核对是否传错文件。")
            % {"pages": pages, "most": MOST_PAGES},
            code="file_pages",
        )


def _open_picture(file: IO[bytes], kind: str) -> None:
    """Decode the header and check the data; a picture of more pixels than any scanner makes is refused."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=[kind]) as picture:
                picture.verify()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise FileRefused(_("图片的像素过多，请以200dpi左右重新扫描后上传。"), code="file_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _damaged() from error


def _damaged() -> FileRefused:
    return FileRefused(_("文件已损坏，打不开。请确认能正常打开后重新上传。"), code="file_damaged")


def _shown_name(name: str, suffix: str) -> str:
    stem = normalise(PurePath(name.replace("\\", "/")).stem)[:150]
    return f"{stem or _('附件')}{suffix}"
