"""Eligibility review: what each decision makes of a person and of the seat; two reviewers; windows that close."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import Enrollment, EnrollmentState, Nomination, NominationState, SheetState
from enrollment.plugs.clock import end_nominating, end_reviewing, unused_seats
from enrollment.services.nominations import nominate
from portal.accounts.roles import Role
from portal.errors import Conflict, OutsidePhase
from portal.messages.models import Message
from portal.reviews.models import Review, ReviewState, Verdict
from portal.reviews.services import decide, decide_many
from portal.rulebook.models import Phase
from portal.rulebook.services.deadlines import close_phase
from programs.models import TrainingClass
from quotas import ledger
from quotas.models import Quota
from tests.enrollment.support import SEATS, Scene, again, make_scene, review_of
from tests.factories import make_actor
from tests.programs.world import make_class, moment, set_clock
from tests.quotas.support import assert_sound, balances
from tests.races import at_once, meet, refused

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


@pytest.mark.clause("CQ20-3.2")
def test_an_approved_person_is_enrolled_and_the_bureau_is_told(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    assert scene.decided(made, Verdict.APPROVE).state == NominationState.APPROVED
    enrolled = Enrollment.objects.get(nomination=made)
    assert (enrolled.state, enrolled.training_class) == (EnrollmentState.APPROVED, None)
    assert balances(scene.quota()) == (SEATS, 0, 1)
    assert Message.objects.filter(recipient=scene.clerk.user_id, url=f"/nominations/{made.pk}/").exists()


def test_the_only_published_class_takes_as_many_as_it_has_room_for(scene: Scene) -> None:
    found = make_class(scene.world, published=True, capacity=2)
    made = scene.submitted(*(scene.teacher() for _each in range(3)))
    decide_many(scene.reviewer, Review.objects.all(), verdict=Verdict.APPROVE)
    placed = Enrollment.objects.filter(nomination__in=made).order_by("pk")
    assert [each.training_class_id for each in placed] == [found.pk, found.pk, None]
    assert TrainingClass.objects.get(pk=found.pk).taken == 2
    assert placed[0].during.lower == found.starts_on


def test_whoever_sits_in_a_class_at_the_time_is_left_for_the_base_to_place(scene: Scene) -> None:
    teacher, second = scene.teacher(), scene.world.project("P2")
    made = [*scene.submitted(teacher), *scene.submitted(teacher, project=second)]
    for code in ("P1", "P2"):
        make_class(scene.world, scene.world.project(code), published=True, name=f"{code}班")
    decide_many(scene.reviewer, Review.objects.filter(subject_id=made[0].pk), verdict=Verdict.APPROVE)
    decide_many(scene.reviewer, Review.objects.filter(subject_id=made[1].pk), verdict=Verdict.APPROVE)
    classes = [each.training_class for each in Enrollment.objects.order_by("pk")]
    assert classes[0] is not None
    assert classes[1] is None


@pytest.mark.clause("CQ20-3.2")
def test_a_rejected_person_s_seat_is_free_for_another(scene: Scene) -> None:
    made = scene.submitted(*(scene.teacher() for _each in range(SEATS)))
    assert scene.decided(made[0], Verdict.REJECT, "近三年已参训").state == NominationState.REJECTED
    assert balances(scene.quota()) == (SEATS, 0, SEATS - 1)
    assert scene.submitted(scene.teacher())
    assert_sound()


def test_a_bureau_that_returns_a_school_s_person_keeps_the_seat(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    decide(scene.approver, review_of(made), verdict=Verdict.RETURN, opinion="请核对专业")
    assert (again(made).state, again(made).opinion) == (NominationState.RETURNED, "请核对专业")
    assert balances(scene.quota()) == (SEATS, 0, 1)


def test_two_reviewers_at_once_the_second_is_told_who_decided_what(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    colleague = make_actor(Role.OFFICE_REVIEWER, scene.world.office)
    seen = review_of(made)
    decide(scene.reviewer, seen, verdict=Verdict.RETURN, opinion="请核对", version=seen.version)
    with pytest.raises(Conflict, match=scene.reviewer.name):
        decide(colleague, seen, verdict=Verdict.APPROVE, version=seen.version)
    assert again(made).state == NominationState.RETURNED
    assert not Enrollment.objects.exists()


@pytest.mark.clause("CQ20-3.2")
def test_after_the_day_of_the_notice_nobody_is_approved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = scene.submitted(scene.teacher())
    set_clock(monkeypatch, moment(11, 1, 0, 0))
    with pytest.raises(OutsidePhase):
        scene.decided(made, Verdict.APPROVE)


def test_bulk_decisions_cost_the_same_for_one_and_for_three() -> None:
    scene = make_scene(seats=4)
    make_class(scene.world, published=True)
    one, *three = scene.submitted(*(scene.teacher() for _each in range(4)))
    costs = []
    for rows in ([one], three):
        chosen = Review.objects.filter(subject_id__in=[each.pk for each in rows])
        with CaptureQueriesContext(connection) as queries:
            assert decide_many(scene.reviewer, chosen, verdict=Verdict.APPROVE).decided == len(rows)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def phase(scene: Scene, code: str) -> Phase:
    return Phase.objects.select_related("rulebook").get(rulebook=scene.project.program.rulebook, code=code)


@pytest.mark.clause("CQ20-3.2")
def test_what_is_undecided_when_the_window_closes_lapses_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, returned, approved = scene.submitted(*(scene.teacher() for _each in range(3)))
    scene.decided(returned, Verdict.RETURN, "请核对")
    scene.decided(approved, Verdict.APPROVE)
    late = moment(11, 1, 0, 5)
    set_clock(monkeypatch, late)
    assert close_phase(phase(scene, "nomination").pk, late)
    assert close_phase(phase(scene, "eligibility_review").pk, late)
    assert not close_phase(phase(scene, "eligibility_review").pk, late)
    end_reviewing(phase(scene, "eligibility_review"), late)
    states = [again(each).state for each in (waiting, returned, approved)]
    assert states == [NominationState.LAPSED, NominationState.LAPSED, NominationState.APPROVED]
    assert review_of(waiting).state == ReviewState.LAPSED
    assert balances(scene.quota()) == (SEATS, 0, 1)
    assert_sound()


def test_unsent_sheets_end_with_the_window(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = scene.sheet(scene.teacher())
    late = moment(11, 1, 0, 5)
    set_clock(monkeypatch, late)
    end_nominating(phase(scene, "nomination"), late)
    end_nominating(phase(scene, "nomination"), late)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.WITHDRAWN
    assert balances(scene.quota()) == (SEATS, 0, 0)


def test_nothing_lapses_where_the_notice_does_not_say_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = scene.submitted(scene.teacher())
    book = scene.project.program.rulebook
    book.facts = book.facts | {"lapse_reviews": False}
    book.save(update_fields=["facts"])
    late = moment(11, 1, 0, 5)
    set_clock(monkeypatch, late)
    end_nominating(phase(scene, "nomination"), late)
    end_reviewing(phase(scene, "eligibility_review"), late)
    assert again(made).state == NominationState.SUBMITTED


def test_organisations_with_free_seats_are_reminded(scene: Scene) -> None:
    scene.submitted(*(scene.teacher() for _each in range(SEATS)))
    told = {
        key: each.title
        for each in unused_seats(phase(scene, "nomination"), moment(10, 30))
        for key in each.recipients
    }
    assert f"还有{SEATS}个名额" in str(told[scene.clerk.user_id])
    assert f"还有{2 * SEATS}个名额" in str(told[scene.college_admin.user_id])
    assert scene.school_admin.user_id not in told


def racing(scene: Scene) -> list[Callable[[], object]]:
    """Six people of the school for the last of three seats, each put forward by itself."""
    people = [scene.teacher() for _each in range(6)]
    standing = scene.standing(scene.school)

    def forward(index: int) -> Callable[[], object]:
        proposals = scene.proposals(people[index])
        return lambda: nominate(scene.school_admin, standing, proposals=proposals)

    return [forward(index) for index in range(len(people))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("CQ20-2.3")
def test_six_at_once_for_three_seats_leave_three_people() -> None:
    scene = make_scene()
    assert refused(at_once(*racing(scene))) == [True] * 3
    assert Nomination.objects.count() == SEATS
    assert balances(scene.quota()) == (SEATS, 0, SEATS)
    assert_sound()


@pytest.mark.django_db(transaction=True)
def test_control_without_the_ledger_s_condition_the_race_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule alone looks at what was read before: all six pass it, and more people stand than there are seats."""
    scene = make_scene()
    monkeypatch.setattr(ledger, "hold_many", lambda *_args: None)
    meet(monkeypatch, ledger, "hold_many", 6)
    assert refused(at_once(*racing(scene))) == []
    assert Nomination.objects.count() > SEATS
    assert Quota.objects.get(pk=scene.quota().pk).held == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_person_put_forward_twice_at_once_stands_once() -> None:
    scene = make_scene()
    teacher = scene.teacher()

    def forward() -> object:
        return nominate(scene.school_admin, scene.standing(scene.school), proposals=scene.proposals(teacher))

    (second,) = [each for each in at_once(forward, forward) if isinstance(each, Exception)]
    assert "推荐" in str(second.message)
    assert balances(scene.quota()) == (SEATS, 0, 1)
