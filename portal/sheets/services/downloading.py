"""Taking out what was uploaded: personal data leaves the portal here, so each time is audited."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import WrongState
from portal.jobs.models import Job
from portal.jobs.services import start_job
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.sheets.models import ImportBatch
from portal.sheets.services.uploading import UPLOADERS

MARK_JOB = "sheets.mark"


class Copy(models.TextChoices):
    """Which of a batch's files."""

    ORIGINAL = "original", gettext_lazy("原文件")
    MARKED = "marked", gettext_lazy("问题标注文件")


@operation("sheets.download", gettext_lazy("下载导入文件"), roles=UPLOADERS, scope=own("organization"))
def download(act: Act, batch: ImportBatch, *, copy: Copy) -> FieldFile:
    """The file as uploaded, or with its problems marked. Raises WrongState when there is no such file (any more)."""
    file = batch.marked if copy == Copy.MARKED else batch.file
    if not file:
        raise WrongState(_("该文件尚未生成或已按期清除，无法下载。如需使用，请重新上传。"))
    act.changed(batch, after={"copy": copy})
    return file


@operation("sheets.mark", gettext_lazy("生成问题标注文件"), roles=UPLOADERS, scope=own("organization"))
def mark(act: Act, batch: ImportBatch) -> Job:
    """Have the marked workbook made, when the one started with the preview did not come about."""
    if not (batch.error or batch.conflict):
        raise WrongState(_("该批次没有需要标注的问题。"))
    act.changed(batch)
    return start_job(act.actor, MARK_JOB, batch=batch.pk)
