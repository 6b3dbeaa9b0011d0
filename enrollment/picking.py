"""Who could take someone's place: colleagues of the same organisation and subject, judged by the rules. CQ20-3.4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enrollment.models import LIVE, Enrollment, Nomination
from enrollment.services.judging import findings_for
from enrollment.services.replacement import candidate
from portal.people.models import Teacher
from portal.people.queries import find
from portal.rulebook.findings import Finding, Verdict, worst

MOST = 50


@dataclass(frozen=True)
class Colleague:
    """One person who could be sent, with what the rules say."""

    teacher: Teacher
    findings: list[Finding]

    @property
    def eligible(self) -> bool:
        return worst(self.findings) != Verdict.BLOCK

    @property
    def complaints(self) -> list[Finding]:
        return [each for each in self.findings if each.verdict != Verdict.PASS]


def colleagues(enrollment: Enrollment, on: date, text: str = "") -> list[Colleague]:
    """At most 50 colleagues, the eligible ones first. Six queries, however many there are."""
    original = enrollment.teacher
    rows = Teacher.objects.filter(
        school__path__startswith=enrollment.organization.path, subject=original.subject, active=True
    ).exclude(pk=original.pk)
    taken = Nomination.objects.filter(project=enrollment.project_id, state__in=LIVE).values("teacher")
    rows = rows.exclude(pk__in=taken).select_related("school").order_by("sort_key", "pk")
    teachers = list((find(rows, text) if text else rows)[:MOST])
    judged = findings_for(enrollment.rulebook, [candidate(enrollment, each) for each in teachers], on)
    found = [Colleague(each, findings) for each, findings in zip(teachers, judged, strict=True)]
    return sorted(found, key=lambda each: not each.eligible)
