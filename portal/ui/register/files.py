"""Downloading what the worker exported."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from portal.errors import WrongState
from portal.jobs.models import Job, JobState
from portal.ui.pages import PageRequest, page
from portal.ui.register import workbook


@page
def download(request: PageRequest, job_id: int) -> HttpResponseBase:
    """The workbook that one's own job made. 404 for another's; WrongState once it has been cleared away."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=job_id, kind="ui.export")
    if job.state != JobState.DONE:
        raise Http404
    path = workbook.path_of(job.pk)
    if not path.exists():
        raise WrongState(_("导出的文件已过保存期限并清除。请回到列表重新导出。"), code="export_gone")
    response = FileResponse(path.open("rb"), content_type=workbook.CONTENT_TYPE)
    response.headers["Content-Disposition"] = workbook.disposition(job.title)
    return response
