"""A print run as long work: this job prints, others help, and this one joins what all have printed."""

from __future__ import annotations

import time

from django.utils.translation import gettext_lazy as _

from portal.jobs.services import Run, job_kind
from portal.papers.models import PaperBatch, PaperChunk
from portal.papers.services import assembling, printing
from portal.papers.services.starting import JOB
from portal.papers.tasks import help_print

# How many more workers are asked; those that come too late find nothing to do.
HELPERS = 3
POLL_SECONDS = 0.5


@job_kind(JOB, _("批量打印"))
def print_batch(run: Run) -> str:
    """Print what is not printed yet, wait for the helpers' last chunks, join all; return the run's page."""
    batch = PaperBatch.objects.get(pk=run.job.parameters["batch"])
    chunks = PaperChunk.objects.filter(batch=batch).unfinished()
    for _helper in range(min(HELPERS, chunks.count() - 1)):
        help_print.delay(batch.pk)
    while chunks.exists():
        run.advance(*printing.progress(batch.pk))
        if not printing.print_free_chunk(batch.pk):
            time.sleep(POLL_SECONDS)
    run.advance(batch.total, batch.total)
    assembling.assemble(batch.pk)
    return batch.get_absolute_url()
