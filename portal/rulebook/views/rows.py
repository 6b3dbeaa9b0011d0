"""The page on which a table of a rulebook is edited; apps give it their operation and their form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.errors import Text
from portal.operations.registry import Operation
from portal.rulebook.forms import ChangeForm
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm, row_formset, rows_of
from portal.rulebook.views.editing import edit_page
from portal.rulebook.views.reading import seen
from portal.ui.pages import PageRequest, submit


@dataclass(frozen=True)
class RowEditor:
    """What is edited: `initial` gives a dictionary for each stored row, keyed by the form's fields."""

    title: Text
    operation: Operation[Rulebook, Any, Rulebook]
    form: type[RowForm]
    initial: Callable[[Rulebook], list[dict[str, Any]]]


def edit_rows(request: PageRequest, pk: int, editor: RowEditor) -> HttpResponse:
    """Show the rows, and save them all together."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    form = ChangeForm(request.POST or None, rulebook=rulebook, initial={"version": rulebook.version})
    rows = row_formset(editor.form)(
        request.POST or None,
        initial=editor.initial(rulebook),
        prefix="rows",
        form_kwargs={"rulebook": rulebook},
    )
    if form.is_bound and form.is_valid() and rows.is_valid():
        saved = submit(
            request,
            form,
            editor.operation,
            rulebook,
            version=form.seen,
            rows=rows_of(rows),
            why=form.why(),
        )
        if saved is not None:
            messages.success(request, _("“%(title)s”已保存。") % {"title": editor.title})
            return HttpResponseRedirect(reverse("rulebook:detail", args=[rulebook.pk]))
    return edit_page(request, form, rulebook, str(editor.title), rows=rows, row_word=_("项"))
