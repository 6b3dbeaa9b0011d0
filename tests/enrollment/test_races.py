"""The same thing by several people at the same moment; beside each race a control with the guard off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from enrollment.models import Enrollment, Nomination, Replacement
from enrollment.services import (
    eligibility,
    nominations,
    placing,
    registration,
    replacement,
    seats,
    substitutes,
)
from enrollment.services.nominations import nominate
from enrollment.services.placing import place
from enrollment.services.replacement import replace
from enrollment.services.substitutes import give_up_seat, send_another
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.operations.act import Act
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide, locking
from programs import hooks
from programs.models import TrainingClass
from programs.services.cancelling import cancel_class
from quotas.models import Quota
from quotas.services.splitting import split
from tests.enrollment.course import code_of, enrolled, fresh, open_class, opened, register_with
from tests.enrollment.support import Scene, review_of
from tests.factories import make_actor
from tests.quotas.support import assert_sound, balances
from tests.races import at_once, meet, meet_after, refused, unlock_reviews

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PEOPLE = 4


def all_for_the_last_seat(scene: Scene) -> list[object]:
    """PEOPLE of one school, each nominated by themselves, for one seat."""
    split(scene.clerk, scene.quota(), seats={scene.school.pk: 1})
    standing, people = scene.standing(scene.school), [scene.teacher() for _each in range(PEOPLE)]

    def attempt(person: Teacher) -> Callable[[], object]:
        proposals = scene.proposals(person)
        return lambda: nominate(scene.school_admin, standing, proposals=proposals)

    return at_once(*(attempt(each) for each in people))


@pytest.mark.clause("CQ20-6.1")
def test_the_last_seat_is_given_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, seats, "hold_seats", PEOPLE)
    assert refused(all_for_the_last_seat(scene)) == [True] * (PEOPLE - 1)
    assert (Nomination.objects.live().count(), balances(scene.quota(scene.school))) == (1, (1, 0, 1))
    assert_sound()


def test_control_check_then_write_gives_the_last_seat_to_everybody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(PEOPLE, timeout=20)

    def naive(_act: Act, made: Sequence[Nomination]) -> None:
        quota = Quota.objects.get(pk=made[0].quota_id)
        assert quota.free >= len(made)
        barrier.wait()
        quota.held += len(made)
        quota.save()

    monkeypatch.setattr(seats, "hold_seats", naive)
    assert refused(all_for_the_last_seat(scene)) == []
    assert (Nomination.objects.live().count(), scene.quota(scene.school).received) == (PEOPLE, 1)


def two_reviewers(scene: Scene, *verdicts: Verdict) -> list[object]:
    open_class(scene)
    (made,) = scene.submitted(scene.teacher())
    review, second = review_of(made), make_actor(Role.OFFICE_REVIEWER, scene.world.office)
    mine, theirs = Review.objects.get(pk=review.pk), Review.objects.get(pk=review.pk)
    return at_once(
        lambda: decide(scene.reviewer, mine, verdict=verdicts[0], opinion="意见"),
        lambda: decide(second, theirs, verdict=verdicts[1], opinion="意见"),
    )


@pytest.mark.parametrize("second", [Verdict.APPROVE, Verdict.REJECT])
def test_of_two_reviewers_one_decides(scene: Scene, monkeypatch: pytest.MonkeyPatch, second: Verdict) -> None:
    meet(monkeypatch, locking, "hold")
    assert refused(two_reviewers(scene, Verdict.APPROVE, second)) == [True]
    approved = Nomination.objects.get().state == "approved"
    assert Enrollment.objects.count() == TrainingClass.objects.get().taken == approved
    assert balances(scene.quota()) == (3, 0, approved)
    assert_sound()


def test_control_without_the_review_s_lock_both_enrol_and_only_the_database_refuses(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    enrol = eligibility.enroll_many

    def counting(act: Act, made: Sequence[Nomination]) -> list[Enrollment]:
        calls.append(len(made))
        return enrol(act, made)

    unlock_reviews(monkeypatch)
    monkeypatch.setattr(eligibility, "enroll_many", counting)
    results = refused(two_reviewers(scene, Verdict.APPROVE, Verdict.APPROVE))
    assert (calls, len(results), Enrollment.objects.count()) == ([1, 1], 1, 1)


def two_replacements(scene: Scene) -> list[object]:
    open_class(scene)
    (made,) = enrolled(scene)
    people = scene.teacher(), scene.teacher()
    mine, theirs = fresh(made), fresh(made)
    return at_once(
        lambda: replace(scene.clerk, mine, substitute=people[0], reason="生病"),
        lambda: replace(scene.approver, theirs, substitute=people[1], reason="生病"),
    )


@pytest.mark.clause("CQ20-3.4")
def test_a_person_is_replaced_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, replacement, "locked")
    assert refused(two_replacements(scene)) == [True]
    assert (Replacement.objects.count(), Nomination.objects.live().count()) == (1, 1)
    assert (balances(scene.quota()), TrainingClass.objects.get().taken) == ((3, 0, 1), 1)


def test_control_without_lock_and_states_two_substitutes_get_as_far_as_the_database(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def leave(_act: Act, original: Enrollment) -> None:
        calls.append(original.pk)

    class Free:
        """A state table that lets everything pass."""

        def apply(self, row: Any, *_args: Any, **_fields: Any) -> Any:
            return row

    monkeypatch.setattr(replacement, "locked", fresh)
    meet_after(monkeypatch, replacement, "locked")
    monkeypatch.setattr(replacement, "NOMINATION", Free())
    monkeypatch.setattr(replacement, "_leave", leave)
    results = two_replacements(scene)
    assert len(calls) == 2
    assert [type(each) for each in results if isinstance(each, Exception)] == [IntegrityError]


def two_registrations(scene: Scene) -> list[object]:
    (made,) = enrolled(scene)
    code = code_of(made)
    mine, theirs = opened(code, made.teacher), opened(code, made.teacher)
    return at_once(
        lambda: register_with(mine, username="first-name"),
        lambda: register_with(theirs, username="second-name"),
    )


@pytest.mark.clause("CQ20-3.3")
def test_a_code_registers_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, registration, "_use_code")
    assert refused(two_registrations(scene)) == [True]
    assert User.objects.filter(username__in=["first-name", "second-name"]).count() == 1


def test_control_without_guards_a_code_makes_two_accounts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "_use_code", lambda *_args: None)
    monkeypatch.setattr(registration, "_mark_registered", lambda *_args: None)
    monkeypatch.setattr(Teacher.objects, "select_for_update", lambda **_of: Teacher.objects.all())
    meet(monkeypatch, registration, "create_trainee_account")
    assert refused(two_registrations(scene)) == []
    assert User.objects.filter(username__in=["first-name", "second-name"]).count() == 2


def two_placements(scene: Scene) -> tuple[TrainingClass, list[object]]:
    first, second = enrolled(scene, scene.teacher(), scene.teacher())
    small = open_class(scene, capacity=1)
    base = scene.world.base_admin
    first, second = fresh(first), fresh(second)
    results = at_once(
        lambda: place(base, first, training_class=small), lambda: place(base, second, training_class=small)
    )
    return TrainingClass.objects.get(pk=small.pk), results


@pytest.mark.clause("CQ20-A1")
def test_the_last_place_of_a_class_is_given_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, placing, "take_places")
    small, results = two_placements(scene)
    assert refused(results) == [True]
    assert (small.taken, small.enrollments.count()) == (1, 1)


def test_control_reading_then_writing_overfills_a_class(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(2, timeout=20)

    def naive(training_class: TrainingClass, wanted: int) -> int:
        row = TrainingClass.objects.get(pk=training_class.pk)
        assert row.taken + wanted <= row.capacity
        barrier.wait()
        TrainingClass.objects.filter(pk=row.pk).update(taken=row.taken + wanted)
        return wanted

    monkeypatch.setattr(placing, "take_places", naive)
    small, results = two_placements(scene)
    assert refused(results) == []
    assert (small.capacity, small.enrollments.count()) == (1, 2)


def test_withdrawing_while_the_office_approves_leaves_one_outcome(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the person is enrolled and holds the seat, or neither."""
    (made,) = scene.submitted(scene.teacher())
    review, mine = review_of(made), Nomination.objects.select_related("program", "organization").get()
    results = at_once(
        lambda: decide(scene.reviewer, review, verdict=Verdict.APPROVE),
        lambda: nominations.withdraw(scene.clerk, mine, reason="误报"),
    )
    assert refused(results) == [True]
    approved = Nomination.objects.get().state == "approved"
    assert Enrollment.objects.count() == approved
    assert balances(scene.quota()) == (3, 0, approved)


