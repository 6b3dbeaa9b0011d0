"""Files kept with a record: the columns they all have, and how one gets there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import PurePath
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from portal.operations.act import Act
from portal.uploads import CONTENT_TYPES, DOCUMENTS, check_file


class KeptFile(models.Model):
    """A checked upload. Subclasses name the record it belongs to."""

    file = models.FileField(_("文件"), upload_to="attachments/")
    name = models.CharField(_("文件名"), max_length=200)
    size = models.PositiveIntegerField(_("字节"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.CharField(_("上传人"), max_length=64)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def response(self) -> FileResponse:
        """The file as a download; the browser never shows it as part of our pages."""
        kind = CONTENT_TYPES.get(PurePath(self.file.name or "").suffix, "application/octet-stream")
        return FileResponse(self.file.open("rb"), as_attachment=True, filename=self.name, content_type=kind)


F = TypeVar("F", bound=KeptFile)


def keep_files(
    act: Act,
    model: type[F],
    files: Iterable[UploadedFile[bytes]],
    *,
    kinds: Collection[str] = DOCUMENTS,
    **owner: object,
) -> list[F]:
    """Check every file, then keep them all for `owner`. Raises FileRefused before anything is written."""
    checked = [(each, check_file(each, kinds)) for each in files]
    made = []
    for upload, found in checked:
        row = model(
            name=found.name,
            size=found.size,
            sha256=found.sha256,
            uploaded_at=act.now,
            uploaded_by=act.actor.name,
            **owner,
        )
        row.file.save(found.path, upload, save=False)
        made.append(row)
    return model._default_manager.bulk_create(made)
