"""Pages of what follows the results of a class: certificates, the form's second part, the national export."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.results import BaseOpinionForm, ExportForm, ImportedForm, LayoutForm, OpinionsForm
from assessment.models import Certificate, ClassResults, Result
from assessment.queries import results as queries
from assessment.services import certificates, national, opinions
from assessment.views.results import SEERS, ask, find_class
from enrollment.printing import copies_of
from enrollment.services.replacement import RECOMMENDATION_FORM
from portal.accounts.roles import OFFICE, Role
from portal.errors import DomainError
from portal.papers.services.starting import print_one, print_papers
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from portal.ui.register import workbook
from programs.models import Program


@page(roles=[Role.BASE_ADMIN])
@require_POST
def issue(request: PageRequest, pk: int) -> HttpResponse:
    """Number the certificates of a class."""
    made = perform(request, certificates.issue_certificates, _made(request, pk))
    if made is not None:
        messages.success(request, _("已发放%(count)d份证书，可以整班打印。") % {"count": len(made)})
    return redirect("assessment:class_results", pk)


@page(roles=(Role.BASE_ADMIN, *OFFICE))
@require_POST
def print_certificates(request: PageRequest, pk: int) -> HttpResponse:
    """Print every certificate of a class in one run."""
    rows = Certificate.objects.standing().visible_to(request.actor).filter(result__results=_made(request, pk))
    keys = list(rows.order_by("serial").values_list("pk", flat=True))
    return _printed(request, pk, certificates.CERTIFICATE, keys, _("结业证书"))


@page(roles=(*SEERS, Role.TRAINEE))
@require_POST
def print_certificate(request: PageRequest, pk: int) -> HttpResponse:
    """Print the certificate of one result now: the trainee's own, or one in the actor's sight."""
    rows = Certificate.objects.standing().visible_to(request.actor)
    return _printed_one(request, pk, certificates.CERTIFICATE, get_object_or_404(rows, result=pk).pk)


@page(roles=[Role.BASE_ADMIN])
def write_opinion(request: PageRequest, pk: int) -> HttpResponse:
    """The base's opinion of one trainee."""
    found = get_object_or_404(queries.one_result(request.actor), pk=pk)
    given = getattr(found.enrollment, "base_opinion", None)
    words = given.opinion if given else opinions.filled(str(opinions.SUGGESTED), found)
    form = BaseOpinionForm(request.POST or None, initial={"opinion": words})
    if form.is_valid() and submit(request, form, opinions.write_opinion, found, **form.cleaned_data):
        messages.success(request, _("已保存，推荐表将按此打印。"))
        return redirect("assessment:result", pk)
    return ask(
        request, form, _("填写%(name)s的培训考核意见") % {"name": found.enrollment.teacher.name}, found
    )


@page(roles=[Role.BASE_ADMIN])
def write_opinions(request: PageRequest, pk: int) -> HttpResponse:
    """The opinions of a whole class from one text."""
    form = OpinionsForm(request.POST or None)
    made = _made(request, pk)
    if form.is_valid():
        count = submit(request, form, opinions.write_opinions, made, **form.cleaned_data)
        if count is not None:
            messages.success(request, _("已填写%(count)d人。") % {"count": count})
            return redirect("assessment:class_results", pk)
    return _ask(request, form, _("批量填写培训考核意见"), pk)


@page(roles=[Role.BASE_ADMIN])
@require_POST
def return_forms(request: PageRequest, pk: int) -> HttpResponse:
    """Give the finished forms back to trainees, schools and the office."""
    count = perform(request, opinions.return_forms, _made(request, pk))
    if count is not None:
        messages.success(
            request, _("已反馈%(count)d份推荐表，学员、学校和项目办可以打印。") % {"count": count}
        )
    return redirect("assessment:class_results", pk)


@page(roles=(Role.BASE_ADMIN, *OFFICE))
@require_POST
def print_forms(request: PageRequest, pk: int) -> HttpResponse:
    """Print the finished forms of a class, as many copies as the notice asks for; they take the first ones' place."""
    made = _made(request, pk)
    rows = queries.class_rows(made.training_class).filter(enrollment__base_opinion__isnull=False)
    keys = list(rows.values_list("enrollment", flat=True))
    copies = copies_of(made.rulebook)
    return _printed(request, pk, RECOMMENDATION_FORM, keys, _("学员推荐表（含培训考核意见）"), copies=copies)


@page(roles=(*SEERS, Role.TRAINEE))
@require_POST
def print_form(request: PageRequest, pk: int) -> HttpResponse:
    """Print one finished form now."""
    found = get_object_or_404(Result.objects.visible_to(request.actor), pk=pk)
    return _printed_one(request, pk, RECOMMENDATION_FORM, found.enrollment_id)


@page(roles=national.EXPORTERS)
def export(request: PageRequest, pk: int) -> HttpResponseBase:
    """A class's results for the national teacher system, full numbers included."""
    made = _made(request, pk)
    form = ExportForm(request.POST or None)
    if form.is_valid():
        file = submit(request, form, national.export_national, made, **form.cleaned_data)
        if file is not None:
            response = FileResponse(file, content_type=workbook.CONTENT_TYPE)
            response.headers["Content-Disposition"] = workbook.disposition(_("培训结果导入表"))
            return response
    return _ask(request, form, _("导出教师系统培训结果"), pk)


@page(roles=[Role.BASE_ADMIN])
def imported(request: PageRequest, pk: int) -> HttpResponse:
    """Say that the results are in the national system."""
    form = ImportedForm(request.POST or None)
    made = _made(request, pk)
    if form.is_valid() and submit(request, form, national.mark_imported, made, **form.cleaned_data):
        messages.success(request, _("已登记，应交材料“培训结果导入”已完成报送。"))
        return redirect("assessment:class_results", pk)
    return _ask(request, form, _("登记已导入教师管理信息系统"), pk)


@page(roles=OFFICE)
def layout(request: PageRequest, pk: int) -> HttpResponse:
    """The columns of the national export of the programme `pk`."""
    rows = Program.objects.visible_to(request.actor).select_related("rulebook", "office__parent")
    program = get_object_or_404(rows, pk=pk)
    form = LayoutForm(request.POST or None, columns=national.columns_of(program))
    if form.is_valid() and submit(request, form, national.arrange_export, program, columns=form.columns()):
        messages.success(request, _("导出格式已保存。"))
        return redirect("programs:program", pk)
    return ask(request, form, _("教师系统导出格式"), back=reverse("programs:program", args=[pk]))


def _made(request: PageRequest, pk: int) -> ClassResults:
    """The published results of a class the actor sees; 404 otherwise."""
    training_class = find_class(request, pk)
    made = get_object_or_404(ClassResults.objects.visible_to(request.actor), training_class=training_class)
    made.training_class = training_class
    return made


def _ask(request: PageRequest, form: Form, title: str, pk: int) -> HttpResponse:
    return ask(request, form, title, back=reverse("assessment:class_results", args=[pk]))


def _printed(
    request: PageRequest, pk: int, kind: str, keys: Sequence[int], title: str, *, copies: int = 1
) -> HttpResponse:
    try:
        return redirect(
            print_papers(request.actor, None, kind=kind, subjects=keys, title=title, copies=copies)
        )
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:class_results", pk)


def _printed_one(request: PageRequest, pk: int, kind: str, key: int) -> HttpResponse:
    try:
        return redirect(print_one(request.actor, kind, key))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:result", pk)
