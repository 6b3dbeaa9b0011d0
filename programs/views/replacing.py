"""Pages of making a class in place of a cancelled one: the office's consent, the base's new class."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.roles import OFFICE
from portal.ui.pages import PageRequest, page, submit
from programs.forms.projects import ClassForm, ConsentForm
from programs.services import replacing
from programs.views import own_class
from programs.views.classes import class_form, shown_class


@page(roles=OFFICE)
def allow(request: PageRequest, pk: int) -> HttpResponse:
    """Let the base replace a cancelled class though the window has closed."""
    found = shown_class(request, pk)
    form = ConsentForm(request.POST or None)
    if form.is_valid() and submit(request, form, replacing.allow_replacement, found, **form.cleaned_data):
        messages.success(request, _("已同意，培训基地已收到消息。"))
        return redirect("programs:class", pk)
    title = _("同意补编班级")
    context = {
        "title": title,
        "form": form,
        "label": title,
        "words": _("编班环节截止后，准许承担单位在限期内另编一个班级，代替已取消的“%(name)s”。")
        % {"name": found.name},
        "back": reverse("programs:class", args=[pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@page
def replace(request: PageRequest, pk: int) -> HttpResponse:
    """A class in place of the cancelled class `pk` of one's own base."""
    found = own_class(request, pk)
    names = ("name", "capacity", "place", "contact_name", "contact_phone")
    form = ClassForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if form.is_valid():
        made = submit(request, form, replacing.replace_class, found, values=dict(form.cleaned_data))
        if made:
            messages.success(request, _("已补编班级。下一步：导入课程表，然后发布。"))
            return redirect("programs:class", made.pk)
    return class_form(request, form, _("补编班级"))
