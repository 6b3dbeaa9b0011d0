"""What a class owes to its project's description: said before it is published, never in the way."""

import pytest
from django.urls import reverse

from portal.errors import RuleBroken
from portal.operations.models import AuditEntry
from portal.rulebook.findings import Verdict
from portal.rulebook.models import Rule
from programs.models import ClassState, TrainingClass
from programs.rules.classes import ClassSeatsRule, DescriptionCase, TimetableHoursRule
from programs.services.cancelling import cancel_class
from programs.services.checking import DESCRIPTION_RULES, publication_findings
from programs.services.classes import publish_class, set_timetable
from tests.programs.world import World, as_actor, lesson, make_class


def case(**changes: int) -> DescriptionCase:
    values = {"minutes": 2700, "capacity": 30, "others": 0, "project_hours": 60, "project_seats": 30}
    return DescriptionCase(**values | changes)


@pytest.mark.parametrize(
    ("minutes", "tolerance", "said"),
    [
        (2700, 0, ""),
        (2565, 5, ""),
        (2835, 5, ""),
        (2564, 5, "合计57学时"),
        (2655, 0, "合计59学时"),
        (0, 99, "合计0学时"),
    ],
)
def test_the_timetable_makes_up_the_project_s_hours(minutes: int, tolerance: int, said: str) -> None:
    found = TimetableHoursRule(tolerance_percent=tolerance).check(case(minutes=minutes))
    assert said in found
    assert bool(found) is bool(said)


@pytest.mark.parametrize(
    ("capacity", "others", "said"),
    [(30, 0, ""), (10, 20, ""), (30, 1, "超过项目规定的30人"), (10, 10, "少于项目规定的30人")],
)
def test_the_classes_hold_as_many_as_the_project_is_for(capacity: int, others: int, said: str) -> None:
    found = ClassSeatsRule().check(case(capacity=capacity, others=others))
    assert said in found
    assert bool(found) is bool(said)


@pytest.mark.django_db
@pytest.mark.clause("CQ20-1.1")
def test_publishing_warns_and_the_audit_keeps_what_was_said(world: World) -> None:
    made = make_class(world, capacity=12)
    found = publication_findings(made)
    assert [each.verdict for each in found] == [Verdict.WARN, Verdict.WARN]
    assert {each.citation.clause for each in found if each.citation} == {"CQ20-1.1"}
    page = as_actor(world.base_admin).get(reverse("programs:class", args=[made.pk])).content.decode()
    assert "课程表合计4学时，项目规定60学时" in page
    publish_class(world.base_admin, made)
    assert TrainingClass.objects.get().state == ClassState.PUBLISHED
    kept = AuditEntry.objects.get(operation="programs.publish_class").after["warnings"]
    assert kept == ["课程表合计4学时，项目规定60学时，请核对", "各班容量合计12人，超过项目规定的10人，请核对"]


@pytest.mark.django_db
def test_a_class_that_fits_is_published_without_a_word(world: World) -> None:
    cancel_class(world.base_admin, make_class(world), reason="录错")
    made = make_class(world)
    days = [lesson(day, 9, 14) for day in range(9, 18)]
    set_timetable(world.base_admin, made, lessons=days)
    assert [each.verdict for each in publication_findings(made)] == [Verdict.PASS, Verdict.PASS]
    publish_class(world.base_admin, made)
    assert "warnings" not in AuditEntry.objects.get(operation="programs.publish_class").after


@pytest.mark.django_db
def test_a_notice_may_make_it_strict_or_say_nothing(world: World) -> None:
    made = make_class(world, capacity=12)
    Rule.objects.filter(kind="programs.class_seats").update(severity="block")
    with pytest.raises(RuleBroken, match="超过项目规定的10人"):
        publish_class(world.base_admin, made)
    Rule.objects.filter(kind__in=DESCRIPTION_RULES).delete()
    assert publication_findings(made) == []


@pytest.mark.django_db
def test_the_api_says_the_same(world: World) -> None:
    made = make_class(world)
    rows = as_actor(world.base_admin).get(f"/api/v1/classes/{made.pk}/findings/").json()
    assert [(each["rule"], each["verdict"], each["clause"]) for each in rows] == [
        ("programs.timetable_hours", "warn", "CQ20-1.1"),
        ("programs.class_seats", "pass", "CQ20-1.1"),
    ]
