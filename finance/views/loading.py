"""Loading records of money through what the actor may see: a stranger gets 404."""

from __future__ import annotations

from typing import IO, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import add_never_cache_headers

from finance.models import ExpenseCategory
from finance.reach import classes_with_money
from portal.ui.pages import PageRequest
from programs.models import TrainingClass

M = TypeVar("M", bound=Model)
UP = ("project__program__rulebook", "project__program__office__parent", "base")


def class_of(request: PageRequest, pk: int) -> TrainingClass:
    """The class with all that its services ask for."""
    return get_object_or_404(classes_with_money(request.actor).select_related(*UP), pk=pk)


def record_of(request: PageRequest, rows: QuerySet[M], pk: int) -> M:
    """One of `rows`, each with a class, with all that its services ask for."""
    seen = rows.visible_to(request.actor)  # type: ignore[attr-defined]
    found: M = get_object_or_404(seen.select_related(*(f"training_class__{each}" for each in UP)), pk=pk)
    return found


def categories_of(training_class: TrainingClass) -> QuerySet[ExpenseCategory]:
    """The categories that may be charged, with their clauses."""
    rows = training_class.rulebook.expense_categories.filter(allowed=True)
    return rows.select_related("clause__notice")


def ask(request: PageRequest, form: Any, training_class: TrainingClass, **context: Any) -> HttpResponse:
    """The page of a form about a class's money; 422 when something is wrong with it."""
    shared = {"form": form, "training_class": training_class, "files": form.is_multipart()}
    return render(request, "finance/form.html", {**shared, **context}, status=422 if form.errors else 200)


def sent(file: IO[bytes], name: str) -> FileResponse:
    """A file to keep, that no cache keeps."""
    response = FileResponse(file, as_attachment=True, filename=name)
    add_never_cache_headers(response)
    return response
