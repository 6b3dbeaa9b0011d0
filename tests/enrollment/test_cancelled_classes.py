"""What a cancelled class does to its people: seats held, nobody in it, everybody told; and against others at once."""

from threading import Event
from typing import Any

import pytest

from enrollment.models import ClassCode, Enrollment, EnrollmentState, Nomination
from enrollment.services import enrolling
from enrollment.services.codes import issue_class_code
from enrollment.services.placing import place
from enrollment.services.replacement import replace
from enrollment.services.substitutes import give_up_seat
from portal.errors import DomainError
from portal.messages.models import Message
from portal.reviews.models import Verdict
from programs import hooks
from programs.models import Program, TrainingClass
from programs.services.cancelling import cancel_class
from programs.services.closing import closing_findings
from tests.enrollment.course import base_confirms, enrolled, fresh, open_class, registered
from tests.enrollment.support import Scene, make_scene
from tests.programs.world import moment
from tests.races import at_once, refused


def cancelled(scene: Scene, made: TrainingClass) -> TrainingClass:
    found = TrainingClass.objects.select_related("project__program__rulebook", "base").get(pk=made.pk)
    return cancel_class(scene.world.base_admin, found, reason="场地被征用")


@pytest.mark.django_db
def test_trainees_keep_their_seats_and_wait_for_another_class(scene: Scene) -> None:
    made = open_class(scene)
    one, two = enrolled(scene, scene.teacher(), scene.teacher())
    user, held = registered(one), scene.quota().held
    base_confirms(scene, one)
    issue_class_code(scene.world.base_admin, made)
    cancelled(scene, made)
    assert [(each.training_class, each.during) for each in (fresh(one), fresh(two))] == [(None, None)] * 2
    assert fresh(one).state == EnrollmentState.BASE_CONFIRMED, "what was done stays done"
    assert (scene.quota().held, TrainingClass.objects.get(pk=made.pk).taken) == (held, 0)
    assert ClassCode.objects.get().revoked_at is not None
    assert Message.objects.get(recipient=user, title__contains="您的名额保留").body == "场地被征用"
    for actor, count in ((scene.clerk, 2), (scene.school_admin, 2)):
        assert Message.objects.filter(
            recipient=actor.user, title__contains=f"{count}名学员的名额保留"
        ).exists()
    again = open_class(scene)
    place(scene.world.base_admin, fresh(one), training_class=again)
    assert TrainingClass.objects.get(pk=again.pk).taken == 1


@pytest.mark.django_db
def test_the_place_kept_for_a_substitute_goes_with_the_class(scene: Scene) -> None:
    made = open_class(scene)
    [one] = enrolled(scene)
    replacement = replace(scene.clerk, fresh(one), substitute=scene.teacher(), reason="生病")
    cancelled(scene, made)
    assert Nomination.objects.get(pk=replacement.substitute_id).training_class is None
    scene.decided(replacement.substitute, Verdict.REJECT, "不符")
    give_up_seat(scene.clerk, fresh(one), reason="无人可派")
    assert scene.quota().held == 0
    assert TrainingClass.objects.get(pk=made.pk).taken == 0


@pytest.mark.django_db
def test_who_is_approved_afterwards_gets_no_place_in_it(scene: Scene) -> None:
    made = open_class(scene)
    [nomination] = scene.submitted(scene.teacher())
    Nomination.objects.filter(pk=nomination.pk).update(training_class=made)
    cancelled(scene, made)
    scene.decided(nomination, Verdict.APPROVE)
    assert Enrollment.objects.get().training_class is None
    assert enrolling.take_places(made, 1) == 0


@pytest.mark.django_db
def test_ending_the_programme_warns_of_those_left_over(scene: Scene) -> None:
    open_class(scene)
    enrolled(scene)
    program = Program.objects.select_related("rulebook").get()
    messages = [each.message for each in closing_findings(program, moment(10, 24))]
    assert any("还有1名学员未完成报名或未编班" in each for each in messages)


@pytest.mark.django_db(transaction=True)
def test_placing_and_cancelling_at_once_leave_nobody_behind() -> None:
    scene = make_scene()
    old, new = open_class(scene), open_class(scene, name="另一班")
    people = enrolled(scene, scene.teacher(), scene.teacher())
    for each in people:
        place(scene.world.base_admin, fresh(each), training_class=old)
    rows = [fresh(each) for each in people]
    results = at_once(
        lambda: cancelled(scene, old),
        *(lambda row=row: place(scene.world.base_admin, row, training_class=new) for row in rows),
    )
    assert all(refused(results))
    for each in (old, new):
        inside = Enrollment.objects.standing().filter(training_class=each).count()
        assert TrainingClass.objects.get(pk=each.pk).taken == inside
    assert not Enrollment.objects.filter(training_class=old).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_nobody_gets_into_a_class_that_is_being_cancelled(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the look at the class's state, the one who waited for its lock sits in a cancelled class."""
    scene = make_scene()
    made = open_class(scene, capacity=5)
    other = open_class(scene, name="另一班")
    [one] = enrolled(scene)
    place(scene.world.base_admin, fresh(one), training_class=other)
    if not guarded:
        monkeypatch.setattr(enrolling, "ANNOUNCED", (*enrolling.ANNOUNCED, "cancelled"))
    holds, waits = Event(), Event()

    def hold(*_given: Any) -> None:
        holds.set()
        waits.wait(1)

    hooks.class_cancelled(hold)
    try:
        row, stale = fresh(one), TrainingClass.objects.select_related("project__program").get(pk=made.pk)

        def late() -> Any:
            holds.wait(10)
            return place(scene.world.base_admin, row, training_class=stale)

        results = at_once(lambda: cancelled(scene, made), late)
    finally:
        hooks.class_cancelled.remove(hold)
    assert isinstance(results[1], DomainError) is guarded
    assert fresh(one).training_class_id == (other.pk if guarded else made.pk)
