"""A person's acts on an import batch: upload, take, check again, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import PurePath
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import SEPARATED, Role
from portal.errors import NotAllowed, WrongState
from portal.jobs.models import Job, JobState
from portal.jobs.services import start_job
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.sheets.imports import find_kind
from portal.sheets.intake import check_size_and_kind
from portal.sheets.models import BatchState, ImportBatch
from portal.sheets.states import BATCH
from portal.text import normalise

PREVIEW_JOB, TAKE_JOB = "sheets.preview", "sheets.take"
UPLOADERS = frozenset(Role) - SEPARATED - {Role.TRAINEE}
_OVER = {JobState.FAILED, JobState.CANCELLED}


@operation("sheets.upload", gettext_lazy("上传导入表格"), roles=UPLOADERS)
def upload(
    act: Act, subject: None, *, kind: str, file: UploadedFile[bytes], params: Mapping[str, str] | None = None
) -> ImportBatch:
    """Keep an uploaded sheet and have it checked in the background; nothing is written but the batch.

    Raises FileRefused for what size and first bytes tell already, and whatever the kind's `prepare` raises.
    """
    if act.actor.user is None:
        raise NotAllowed(_("导入须由本人登录后办理。"))
    chosen = find_kind(kind)
    context = chosen.prepare(act.actor, params or {})
    size = file.size or 0
    check_size_and_kind(cast("BinaryIO", file), size)
    key = _next_key()
    batch = ImportBatch(
        pk=key,
        number=f"B{act.today:%Y%m%d}-{key:04}",
        kind=kind,
        context=context,
        original_name=_plain_name(file.name or ""),
        size=size,
        sha256=_digest(file),
        uploader=act.actor.user,
        organization=act.actor.organization,
    )
    batch.file.save("upload.xlsx", File(file), save=False)
    batch.job = start_job(act.actor, PREVIEW_JOB, title=_title(batch, _("核对")), batch=key)
    batch.save(force_insert=True)
    act.changed(batch, after={"kind": kind, "file": batch.original_name, "sha256": batch.sha256, **context})
    return batch


@operation("sheets.take", gettext_lazy("确认导入"), roles=UPLOADERS, scope=own("organization"))
def take(act: Act, batch: ImportBatch) -> ImportBatch:
    """Have the ready rows taken in the background. Raises WrongState when none is ready, Conflict for a second press."""
    if batch.state == BatchState.PREVIEWED and not batch.ready:
        raise WrongState(_("没有可导入的行。请按问题说明修改文件后重新上传。"))
    job = start_job(act.actor, TAKE_JOB, title=_title(batch, _("导入")), batch=batch.pk)
    BATCH.apply(batch, "take", job=job, problem="")
    act.changed(batch, after={"ready": batch.ready})
    return batch


@operation("sheets.recheck", gettext_lazy("重新核对导入表格"), roles=UPLOADERS, scope=own("organization"))
def recheck(act: Act, batch: ImportBatch) -> ImportBatch:
    """Judge the same file again: what it depends on may have changed since."""
    job = start_job(act.actor, PREVIEW_JOB, title=_title(batch, _("核对")), batch=batch.pk)
    marked = batch.marked.name
    BATCH.apply(batch, "recheck", job=job, problem="", marked="")
    if marked:
        transaction.on_commit(partial(batch.file.storage.delete, marked))
    act.changed(batch)
    return batch


@operation("sheets.retry", gettext_lazy("重试中断的导入"), roles=UPLOADERS, scope=own("organization"))
def retry(act: Act, batch: ImportBatch) -> ImportBatch:
    """Start the batch's work again when its job failed or was cancelled. Raises WrongState otherwise."""
    if not stalled(batch):
        raise WrongState(_("该批次没有中断，无需重试。请刷新页面查看最新状态。"))
    kind = TAKE_JOB if batch.state == BatchState.TAKING else PREVIEW_JOB
    job = start_job(act.actor, kind, title=_title(batch, _("重试")), batch=batch.pk)
    ImportBatch.objects.filter(pk=batch.pk).update(job=job)
    batch.job = job
    act.changed(batch)
    return batch


@operation("sheets.cancel", gettext_lazy("取消导入"), roles=UPLOADERS, scope=own("organization"))
def cancel(act: Act, batch: ImportBatch) -> ImportBatch:
    """Give the batch up; nothing of it was written."""
    BATCH.apply(batch, "cancel")
    act.changed(batch)
    return batch


def stalled(batch: ImportBatch) -> bool:
    """Whether the batch waits for a job that is over without having done its work."""
    job: Job | None = batch.job
    return batch.working and (job is None or job.state in _OVER)


def _title(batch: ImportBatch, verb: str) -> str:
    return _("%(verb)s“%(kind)s”%(number)s") % {
        "verb": verb,
        "kind": find_kind(batch.kind).label,
        "number": batch.number,
    }


def _next_key() -> int:
    """The next key of the table: the batch's number is made of it, before the row is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [ImportBatch._meta.db_table])
        (key,) = cursor.fetchone()
    return int(key)


def _digest(file: UploadedFile[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _plain_name(name: str) -> str:
    return normalise(PurePath(name.replace("\\", "/")).name)[-200:] or "upload.xlsx"
