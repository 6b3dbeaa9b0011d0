"""Pages of opening notices: drawing up, issuing, reading, who has read."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.errors import DomainError
from portal.operations.models import AuditEntry
from portal.papers.services.starting import print_one
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from programs.forms.training import CorrectionForm, NoticeForm
from programs.models import NoticeReceipt, OpeningNotice, PastNotice
from programs.models.opening_notice import NoticeText
from programs.scopes import is_run_by
from programs.services import correcting, notices
from programs.services.prefilling import notice_draft
from programs.views import own_class, seen_version


@page
def notice(request: PageRequest, pk: int) -> HttpResponse:
    """One notice: to its readers the text and the receipt, to its base also who has read it."""
    found = _notice(request, pk)
    mine = is_run_by(request.actor, found.training_class)
    receipts = found.receipts.select_related("organization", "teacher").order_by("read_at", "pk")
    watches = mine or request.actor.has_role(*notices.WATCHERS)
    context = {
        "title": _("开班通知：%(class)s") % {"class": found.training_class},
        "record": found,
        "training_class": found.training_class,
        "sections": sections(found),
        "mine": mine,
        "receipt": NoticeReceipt.objects.filter(notice=found).addressed_to(request.actor).first(),
        "receipts": list(receipts) if watches else None,
        "past": found.past.all(),
        "unread": sum(each.read_at is None for each in receipts) if watches else 0,
        "entries": AuditEntry.objects.about(found)[:20] if watches else None,
    }
    return render(request, "programs/notices/notice.html", context)


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Draw up the notice of the class `pk`; the first time it is filled from what is known."""
    found = own_class(request, pk)
    stored = getattr(found, "notice", None)
    initial = None if stored else notice_draft(found)
    form = NoticeForm(request.POST or None, instance=stored, initial=initial)
    if form.is_valid():
        done = submit(
            request, form, notices.save_notice, found, values=form.values, version=seen_version(request)
        )
        if done is not None:
            messages.success(request, _("已保存。核对后请发出。"))
            return redirect("programs:notice", done.pk)
    context = {
        "title": _("拟定开班通知"),
        "form": form,
        "training_class": found,
        "version": stored.version if stored else 0,
    }
    return render(request, "programs/plans/form.html", context, status=422 if form.errors else 200)


@page
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Correct an issued notice and issue it anew, with the reason."""
    found = _notice(request, pk)
    if not is_run_by(request.actor, found.training_class):
        raise Http404
    form = CorrectionForm(request.POST or None, instance=found)
    if form.is_valid():
        done = submit(
            request,
            form,
            correcting.correct_notice,
            found,
            values=form.values,
            reason=form.cleaned_data["reason"],
            version=seen_version(request),
        )
        if done is not None:
            messages.success(request, _("已更正并重新发出，各对象须重新确认阅读。"))
            return redirect("programs:notice", done.pk)
    context = {
        "title": _("更正开班通知"),
        "submit_label": _("更正并重新发出"),
        "form": form,
        "training_class": found.training_class,
        "version": found.version,
    }
    return render(request, "programs/plans/form.html", context, status=422 if form.errors else 200)


@page
def past(request: PageRequest, pk: int) -> HttpResponse:
    """What a notice said before it was corrected; to those who watch also who had read it."""
    rows = PastNotice.objects.visible_to(request.actor).select_related("notice__training_class__base")
    found = get_object_or_404(rows, pk=pk)
    training_class = found.notice.training_class
    watches = is_run_by(request.actor, training_class) or request.actor.has_role(*notices.WATCHERS)
    context = {
        "title": _("开班通知（第%(edition)d版，已更正）：%(class)s")
        % {"edition": found.edition, "class": training_class},
        "record": found,
        "training_class": training_class,
        "sections": sections(found),
        "receipts": found.receipts.select_related("organization", "teacher") if watches else None,
    }
    return render(request, "programs/notices/past.html", context)


@page
@require_POST
def issue(request: PageRequest, pk: int) -> HttpResponse:
    """Issue the notice."""
    if perform(request, notices.issue_notice, _notice(request, pk), version=seen_version(request)):
        messages.success(request, _("开班通知已发出，学员、所在学校和区县会收到消息。"))
    return redirect("programs:notice", pk)


@page
@require_POST
def remind(request: PageRequest, pk: int) -> HttpResponse:
    """Remind those who have not read it."""
    count = perform(request, notices.remind_unread, _notice(request, pk))
    if count is not None:
        messages.success(request, _("已提醒%(count)d个未读对象。") % {"count": count})
    return redirect("programs:notice", pk)


@page
@require_POST
def read(request: PageRequest, pk: int) -> HttpResponse:
    """Say that one has read it."""
    edition = seen_version(request) or None
    if perform(request, notices.read_notice, _notice(request, pk), edition=edition):
        messages.success(request, _("已确认阅读。"))
    return redirect("programs:notice", pk)


@page
@require_POST
def printed(request: PageRequest, pk: int) -> HttpResponse:
    """Print the notice."""
    found = _notice(request, pk)
    try:
        return redirect(print_one(request.actor, notices.OPENING_NOTICE, found.pk, copies=1))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("programs:notice", pk)


def sections(found: NoticeText) -> list[tuple[str, str]]:
    """The notice's sections as (heading, text)."""
    meta = OpeningNotice._meta
    names = [each for each in notices.FIELDS if each != "signed"]
    return [(str(meta.get_field(name).verbose_name), getattr(found, name)) for name in names]  # type: ignore[union-attr]


def _notice(request: PageRequest, pk: int) -> OpeningNotice:
    rows = OpeningNotice.objects.visible_to(request.actor).select_related(
        "training_class__project__program__rulebook",
        "training_class__project__program__office__parent",
        "training_class__base",
        "training_class__plan",
    )
    return get_object_or_404(rows, pk=pk)
