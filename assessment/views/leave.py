"""Pages of leave, and a trainee's own attendance. Source: CQ20-5.2."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.grades import DecisionForm, LeaveForm
from assessment.models import Attendance, Grade, LeaveRequest
from assessment.queries import attendance as queries
from assessment.services import leave
from assessment.tables.grades import LEAVES
from enrollment.models import Enrollment
from portal.accounts.roles import Role
from portal.operations.history import history_of
from portal.ui.pages import PageRequest, page, perform, submit
from programs.models import ClassState
from programs.scopes import FOLLOWERS, RUNNERS


@page(roles=FOLLOWERS)
def leave_list(request: PageRequest) -> HttpResponseBase:
    """The register of leave requests."""
    return LEAVES.respond(request)


@page
def leave_request(request: PageRequest, pk: int) -> HttpResponse:
    """One request; who runs the class decides here."""
    found = _leave(request, pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approve = request.POST.get("verdict") == "approve"
        opinion = form.cleaned_data["opinion"]
        if submit(request, form, leave.decide_leave, found, approve=approve, opinion=opinion):
            messages.success(request, _("已批准。") if approve else _("未批准，学员会收到消息。"))
            return redirect("assessment:leaves")
    context = {
        "title": _("请假申请"),
        "record": found,
        "form": form,
        "may_decide": found.state == "pending" and request.actor.role in RUNNERS,
        "facts": _facts(found),
        "entries": history_of(found),
    }
    return render(request, "assessment/leave/request.html", context, status=422 if form.errors else 200)


@page(roles=[Role.TRAINEE])
def mine(request: PageRequest) -> HttpResponse:
    """A trainee's attendance, leave and final grade, class by class. Four queries."""
    rows = list(queries.with_attendance(_own(request)).order_by("-training_class__starts_on"))
    marks = Attendance.objects.filter(enrollment__in=rows).select_related("session")
    grades = Grade.objects.visible_to(request.actor).final().select_related("level")
    by_person = {each.enrollment_id: each for each in grades}
    requests = LeaveRequest.objects.filter(enrollment__in=rows).select_related("first", "last")
    trainings = [
        {
            "enrollment": each,
            "marks": [mark for mark in marks if mark.enrollment_id == each.pk],
            "leaves": [one for one in requests if one.enrollment_id == each.pk],
            "grade": by_person.get(each.pk),
            "may_ask": each.training_class is not None and each.training_class.state == ClassState.OPEN,
        }
        for each in rows
    ]
    return render(request, "assessment/leave/mine.html", {"title": _("我的考勤"), "trainings": trainings})


@page(roles=[Role.TRAINEE])
def ask(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for leave in the class of my enrolment `pk`."""
    found = get_object_or_404(_own(request), pk=pk)
    form = LeaveForm(found, request.POST or None)
    if form.is_valid() and submit(request, form, leave.request_leave, found, **form.cleaned_data):
        messages.success(request, _("已提交，等待班主任审批。"))
        return redirect("assessment:mine")
    context = {"title": _("申请请假"), "form": form, "enrollment": found}
    return render(request, "assessment/leave/ask.html", context, status=422 if form.errors else 200)


@page(roles=[Role.TRAINEE])
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take my request back."""
    if perform(request, leave.withdraw_leave, _leave(request, pk)):
        messages.success(request, _("已撤回。"))
    return redirect("assessment:mine")


def _own(request: PageRequest) -> QuerySet[Enrollment]:
    rows = Enrollment.objects.visible_to(request.actor).on_roster()
    return rows.select_related(
        "teacher__user", "training_class__base", "project__program__rulebook", "check_in"
    )


def _leave(request: PageRequest, pk: int) -> LeaveRequest:
    rows = LeaveRequest.objects.visible_to(request.actor).select_related(
        "enrollment__teacher__user",
        "enrollment__school",
        "enrollment__training_class",
        "enrollment__project__program__rulebook",
        "first",
        "last",
    )
    return get_object_or_404(rows, pk=pk)


def _facts(found: LeaveRequest) -> list[tuple[str, object]]:
    person = found.enrollment
    return [
        (_("学员"), person.teacher.name),
        (_("工作单位"), person.school),
        (_("班级"), person.training_class),
        (_("请假时段"), f"{found.first} — {found.last}"),
        (_("事由"), found.reason),
        (_("审批意见"), found.opinion or "—"),
    ]
