"""Pages of attendance: a class's half-days, the list of one, its code, the trainee's phone. Source: CQ20-5.2."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.models import AttendanceStatus, Session
from assessment.papers.attendance import SIGN_IN_SHEET
from assessment.queries import attendance as queries
from assessment.services import attendance
from assessment.services.attendance import scan_attendance, take_attendance
from enrollment import tokens
from enrollment.queries.arrival import arrival_counts, arrival_rows, present_in
from enrollment.views.arrivals import code_picture, find_class, mine
from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid
from portal.operations.history import history_of
from portal.papers.services.starting import print_papers
from portal.ui.pages import PageRequest, page, perform, refuse
from programs.models import TrainingClass
from programs.scopes import FOLLOWERS, RUNNERS, followed_by, is_run_by

CHOICES = tuple(AttendanceStatus)


@page(roles=FOLLOWERS)
def class_attendance(request: PageRequest, pk: int) -> HttpResponse:
    """The half-days of a class and each trainee's rate."""
    found = find_class(request, pk)
    rows = queries.with_attendance(arrival_rows(found))
    whole = queries.with_class_attendance(TrainingClass.objects.filter(pk=found.pk)).get()
    context = {
        "title": _("考勤"),
        "training_class": found,
        "sessions": queries.session_rows(found),
        "rows": rows,
        "counts": arrival_counts(found),
        "whole": whole,
        "rate": queries.class_rate(whole),
        "may": is_run_by(request.actor, found),
    }
    return render(request, "assessment/attendance/class.html", context)


@page(roles=RUNNERS)
@require_POST
def prepare(request: PageRequest, pk: int) -> HttpResponse:
    """Make the half-days of a class opened before this was done by itself."""
    done = perform(request, attendance.prepare_sessions, find_class(request, pk))
    if done is not None:
        messages.success(request, _("已按课程表生成%(count)d个考勤时段。") % {"count": done})
    return redirect("assessment:attendance", pk)


@page(roles=FOLLOWERS)
def session(request: PageRequest, pk: int) -> HttpResponseBase:
    """The list of one half-day, for a phone; a POST marks."""
    found = _session(request, pk)
    if request.method == "POST":
        answer = _taken(request, found)
        if answer:
            return answer
    stored = {each.enrollment_id: each for each in found.attendances.all()}
    people = present_in(found.training_class).select_related("teacher", "school")
    context = {
        "title": str(found),
        "session": found,
        "training_class": found.training_class,
        "people": [(each, stored.get(each.pk)) for each in people.order_by("teacher__sort_key", "pk")],
        "counts": arrival_counts(found.training_class),
        "choices": CHOICES,
        "nonce": uuid4(),
        "may": is_run_by(request.actor, found.training_class),
        "reason": request.POST.get("reason", ""),
        "entries": history_of(found),
    }
    return render(request, "assessment/attendance/session.html", context)


@page(roles=RUNNERS)
def session_code(request: PageRequest, pk: int) -> HttpResponse:
    """The code that the class teacher shows."""
    found = _session(request, pk)
    context = {
        "title": _("扫码签到"),
        "training_class": found.training_class,
        "session": found,
        "picture": reverse("assessment:session_picture", args=[pk]),
        "back": reverse("assessment:session", args=[pk]),
        "rotate": tokens.ROTATE,
        "words": _("请学员用手机登录后扫描。二维码每%(seconds)d秒更换，截图转发无效。")
        % {"seconds": tokens.ROTATE},
    }
    return render(request, "enrollment/arrivals/code.html", context)


@page(roles=RUNNERS)
def session_picture(request: PageRequest, pk: int) -> HttpResponse:
    """The code of this moment as SVG."""
    found = _session(request, pk)
    return code_picture(
        request, reverse("assessment:attend", args=[tokens.sign(attendance.PURPOSE, found.pk)])
    )


@page(roles=[Role.TRAINEE])
def attend(request: PageRequest, token: str) -> HttpResponse:
    """The trainee scanned the code: says for which half-day, and confirms."""
    found = Session.objects.filter(pk=tokens.read(attendance.PURPOSE, token)).first()
    if found is None:
        raise Invalid(_("二维码无效。请扫描班主任屏幕上显示的二维码。"), code="token_invalid")
    person = mine(request, found.training_class_id)
    if request.method == "POST":
        nonce = _nonce(request) or uuid4()
        done = perform(request, scan_attendance, person, token=token, nonce=nonce)
        if done:
            messages.success(request, _("已签到：%(status)s。") % {"status": done.get_status_display()})
            return redirect("assessment:mine")
    words = _("%(session)s · %(class)s") % {"session": found, "class": person.training_class}
    context = {
        "title": _("签到"),
        "enrollment": person,
        "words": words,
        "label": _("确认签到"),
        "nonce": uuid4(),
    }
    return render(request, "enrollment/arrivals/confirm.html", context)


@page(roles=RUNNERS)
@require_POST
def print_sheets(request: PageRequest, pk: int) -> HttpResponse:
    """Print the sign-in sheets of a class: all its half-days, or those ticked."""
    found = find_class(request, pk)
    rows = Session.objects.filter(training_class=found)
    ticked = [each for each in request.POST.getlist("session") if each.isdecimal() and len(each) < 12]
    keys = list((rows.filter(pk__in=ticked) if ticked else rows).values_list("pk", flat=True))
    title = _("%(name)s签到表") % {"name": found}
    try:
        return redirect(print_papers(request.actor, None, kind=SIGN_IN_SHEET, subjects=keys, title=title))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:attendance", pk)


def _taken(request: PageRequest, found: Session) -> HttpResponseBase | None:
    """Carry a posted list out; None when it was refused. Scripts that send again are answered in JSON."""
    nonce = _nonce(request)
    marks = _changed(request)
    rest = AttendanceStatus.PRESENT if request.POST.get("rest") else ""
    if nonce is None:
        messages.error(request, _("页面已过期，请刷新后重新提交。"))
        return None
    reason = request.POST.get("reason", "")
    done = perform(request, take_attendance, found, nonce=nonce, marks=marks, rest=rest, reason=reason)
    if done is None:
        return None
    messages.success(request, _("已登记%(count)d人。") % {"count": done.changed})
    if request.headers.get("X-Roll"):
        return JsonResponse({"changed": done.changed})
    return redirect("assessment:session", found.pk)


def _changed(request: PageRequest) -> dict[int, str]:
    """What differs from what the page showed: a sending that was long on its way leaves others' marks alone."""
    found = {}
    for name, status in request.POST.items():
        key = name.removeprefix("s-")
        if name != key and key.isdecimal() and len(key) < 12 and request.POST.get(f"was-{key}", "") != status:
            found[int(key)] = str(status)
    return found


def _nonce(request: PageRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("nonce", ""))
    except ValueError:
        return None


def _session(request: PageRequest, pk: int) -> Session:
    rows = Session.objects.filter(training_class__in=followed_by(request.actor))
    return get_object_or_404(
        rows.select_related(
            "training_class__base",
            "training_class__project__program__rulebook",
            "training_class__project__program__office",
        ),
        pk=pk,
    )
