"""Figures across projects and classes."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from programs.models import ANNOUNCED, Category, Program, Project


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
