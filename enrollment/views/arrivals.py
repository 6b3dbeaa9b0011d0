"""Pages of arriving: the class teacher's list and code, the trainee's phone. Source: CQ20-5.1, CQ20-6.3."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from enrollment import tokens
from enrollment.forms.registration import ReasonForm
from enrollment.models import Arrival, Enrollment
from enrollment.queries.arrival import arrival_counts, arrival_rows
from enrollment.rules.arrival import window_of
from enrollment.services import arrivals
from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.ui.pages import PageRequest, page, perform, submit
from programs.models import TrainingClass
from programs.scopes import FOLLOWERS, RUNNERS, followed_by, is_run_by


@page(roles=FOLLOWERS)
def check_in(request: PageRequest, pk: int) -> HttpResponse:
    """Who of the class has come; a POST ticks more."""
    found = find_class(request, pk)
    copies = arrivals.copies_asked(found)
    if request.method == "POST":
        ticked = _ticked(request, copies)
        done = perform(request, arrivals.check_in, found, arrivals=ticked)
        if done is not None:
            messages.success(request, _("已登记，更新%(count)d人。") % {"count": done})
            return redirect("enrollment:check_in", pk)
    context = {
        "title": _("报到登记"),
        "training_class": found,
        "rows": arrival_rows(found),
        "counts": arrival_counts(found),
        "window": window_of(found, found.rulebook),
        "copies": copies,
        "may": is_run_by(request.actor, found),
        "present": Arrival.PRESENT,
    }
    return render(request, "enrollment/arrivals/list.html", context)


@page(roles=RUNNERS)
def check_in_code(request: PageRequest, pk: int) -> HttpResponse:
    """The code that the class teacher shows."""
    found = find_class(request, pk)
    context = {
        "title": _("扫码报到"),
        "training_class": found,
        "picture": reverse("enrollment:check_in_picture", args=[pk]),
        "back": reverse("enrollment:check_in", args=[pk]),
        "rotate": tokens.ROTATE,
        "words": _("请学员用手机登录后扫描。二维码每%(seconds)d秒更换，截图转发无效。")
        % {"seconds": tokens.ROTATE},
    }
    return render(request, "enrollment/arrivals/code.html", context)


@page(roles=RUNNERS)
def check_in_picture(request: PageRequest, pk: int) -> HttpResponse:
    """The code of this moment as SVG."""
    found = find_class(request, pk)
    address = reverse("enrollment:arrive", args=[tokens.sign(arrivals.PURPOSE, found.pk)])
    return code_picture(request, address)


@page(roles=[Role.TRAINEE])
def arrive(request: PageRequest, token: str) -> HttpResponse:
    """The trainee scanned the code: says into which class, and confirms."""
    found = mine(request, tokens.read(arrivals.PURPOSE, token))
    done = perform(request, arrivals.scan_in, found, token=token) if request.method == "POST" else None
    if done:
        messages.success(request, _("报到成功。请把纸质推荐表交给班主任。"))
        return redirect("enrollment:trainee")
    words = _("您将报到“%(name)s”。") % {"name": found.training_class}
    context = {"title": _("报到"), "enrollment": found, "words": words, "label": _("确认报到")}
    return render(request, "enrollment/arrivals/confirm.html", context)


@page(roles=RUNNERS)
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Take back that the trainee of the enrolment `pk` has come."""
    rows = Enrollment.objects.filter(training_class__in=followed_by(request.actor))
    found = get_object_or_404(
        rows.select_related("teacher", "school", "project", "training_class__project"), pk=pk
    )
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, arrivals.correct_arrival, found, **form.cleaned_data):
        messages.success(request, _("已更正。"))
        return redirect("enrollment:check_in", found.training_class_id)
    context = {
        "title": _("更正报到"),
        "form": form,
        "words": _("%(name)s的报到记录将被撤销，操作留痕。") % {"name": found.teacher.name},
        "back": reverse("enrollment:check_in", args=[found.training_class_id]),
        "label": _("撤销报到"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def find_class(request: PageRequest, pk: int) -> TrainingClass:
    """A class in whose daily work the person has a part; 404 for everybody else."""
    rows = followed_by(request.actor).select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    )
    return get_object_or_404(rows, pk=pk)


def mine(request: PageRequest, key: int) -> Enrollment:
    """The trainee's own place in the class `key`. Raises Invalid when they have none."""
    rows = Enrollment.objects.visible_to(request.actor).on_roster().filter(training_class=key)
    found = rows.select_related(
        "teacher__user", "project__program__rulebook", "training_class__project__program__rulebook"
    ).first()
    if found is None:
        raise Invalid(_("这是另一个班级的二维码，您不在该班名单中。"), code="other_class")
    return found


def code_picture(request: PageRequest, path: str) -> HttpResponse:
    """The QR code of an address of ours."""
    response = HttpResponse(tokens.picture(request.build_absolute_uri(path)), content_type="image/svg+xml")
    add_never_cache_headers(response)
    return response


def _ticked(request: PageRequest, copies: int) -> dict[int, int]:
    handed = set(request.POST.getlist("forms"))
    came = [each for each in request.POST.getlist("came") if each.isdecimal() and len(each) < 12]
    return {int(each): copies if each in handed else 0 for each in came}
