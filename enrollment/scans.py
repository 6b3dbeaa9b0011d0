"""The stamped scan of a nomination sheet: a PDF or picture that really opens, under a name of ours. CQ20-6.2."""

from __future__ import annotations

import hashlib
import secrets
import warnings
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

PDF, JPEG, PNG = ".pdf", ".jpg", ".png"
CONTENT_TYPES = {PDF: "application/pdf", JPEG: "image/jpeg", PNG: "image/png"}
_SIGNS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
_FORMATS = {JPEG: "JPEG", PNG: "PNG"}
MOST_PAGES = 200


@dataclass(frozen=True)
class CheckedScan:
    """`name` is what the person called it, safe to show; `path` where it will rest; `sha256` in hex."""

    name: str
    path: str
    sha256: str


def check_scan(file: UploadedFile[bytes]) -> CheckedScan:
    """Return what is to be kept of `file`, rewound. Raises FileRefused, saying what to do, for what is no scan."""
    _check_size(file.size or 0)
    suffix = _kind_of(file)
    if suffix == PDF:
        _open_pdf(file)
    else:
        _open_picture(file, _FORMATS[suffix])
    file.seek(0)
    digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
    file.seek(0)
    return CheckedScan(_shown_name(file.name or "", suffix), f"{secrets.token_urlsafe(24)}{suffix}", digest)


def _check_size(size: int) -> None:
    if size == 0:
        raise FileRefused(_("扫描件是空文件，请重新扫描后上传。"), code="scan_empty")
    if size > settings.SCAN_MAX_BYTES:
        megabytes = 1024 * 1024
        words = _("扫描件%(size)dMB，超过%(limit)dMB。请把扫描分辨率调到200dpi左右，或存为黑白PDF后再上传。")
        raise FileRefused(
            words % {"size": -(-size // megabytes), "limit": settings.SCAN_MAX_BYTES // megabytes},
            code="scan_too_big",
        )


def _kind_of(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(16)
    suffix = next((each for sign, each in _SIGNS.items() if head.startswith(sign)), None)
    if suffix is None:
        words = _("盖章扫描件须为PDF、JPG或PNG，上传的文件不是这三种。请把盖章后的表扫描或拍照后上传。")
        raise FileRefused(words, code="scan_kind")
    return suffix


def _open_pdf(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        reader = PdfReader(file)
        encrypted, pages = reader.is_encrypted, 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, RecursionError, OSError) as error:
        raise _damaged() from error
    if encrypted:
        raise FileRefused(_("PDF设有密码，无法打开。请取消密码后重新上传。"), code="scan_password")
    if not 0 < pages <= MOST_PAGES:
        raise FileRefused(
            _("PDF有%(pages)d页，应为1至%(most)d页。请核对是否传错文件。")
            % {"pages": pages, "most": MOST_PAGES},
            code="scan_pages",
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
        raise FileRefused(_("图片的像素过多，请以200dpi左右重新扫描后上传。"), code="scan_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _damaged() from error


def _damaged() -> FileRefused:
    return FileRefused(_("扫描件已损坏，打不开。请重新扫描，确认能正常打开后再上传。"), code="scan_damaged")


def _shown_name(name: str, suffix: str) -> str:
    stem = normalise(PurePath(name.replace("\\", "/")).stem)[:150]
    return f"{stem or _('盖章扫描件')}{suffix}"
