"""Pages of programmes, projects and classes, and of what belongs to a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from programs.models import TrainingClass

if TYPE_CHECKING:
    from portal.ui.pages import PageRequest


def seen_version(request: HttpRequest) -> int:
    """The version of the record that the posted form was made from; 0, which no record has, when it says none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def own_class(request: PageRequest, pk: int) -> TrainingClass:
    """A class of the actor's own base, with what its pages look at; anybody else gets 404."""
    rows = TrainingClass.objects.visible_to(request.actor).filter(base=request.actor.organization)
    return get_object_or_404(
        rows.select_related(
            "project__program__rulebook",
            "project__program__office__parent",
            "project__audience",
            "base",
            "needs",
            "plan",
            "notice",
        ),
        pk=pk,
    )
