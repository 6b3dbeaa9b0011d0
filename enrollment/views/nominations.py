"""The register of nominations, one nomination, and putting people forward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from enrollment.forms.nominations import NoteForm, ReasonForm
from enrollment.models import Nomination
from enrollment.services import nominations
from enrollment.tables.nominations import NOMINATIONS
from portal.operations.models import AuditEntry
from portal.reviews.models import Review
from portal.reviews.queries import Event, course
from portal.rulebook.findings import Finding
from portal.ui.pages import PageRequest, page, submit


@page
def nomination_list(request: PageRequest) -> HttpResponseBase:
    """The register of nominations."""
    return NOMINATIONS.respond(request)


@page
def nomination(request: PageRequest, pk: int) -> HttpResponse:
    """One nomination: the person, what the rules say, who has it, what happened."""
    found = _nomination(request, pk)
    review, reviewed = course(found)
    context = {
        "title": f"{found.teacher.name} · {found.project.name}",
        "record": found,
        "facts": facts_of(found),
        "findings": [Finding.from_json(each) for each in found.findings],
        "review": review,
        "may_decide": bool(review and review.held_by(request.actor)),
        "mine": found.organization_id == getattr(request.actor.organization, "pk", None),
        "enrollment": getattr(found, "enrollment", None),
        "entries": _entries(found, reviewed),
        **_next(review),
    }
    return render(request, "enrollment/nominations/nomination.html", context)


@page
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take a nomination back, with the reason."""
    found = _nomination(request, pk)
    form = ReasonForm(request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, nominations.withdraw, found, **form.cleaned_data) is not None
    ):
        messages.success(request, _("已撤回，名额已退还。"))
        return redirect("enrollment:nomination", pk)
    lead = _("撤回后名额立即退还本单位，可另行推荐；审核随之终止。")
    return _form(request, found, form, _("撤回推荐"), lead)


@page
def resubmit(request: PageRequest, pk: int) -> HttpResponse:
    """Send a returned nomination again."""
    found = _nomination(request, pk)
    form = NoteForm(request.POST or None, initial={"note": found.note})
    if (
        form.is_valid()
        and submit(request, form, nominations.resubmit, found, **form.cleaned_data) is not None
    ):
        messages.success(request, _("已重新报送，等待审核。"))
        return redirect("enrollment:nomination", pk)
    lead = _("退回意见：%(opinion)s。请先在教师档案中更正，再重新报送；系统会按规则重新判定。")
    return _form(request, found, form, _("更正后重新报送"), lead % {"opinion": found.opinion.rstrip("。")})


def facts_of(found: Nomination) -> list[tuple[str, object]]:
    """The person and the project as a reviewer wants to see them; numbers masked."""
    teacher = found.teacher
    return [
        (_("姓名"), f"{teacher.name}（{teacher.get_gender_display()}）"),
        (_("身份证号"), teacher.masked_id),
        (_("出生日期"), teacher.birth_date),
        (_("工作单位"), found.school),
        (_("学段"), teacher.get_stage_display()),
        (_("任教专业"), teacher.subject),
        (_("职称"), f"{teacher.title}（{teacher.get_title_level_display()}）" if teacher.title else ""),
        (_("行政职务"), teacher.post),
        (_("学历学位"), f"{teacher.get_education_display()} {teacher.get_degree_display()}".strip()),
        (_("从教起始"), f"{teacher.teaching_since:%Y-%m}" if teacher.teaching_since else ""),
        (_("双师型"), _("是") if teacher.double_qualified else _("否")),
        (_("项目"), found.project),
        (_("承担单位"), found.project.base or _("未定")),
        (_("推荐单位"), found.organization),
        *([(_("替换"), found.substitute_for.teacher.name)] if found.substitute_for else []),
        *([(_("备注"), found.note)] if found.note else []),
    ]


def _entries(found: Nomination, reviewed: Sequence[Event]) -> list[Any]:
    entries = [*reviewed, *AuditEntry.objects.about(found)[:20]]
    return sorted(entries, key=lambda each: getattr(each, "business_at", None) or each.at, reverse=True)


def _next(review: Review | None) -> dict[str, object]:
    if review is None:
        return {}
    return {"next_step": review.step, "holder": review.reviewer, "due_at": review.due_at}


def _nomination(request: PageRequest, pk: int) -> Nomination:
    rows = Nomination.objects.visible_to(request.actor).select_related(
        "teacher__school",
        "school",
        "organization",
        "project__base",
        "project__audience",
        "project__program",
        "program__rulebook",
        "program__office__parent",
        "quota__organization",
        "sheet",
        "substitute_for__teacher",
        "enrollment",
    )
    return get_object_or_404(rows, pk=pk)


def _form(
    request: PageRequest, found: Nomination, form: ReasonForm | NoteForm, title: str, lead: str
) -> HttpResponse:
    context = {"title": title, "lead": lead, "record": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "enrollment/nominations/form.html", context, status=status)
