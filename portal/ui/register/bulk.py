"""Acts on many rows at once: those ticked, or all that the filter matches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid, NotAllowed
from portal.ui.pages import PageRequest, refuse

if TYPE_CHECKING:
    from portal.errors import Text
    from portal.operations.actor import Actor
    from portal.ui.register.declaration import Register

M = TypeVar("M", bound=Model)

# Runs the act over the rows with what the form gave; returns what to tell, or a response of its own.
Runner = Callable[[PageRequest, QuerySet[Any], dict[str, Any]], "Text | HttpResponseBase"]


@dataclass(frozen=True)
class BulkAction:
    """One act of the bar below a list. `run` calls an operation with the queryset; its DomainError is shown.

    `confirm` is the consequence, asked about once on a page of its own, together with `form` if more must be said
    (a reason, a class). `roles` empty means every role that sees the list.
    """

    code: str
    label: Text
    run: Runner
    confirm: Text = ""
    form: type[Form] | None = None
    style: str = "secondary"
    roles: frozenset[Role] = frozenset()

    def is_for(self, actor: Actor) -> bool:
        return not self.roles or actor.role in self.roles


@dataclass(frozen=True)
class Choice(Generic[M]):
    """What the person chose: the rows, and whether that was "all that match"."""

    rows: QuerySet[M]
    everything: bool
    keys: list[str]

    @classmethod
    def of(cls, request: PageRequest, matching: QuerySet[M]) -> Choice[M]:
        """Read the ticks. Rows outside `matching` cannot be chosen. Raises Invalid when nothing was."""
        if request.POST.get("all") == "1":
            return cls(matching, True, [])
        keys = request.POST.getlist("pk")
        if not keys:
            raise Invalid(_("没有选中任何记录。请先勾选要处理的记录，或勾选“全部符合筛选的记录”。"))
        field = matching.model._meta.pk
        try:
            return cls(matching.filter(pk__in=[field.to_python(key) for key in keys]), False, keys)
        except ValidationError as error:
            raise Invalid(_("选中的记录无法识别，请刷新列表后重新勾选。")) from error


def act(register: Register[M], request: PageRequest, matching: QuerySet[M], code: str) -> HttpResponseBase:
    """Do the act `code` of the bar: ask first where the act wants it, then run it and go back to the list."""
    try:
        action = register.action(code)
        if action is None or not action.is_for(request.actor):
            raise NotAllowed(_("您当前的角色不能批量执行此操作。"))
        choice = Choice.of(request, matching)
    except DomainError as refused:
        return _back(request, refused)
    form = action.form(request.POST if "confirmed" in request.POST else None) if action.form else None
    asks = bool(action.confirm or form) and "confirmed" not in request.POST
    if asks or (form is not None and not form.is_valid()):
        return _ask(register, request, action, choice, form)
    return _run(request, action, choice, form)


def _ask(
    register: Register[M], request: PageRequest, action: BulkAction, choice: Choice[M], form: Form | None
) -> HttpResponse:
    context = {
        "register": register,
        "action": action,
        "choice": choice,
        "form": form,
        "total": choice.rows.count(),
    }
    return render(
        request, "ui/confirm_bulk.html", context, status=422 if form is not None and form.is_bound else 200
    )


def _run(request: PageRequest, action: BulkAction, choice: Choice[M], form: Form | None) -> HttpResponseBase:
    try:
        told = action.run(request, choice.rows, form.cleaned_data if form is not None else {})
    except DomainError as refused:
        return _back(request, refused)
    if isinstance(told, HttpResponseBase):
        return told
    messages.success(request, str(told))
    return _back(request)


def _back(request: PageRequest, refused: DomainError | None = None) -> HttpResponse:
    if refused is not None:
        refuse(request, refused)
    return HttpResponseRedirect(request.get_full_path())
