"""Figures across projects and classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from portal.memo import once_a_page
from portal.operations.actor import Actor
from programs.models import ANNOUNCED, Category, Program, ProgramState, Project


@once_a_page
def seen_programs(actor: Actor) -> Sequence[Program]:
    """The programmes the actor sees, newest first, with rulebook and office. One query a page."""
    return tuple(Program.objects.visible_to(actor).select_related("rulebook", "office__parent"))


def open_programs(actor: Actor) -> list[Program]:
    """Those of them that are under way. No query when the frame has asked already."""
    return [each for each in seen_programs(actor) if each.state == ProgramState.PUBLISHED]


def by_category(program: Program) -> list[dict[str, Any]]:
    """A row for each category: projects, seats, published classes. Two queries."""
    classes = {
        row["category"]: row["published"]
        for row in Project.objects.filter(program=program)
        .order_by()
        .values("category")
        .annotate(published=Count("classes", filter=Q(classes__state__in=ANNOUNCED)))
    }
    rows = Category.objects.filter(program=program).annotate(
        count=Count("projects"), total=Sum("projects__seats")
    )
    return [
        {
            "category": each,
            "projects": each.count,
            "seats": each.total or 0,
            "classes": classes.get(each.pk, 0),
        }
        for each in rows
    ]


def without_published_class(program: Program) -> QuerySet[Project]:
    """Projects whose base has not published any class. One query."""
    published = Project.objects.filter(classes__state__in=ANNOUNCED).values("pk")
    rows = program.projects.exclude(pk__in=published).exclude(base=None)
    return rows.select_related("base", "program__office__parent", "program__rulebook").order_by(
        "base__path", "code"
    )