def another_or_nobody(scene: Scene) -> list[object]:
    """After a substitute was rejected the bureau sends another one, and gives the seat up, at the same moment."""
    open_class(scene)
    (made,) = enrolled(scene)
    first = replace(scene.clerk, fresh(made), substitute=scene.teacher(), reason="生病").substitute
    scene.decided(first, Verdict.REJECT, "专业不符")
    mine, theirs, another = fresh(made), fresh(made), scene.teacher()
    return at_once(
        lambda: send_another(scene.clerk, mine, substitute=another, reason="另派"),
        lambda: give_up_seat(scene.approver, theirs, reason="无人可派"),
    )


@pytest.mark.clause("CQ20-3.4")
def test_a_kept_seat_is_used_again_or_given_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, substitutes, "locked")
    assert refused(another_or_nobody(scene)) == [True]
    kept = Nomination.objects.live().count()
    assert Enrollment.objects.get().state == ("replaced" if kept else "withdrawn")
    assert (balances(scene.quota()), TrainingClass.objects.get().taken) == ((3, 0, kept), kept)
    assert_sound()


def test_control_without_locks_a_substitute_is_on_the_way_to_a_seat_that_was_given_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(substitutes, "locked", fresh)
    monkeypatch.setattr(Replacement.objects, "select_for_update", lambda **_of: Replacement.objects.all())
    meet_after(monkeypatch, substitutes, "open_replacement")
    assert refused(another_or_nobody(scene)) == []
    assert (Nomination.objects.live().count(), balances(scene.quota())) == (1, (3, 0, 0))


def test_a_trainee_replaced_while_the_class_is_cancelled_leaves_no_place_taken(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    training_class = open_class(scene)
    (made,) = enrolled(scene)
    mine, substitute = fresh(made), scene.teacher()
    meet(monkeypatch, replacement, "locked")
    (lock,) = hooks.class_locks
    monkeypatch.setattr(hooks, "class_locks", [lambda each: (replacement.locked(made), lock(each))])
    results = at_once(
        lambda: replace(scene.clerk, mine, substitute=substitute, reason="生病"),
        lambda: cancel_class(scene.world.base_admin, training_class, reason="人数不足"),
    )
    assert all(refused(results))
    after = TrainingClass.objects.get()
    assert (after.state, after.taken, after.enrollments.count()) == ("cancelled", 0, 0)
    assert not Nomination.objects.live().filter(training_class=after).exists()
    assert balances(scene.quota()) == (3, 0, 1)
    assert_sound()
