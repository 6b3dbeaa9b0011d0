"""The long work of imports, as jobs: thin over services.running."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.jobs.services import Run, job_kind, start_job
from portal.sheets.models import BatchState, ImportBatch
from portal.sheets.services.downloading import MARK_JOB
from portal.sheets.services.running import mark_batch, preview_batch, take_batch
from portal.sheets.services.uploading import PREVIEW_JOB, TAKE_JOB


@job_kind(PREVIEW_JOB, _("核对导入表格"))
def preview(run: Run) -> str:
    """Make the preview, then have the problems marked: the preview need not wait for that."""
    batch_id = run.job.parameters["batch"]
    preview_batch(batch_id, run.advance)
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.state == BatchState.PREVIEWED and not batch.marked and (batch.error or batch.conflict):
        start_job(run.actor, MARK_JOB, batch=batch_id)
    return batch.get_absolute_url()


@job_kind(TAKE_JOB, _("导入表格"), cancellable=False)
def take(run: Run) -> str:
    take_batch(run.job.parameters["batch"], run.actor)
    return ImportBatch.objects.get(pk=run.job.parameters["batch"]).get_absolute_url()


@job_kind(MARK_JOB, _("标注问题单元格"))
def mark(run: Run) -> str:
    mark_batch(run.job.parameters["batch"])
    return ImportBatch.objects.get(pk=run.job.parameters["batch"]).get_absolute_url()
