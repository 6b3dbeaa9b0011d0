"""Pages of teachers' records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Text
from portal.operations.actor import Actor
from portal.operations.history import history_of
from portal.operations.registry import Operation
from portal.organizations.employers import EMPLOYERS
from portal.organizations.forms import ReasonForm
from portal.organizations.models import Organization
from portal.people.codes import ETHNICITIES
from portal.people.completeness import completeness
from portal.people.forms import CreateTeacherForm, RevealForm, TeacherForm, TransferForm
from portal.people.models import Teacher
from portal.people.permits import KEEPERS, READERS
from portal.people.services import records, sensitive, transfers
from portal.people.slots import training_history
from portal.people.tables import TEACHERS, schools_of, state_of, transfers_of
from portal.ui.pages import PageRequest, page, submit

SEERS = (*READERS, Role.TRAINEE)


@dataclass(frozen=True)
class Act:
    """One act upon a teacher that asks for more on a page of its own."""

    operation: Operation[Teacher, Any, Any]
    form: Any
    words: Text = ""


ACTS: dict[str, Act] = {
    "edit": Act(records.update_teacher, TeacherForm),
    "deactivate": Act(
        records.deactivate_teacher,
        ReasonForm,
        gettext_lazy("用于退休、离职等，档案和培训记录保留。调往其他学校请办理教师调动。"),
    ),
    "reactivate": Act(records.reactivate_teacher, ReasonForm),
    "transfer": Act(
        transfers.request_transfer, TransferForm, gettext_lazy("对方学校同意后，教师档案和账号转入对方学校。")
    ),
}


@page(roles=READERS)
def teacher_list(request: PageRequest) -> HttpResponseBase:
    may_keep = request.actor.role in KEEPERS
    own = request.actor.organization
    here = own if own and own.kind in EMPLOYERS else None
    return TEACHERS.respond(request, may_import=may_keep, here=here)


@page(roles=SEERS)
def teacher(request: PageRequest, pk: int) -> HttpResponse:
    return _record(request, _visible(request, pk), RevealForm())


def _record(request: PageRequest, found: Teacher, form: RevealForm) -> HttpResponse:
    context = {
        "title": found.name,
        "teacher": found,
        "state": state_of(found),
        "facts": _facts(found),
        "completeness": completeness(found),
        "acts": {verb for verb, act in ACTS.items() if act.operation.refusal(request.actor, found) is None},
        "trainings": [each for provider in training_history for each in provider(request.actor, found)],
        "transfers": transfers_of(request.actor).filter(teacher=found),
        "reveal_form": form,
        "entries": history_of(found),
    }
    return render(request, "people/teacher.html", context, status=422 if form.is_bound else 200)


def _visible(request: PageRequest, pk: int) -> Teacher:
    return get_object_or_404(Teacher.objects.visible_to(request.actor).select_related("school"), pk=pk)


def _facts(teacher: Teacher) -> list[tuple[str, object]]:
    yes_no = {True: _("是"), False: _("否"), None: ""}
    return [
        (_("工作单位"), teacher.school),
        (_("证件号"), f"{teacher.get_document_type_display()} {teacher.masked_id}"),
        (_("手机"), teacher.masked_phone),
        (_("邮箱"), teacher.email),
        (_("性别"), teacher.get_gender_display()),
        (_("出生日期"), teacher.birth_date),
        (_("民族"), ETHNICITIES.get(teacher.ethnicity, "")),
        (_("政治面貌"), teacher.get_political_status_display()),
        (_("学历学位"), f"{teacher.get_education_display()} {teacher.get_degree_display()}".strip()),
        (_("毕业院校及专业"), f"{teacher.graduated_from} {teacher.major}".strip()),
        (_("任教学段"), teacher.get_stage_display()),
        (_("任教专业"), teacher.subject),
        (_("专业技术职务"), teacher.title),
        (_("职称级别"), teacher.get_title_level_display()),
        (_("行政职务"), teacher.post),
        (_("从教起始时间"), teacher.teaching_since),
        (_("双师型"), yes_no[teacher.double_qualified]),
        (_("已在全国教师管理信息系统"), yes_no[teacher.in_national_system]),
        (_("教师个人标识码"), teacher.national_code),
    ]


@page(roles=SEERS)
def reveal(request: PageRequest, pk: int) -> HttpResponse:
    """Show the full numbers once, for a reason. The answer is never kept."""
    found = _visible(request, pk)
    if request.method != "POST":
        return redirect("people:teacher", pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _record(request, found, form)
    numbers = submit(request, form, sensitive.reveal_id, found, reason=form.cleaned_data["reason"])
    if numbers is None:
        return _record(request, found, form)
    context = {"title": _("完整证件号"), "teacher": found, "numbers": numbers}
    response = render(request, "people/revealed.html", context)
    add_never_cache_headers(response)
    return response


@page(roles=SEERS)
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for what the act needs and do it. Raises what the actor may not."""
    found, chosen = _visible(request, pk), ACTS.get(verb)
    if chosen is None:
        raise Http404(verb)
    _require(request.actor, chosen.operation, found)
    form = chosen.form(request.actor, found, request.POST or None)
    if form.is_valid() and submit(request, form, chosen.operation, found, **form.cleaned_data) is not None:
        messages.success(request, _("已办理：%(act)s") % {"act": chosen.operation.label})
        return redirect("people:teacher", pk)
    back = reverse("people:teacher", args=[pk])
    return form_page(
        request, form, title=chosen.operation.label, words=chosen.words, back=back, about=found.name
    )


@page(roles=KEEPERS)
def create(request: PageRequest, school: int) -> HttpResponse:
    """A new record of a teacher of one school."""
    where: Organization = get_object_or_404(schools_of(request.actor), pk=school)
    _require(request.actor, records.create_teacher, where)
    form = CreateTeacherForm(request.actor, where, request.POST or None)
    if form.is_valid():
        made = submit(request, form, records.create_teacher, where, **form.cleaned_data)
        if made is not None:
            messages.success(request, _("已新增教师“%(name)s”。") % {"name": made.name})
            return redirect("people:teacher", made.pk)
    back = reverse("people:teachers")
    return form_page(request, form, title=_("新增教师"), back=back, about=where.name)


def _require(actor: Actor, operation: Operation[Any, Any, Any], subject: object) -> None:
    refused = operation.refusal(actor, subject)
    if refused:
        raise refused


def form_page(
    request: HttpRequest, form: Any, *, title: Text, back: str, about: str = "", words: Text = ""
) -> HttpResponse:
    """A page that holds one form; 422 when it came back with what is wrong."""
    context = {"title": title, "form": form, "words": words, "back": back, "about": about}
    return render(request, "people/form.html", context, status=422 if form.is_bound else 200)
