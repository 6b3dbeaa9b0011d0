"""Figures of registration: who waits for codes, who has registered."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from enrollment.models import STANDING, Enrollment, EnrollmentState, RegistrationCode


def with_code() -> Exists:
    """Whether an enrolment has a valid code."""
    return Exists(RegistrationCode.objects.filter(enrollment=OuterRef("pk"), used_at=None, revoked_at=None))


def codes_by_school(rows: QuerySet[Enrollment]) -> list[dict[str, Any]]:
    """A row a school: enrolled, waiting for registration, of these without a valid code. One query."""
    waiting = Q(state=EnrollmentState.APPROVED)
    found = (
        rows.filter(state__in=STANDING)
        .annotate(coded=with_code())
        .order_by("school__path")
        .values("school", "school__name")
        .annotate(
            enrolled=Count("pk"),
            waiting=Count("pk", filter=waiting),
            uncoded=Count("pk", filter=waiting & Q(coded=False)),
        )
    )
    return [dict(each) for each in found]
