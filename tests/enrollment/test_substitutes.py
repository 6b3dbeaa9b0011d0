"""Replacing a trainee: same organisation, same subject, the seat neither lost nor doubled. CQ20-3.4."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import (
    Enrollment,
    EnrollmentState,
    Nomination,
    NominationState,
    RegistrationCode,
    Replacement,
)
from enrollment.picking import colleagues
from enrollment.services import replacement
from enrollment.services.replacement import replace
from enrollment.services.substitutes import give_up_seat, resubmit_substitute, send_another
from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed, OutsidePhase, RuleBroken
from portal.people.models import Teacher
from portal.reviews.models import Verdict
from tests.enrollment.enrolled import confirmed, enroll, fresh, issue_to
from tests.enrollment.support import Scene, again, make_scene
from tests.factories import SchoolFactory
from tests.programs.world import make_class, moment, set_clock
from tests.quotas.support import assert_sound, balances
from tests.races import at_once, meet_after, refused

WHY = "因病不能参训"


def replaced(scene: Scene, trainee: Enrollment, substitute: Teacher | None = None) -> Replacement:
    return replace(scene.clerk, trainee, substitute=substitute or scene.teacher(), reason=WHY)


@pytest.mark.clause("CQ20-3.4")
def test_seat_and_place_go_over_and_both_records_name_each_other(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    [trainee] = confirmed(scene)
    quota = scene.quota()
    before = balances(quota)
    substitute = scene.teacher(scene.other_school)
    done = replaced(scene, trainee, substitute)
    assert balances(quota) == before
    assert fresh(trainee).state == EnrollmentState.REPLACED
    assert again(trainee.nomination).state == NominationState.REPLACED
    assert done.substitute.substitute_for == trainee.nomination
    scene.decided(again(done.substitute), Verdict.APPROVE)
    came = Enrollment.objects.get(teacher=substitute)
    made.refresh_from_db()
    assert (came.training_class, made.taken, balances(quota)) == (made, 1, before)
    assert_sound()


@pytest.mark.clause("CQ20-3.4")
def test_the_former_code_ends_and_the_substitute_gets_one(scene: Scene) -> None:
    [trainee] = enroll(scene)
    issue_to(scene, trainee)
    done = replaced(scene, trainee)
    assert not RegistrationCode.objects.filter(revoked_at=None).exists()
    scene.decided(again(done.substitute), Verdict.APPROVE)
    came = Enrollment.objects.get(nomination=done.substitute)
    assert issue_to(scene, came)


@pytest.mark.clause("CQ20-3.4")
def test_another_subject_or_another_organisation_is_refused(scene: Scene) -> None:
    [trainee] = enroll(scene)
    with pytest.raises(RuleBroken, match="专业"):
        replaced(scene, trainee, scene.teacher(subject="护理"))
    with pytest.raises(RuleBroken, match="推荐单位"):
        replaced(scene, trainee, scene.teacher(SchoolFactory()))
    with pytest.raises(RuleBroken, match="本人"):
        replaced(scene, trainee, trainee.teacher)
    with pytest.raises(RuleBroken):
        replaced(scene, trainee, scene.teacher(teaching_since=clock.today()))
    with pytest.raises(Invalid, match="原因"):
        replace(scene.clerk, trainee, substitute=scene.teacher(), reason="")
    assert fresh(trainee).state == EnrollmentState.APPROVED


@pytest.mark.clause("CQ20-3.4")
def test_nobody_is_replaced_once_the_class_has_begun(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    make_class(scene.world, published=True)
    [trainee] = enroll(scene)
    set_clock(monkeypatch, moment(11, 9))
    with pytest.raises(RuleBroken, match="已开班"):
        replaced(scene, trainee)
    set_clock(monkeypatch, moment(9, 1, year=2021))
    with pytest.raises(OutsidePhase):
        replaced(scene, trainee)


@pytest.mark.clause("CQ20-3.4")
def test_when_one_is_rejected_another_may_come_also_after_the_window_of_nomination(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_class(scene.world, published=True)
    [trainee] = enroll(scene)
    quota, before = scene.quota(), balances(scene.quota())
    set_clock(monkeypatch, moment(11, 3))
    first = replaced(scene, trainee)
    with pytest.raises(RuleBroken, match="审核不通过后"):
        send_another(scene.clerk, fresh(trainee), substitute=scene.teacher(), reason=WHY)
    scene.decided(again(first.substitute), Verdict.REJECT, "不符合条件")
    assert balances(quota) == before
    with pytest.raises(Invalid, match="原因"):
        send_another(scene.clerk, fresh(trainee), substitute=scene.teacher(), reason=" ")
    second = send_another(scene.clerk, fresh(trainee), substitute=scene.teacher(), reason=WHY)
    assert second.pk == first.pk
    assert second.substitute != first.substitute
    scene.decided(again(second.substitute), Verdict.APPROVE)
    made.refresh_from_db()
    assert (made.taken, balances(quota)) == (1, before)
    assert Enrollment.objects.get(nomination=second.substitute).training_class == made
    assert_sound()


@pytest.mark.clause("CQ20-3.4")
def test_who_sends_nobody_gives_seat_and_place_back_once(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    [trainee] = enroll(scene)
    first = replaced(scene, trainee)
    scene.decided(again(first.substitute), Verdict.REJECT, "不符合条件")
    with pytest.raises(Invalid, match="原因"):
        give_up_seat(scene.clerk, fresh(trainee), reason="")
    give_up_seat(scene.clerk, fresh(trainee), reason="没有合适人选")
    made.refresh_from_db()
    assert (made.taken, balances(scene.quota())[2]) == (0, 0)
    assert fresh(trainee).state == EnrollmentState.WITHDRAWN
    with pytest.raises(RuleBroken, match="没有待补派"):
        give_up_seat(scene.clerk, fresh(trainee), reason="再来一次")
    assert_sound()


def test_a_returned_substitute_is_corrected_after_the_window_of_nomination(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    [trainee] = enroll(scene)
    done = replaced(scene, trainee)
    with pytest.raises(RuleBroken, match="退回"):
        resubmit_substitute(scene.clerk, again(done.substitute))
    set_clock(monkeypatch, moment(11, 2))
    scene.decided(again(done.substitute), Verdict.RETURN, "请核对职称")
    resubmit_substitute(scene.clerk, again(done.substitute), note="已核对")
    assert again(done.substitute).state == NominationState.SUBMITTED
    assert balances(scene.quota())[2] == 1


def test_only_the_organisation_that_nominated_replaces(scene: Scene) -> None:
    [trainee] = enroll(scene)
    for actor in (scene.college_admin, scene.school_admin, scene.reviewer, scene.world.base_admin):
        with pytest.raises(NotAllowed):
            replace(actor, trainee, substitute=scene.teacher(), reason=WHY)


def test_colleagues_are_listed_with_what_the_rules_say_in_as_many_queries_for_one_as_for_three(
    scene: Scene, django_assert_num_queries: object
) -> None:
    [trainee] = enroll(scene)
    fit = scene.teacher()
    late = scene.teacher(teaching_since=clock.today())
    scene.teacher(subject="护理")
    found = colleagues(trainee, clock.today())
    assert [(each.teacher, each.eligible) for each in found] == [(fit, True), (late, False)]
    assert found[1].complaints
    assert [each.teacher for each in colleagues(trainee, clock.today(), fit.name)] == [fit]
    with CaptureQueriesContext(connection) as two:
        colleagues(fresh(trainee), clock.today())
    scene.teacher()
    with django_assert_num_queries(len(two)):  # type: ignore[operator]
        assert len(colleagues(fresh(trainee), clock.today())) == 3


def race(scene: Scene, trainee: Enrollment) -> list[object]:
    """Two clerks replace the same trainee at once; what came of each."""
    people = scene.teacher(), scene.teacher()
    return at_once(*(partial(replaced, scene, trainee, each) for each in people))


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("CQ20-3.4")
def test_two_replacements_of_one_person_at_once_make_one() -> None:
    scene = make_scene()
    [trainee] = enroll(scene)
    results = race(scene, trainee)
    assert refused(results) == [True]
    assert sum(isinstance(each, Replacement) for each in results) == 1
    assert Nomination.objects.filter(substitute_for=trainee.nomination).count() == 1
    assert balances(scene.quota())[2] == 1
    assert_sound()


@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_states_the_seat_is_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene()
    [trainee] = enroll(scene)
    monkeypatch.setattr(replacement, "locked", fresh)
    monkeypatch.setattr(replacement.NOMINATION, "apply", lambda *_args, **_fields: None)
    monkeypatch.setattr(replacement.ENROLLMENT, "apply", lambda *_args, **_fields: None)
    monkeypatch.setattr(Replacement.objects, "create", Replacement)
    assert refused(race(scene, trainee)) == []
    assert Nomination.objects.filter(substitute_for=trainee.nomination).count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_person_cannot_take_two_places_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene()
    trainees = enroll(scene, scene.teacher(), scene.teacher())
    person = scene.teacher()
    meet_after(monkeypatch, replacement, "judge_substitute")
    results = at_once(*(partial(replaced, scene, each, person) for each in trainees))
    assert sorted(type(each).__name__ for each in results) == [Conflict.__name__, Replacement.__name__]
    assert_sound()
