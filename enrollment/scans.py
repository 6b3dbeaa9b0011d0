"""The stamped scan of a nomination sheet: a PDF or picture that really opens. CQ20-6.2."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from portal.uploads import CONTENT_TYPES, SCANS, CheckedFile, check_file

__all__ = ["CONTENT_TYPES", "CheckedFile", "check_scan"]


def check_scan(file: UploadedFile[bytes]) -> CheckedFile:
    """Return what is to be kept of `file`, rewound. Raises FileRefused, saying what to do, for what is no scan."""
    return check_file(file, SCANS)
