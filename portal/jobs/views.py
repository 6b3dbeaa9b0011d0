"""我的任务: the list, one job, its progress, stopping and repeating it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from portal.jobs.kinds import kind_of
from portal.jobs.models import Job, JobState
from portal.jobs.services import cancel, retry
from portal.jobs.tables import JOBS
from portal.ui.pages import PageRequest, page, perform

# How many running jobs the list shows with a moving bar; more would only make the page restless.
SHOWN = 10


@page
def job_list(request: PageRequest) -> HttpResponseBase:
    running = Job.objects.visible_to(request.actor).unfinished()[:SHOWN]
    return JOBS.respond(request, running=running)


@page
def detail(request: PageRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    context = {
        "title": job.title,
        "job": job,
        "can_cancel": job.state == JobState.WAITING or (job.is_unfinished and kind_of(job.kind).cancellable),
        "can_retry": job.state in {JobState.FAILED, JobState.CANCELLED},
    }
    return render(request, "jobs/job.html", context)


@page
def progress(request: PageRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for every two seconds. When the job is over it says so to the page (`jobFinished`)."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    response = render(request, "jobs/_progress.html", {"job": job})
    return response if job.is_unfinished else trigger_client_event(response, "jobFinished", {"job": job.pk})


@require_POST
@page
def cancel_job(request: PageRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    perform(request, cancel, job)
    return HttpResponseRedirect(reverse("jobs:detail", args=[pk]))


@require_POST
@page
def retry_job(request: PageRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    perform(request, retry, job)
    return HttpResponseRedirect(reverse("jobs:detail", args=[pk]))
