"""Changing phases, rules and review chains: freely in a draft, as dated amendments once published."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.roles import Role
from portal.operations.history import history_of
from portal.reviews.models import ReviewChain
from portal.rulebook.forms import (
    ChangeForm,
    NewPhaseForm,
    NewRuleForm,
    PhaseForm,
    RuleForm,
    StepFormSet,
    steps_of,
)
from portal.rulebook.kinds import kinds, label_of
from portal.rulebook.models import Phase, Rule, Rulebook
from portal.rulebook.services.chains import edit_chain
from portal.rulebook.services.phases import add_phase, drop_phase, edit_phase
from portal.rulebook.services.rules import add_rule, drop_rule, edit_rule
from portal.rulebook.views.reading import seen
from portal.ui.pages import PageRequest, page, perform, submit

manager_page = page(roles=[Role.PROGRAM_MANAGER])


@manager_page
def phase(request: PageRequest, pk: int) -> HttpResponse:
    """Change a window; extending a deadline is the usual case."""
    found = get_object_or_404(_parts(Phase, request), pk=pk)
    form = PhaseForm(request.POST or None, rulebook=found.rulebook, phase=found)
    if form.is_bound and form.is_valid():
        saved = submit(
            request, form, edit_phase, found, version=form.seen, why=form.why(), values=form.values()
        )
        if saved is not None:
            messages.success(request, _("“%(phase)s”已保存。") % {"phase": saved.name})
            return _to("calendar", found.rulebook)
    title = _("进程：%(name)s") % {"name": found.name}
    return edit_page(request, form, found, title, drop="rulebook:drop_phase")


@manager_page
def new_phase(request: PageRequest, pk: int) -> HttpResponse:
    rulebook = get_object_or_404(seen(request), pk=pk)
    form = NewPhaseForm(request.POST or None, rulebook=rulebook)
    if form.is_bound and form.is_valid():
        added = submit(request, form, add_phase, rulebook, **form.values())
        if added is not None:
            messages.success(request, _("进程已增加。"))
            return _to("calendar", rulebook)
    return edit_page(request, form, rulebook, _("增加进程"))


@require_POST
@manager_page
def drop_phase_page(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_parts(Phase, request), pk=pk)
    perform(request, drop_phase, found)
    return _to("calendar", found.rulebook)


@manager_page
def rule(request: PageRequest, pk: int) -> HttpResponse:
    """Change a rule's parameters, severity, or whether it is in force."""
    found = get_object_or_404(_parts(Rule, request), pk=pk)
    form = RuleForm(request.POST or None, rule=found)
    if form.is_bound and form.is_valid():
        saved = submit(
            request, form, edit_rule, found, version=form.seen, why=form.why(), values=form.values()
        )
        if saved is not None:
            messages.success(request, _("规则已保存。"))
            return _to("detail", found.rulebook)
    title = _("规则：%(name)s") % {"name": label_of(found.kind)}
    return edit_page(request, form, found, title, drop="rulebook:drop_rule")


@manager_page
def new_rule(request: PageRequest, pk: int, kind: str) -> HttpResponse:
    rulebook = get_object_or_404(seen(request), pk=pk)
    if kind not in kinds():
        raise Http404
    form = NewRuleForm(request.POST or None, rulebook=rulebook, kind=kind)
    if form.is_bound and form.is_valid():
        added = submit(request, form, add_rule, rulebook, **form.values())
        if added is not None:
            messages.success(request, _("规则已增加。"))
            return _to("detail", rulebook)
    return edit_page(request, form, rulebook, _("增加规则：%(name)s") % {"name": label_of(kind)})


@manager_page
def choose_rule(request: PageRequest, pk: int) -> HttpResponse:
    """Which kind of rule to add."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    offered = [(code, label_of(code)) for code in kinds()]
    context = {"title": _("增加规则"), "rulebook": rulebook, "kinds": offered}
    return render(request, "rulebook/choose_rule.html", context)


@require_POST
@manager_page
def drop_rule_page(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_parts(Rule, request), pk=pk)
    perform(request, drop_rule, found)
    return _to("detail", found.rulebook)


@manager_page
def chain(request: PageRequest, pk: int) -> HttpResponse:
    """Change the steps of a review chain."""
    found = get_object_or_404(_parts(ReviewChain, request), pk=pk)
    form = ChangeForm(
        request.POST or None, rulebook=found.rulebook, initial={"version": found.rulebook.version}
    )
    names = ("name", "role", "where", "days")
    steps = StepFormSet(request.POST or None, initial=list(found.steps.values(*names)), prefix="steps")
    if form.is_bound and form.is_valid() and steps.is_valid():
        changed = submit(
            request, form, edit_chain, found, version=form.seen, why=form.why(), steps=steps_of(steps)
        )
        if changed is not None:
            messages.success(request, _("审核链已保存。"))
            return _to("detail", found.rulebook)
    title = _("审核链：%(name)s") % {"name": found.name}
    return edit_page(request, form, found, title, rows=steps, row_word=_("步"))


def _parts(model: Any, request: PageRequest) -> Any:
    """Phases, rules or chains of the rulebooks one sees."""
    return model.objects.filter(rulebook__in=seen(request)).select_related(
        "rulebook__notice", "clause__notice"
    )


def _to(name: str, rulebook: Rulebook) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"rulebook:{name}", args=[rulebook.pk]))


def edit_page(
    request: PageRequest,
    form: forms.Form,
    subject: Any,
    title: str,
    *,
    drop: str = "",
    rows: Any = None,
    row_word: str = "",
) -> HttpResponse:
    """The page of one form about `subject`, with a formset of `rows` (each called “第1”+`row_word`) if there is one."""
    rulebook: Rulebook = subject.rulebook
    whole = subject is rulebook
    context = {
        "title": title,
        "form": form,
        "rows": rows,
        "row_word": row_word,
        "subject": subject,
        "rulebook": rulebook,
        "citation": getattr(subject, "clause", None) and subject.clause.citation,
        "entries": None if whole else history_of(subject),
        "drop_url": reverse(drop, args=[subject.pk]) if drop and not rulebook.is_published else "",
    }
    status = 422 if form.is_bound and (form.errors or (rows is not None and not rows.is_valid())) else 200
    return render(request, "rulebook/edit.html", context, status=status)
