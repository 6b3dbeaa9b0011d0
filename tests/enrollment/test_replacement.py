"""Who cannot attend gives seat and place to a colleague of the same subject; nothing is lost, nothing doubled."""

from __future__ import annotations

import pytest

from enrollment.models import Enrollment, EnrollmentState, NominationState, Replacement
from enrollment.services.replacement import replace
from enrollment.services.substitutes import give_up_seat, resubmit_substitute, send_another
from portal.errors import Invalid, NotAllowed, OutsidePhase, RuleBroken
from portal.people.models import Teacher
from portal.reviews.models import Verdict
from programs.models import TrainingClass
from tests.enrollment.course import approve, code_of, enrolled, find, fresh, open_class, registered, state_of
from tests.enrollment.support import Scene, again
from tests.factories import SchoolFactory
from tests.programs.world import moment, set_clock
from tests.quotas.support import assert_sound, balances

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-3.4")]


def accounts(scene: Scene) -> tuple[tuple[int, int, int], int]:
    """The bureau's balances and the places taken in all classes."""
    assert_sound()
    return balances(scene.quota()), sum(TrainingClass.objects.values_list("taken", flat=True))


def replaced(scene: Scene, made: Enrollment, substitute: Teacher | None = None) -> Replacement:
    return replace(scene.clerk, fresh(made), substitute=substitute or scene.teacher(), reason="生病")


def test_seat_and_place_go_over_and_no_balance_moves(scene: Scene) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    before = accounts(scene)
    substitute = scene.teacher()
    done = replaced(scene, made, substitute)
    assert accounts(scene) == before
    assert (state_of(made), again(made.nomination).state) == ("replaced", "replaced")
    assert done.substitute.state == NominationState.SUBMITTED
    (successor,) = approve(scene, done.substitute)
    assert accounts(scene) == before
    assert (successor.teacher, successor.training_class, successor.state) == (substitute, only, "approved")


def test_the_history_shows_both_ways(scene: Scene) -> None:
    (made,) = enrolled(scene)
    done = replaced(scene, made)
    assert (made.replacement, done.substitute.replacement) == (done, done)
    assert done.substitute.substitute_for == made.nomination
    assert list(made.nomination.substitutes.all()) == [done.substitute]
    assert (done.reason, done.by_name) == ("生病", scene.clerk.name)


def test_the_former_one_s_code_ends(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    replaced(scene, made)
    with pytest.raises(Invalid, match="已失效"):
        find(code, made.teacher)


def test_a_registered_trainee_is_replaced_and_told(scene: Scene) -> None:
    (made,) = enrolled(scene)
    user = registered(made)
    replaced(scene, made)
    assert user.inbox.filter(title__contains="更换为他人").exists()


def test_the_substitute_teaches_the_same_subject(scene: Scene) -> None:
    audience = scene.project.audience
    audience.subjects = []
    audience.save()
    (made,) = enrolled(scene)
    before = accounts(scene)
    with pytest.raises(RuleBroken, match="任教专业为护理，与原学员的会计不同") as refused:
        replaced(scene, made, scene.teacher(subject="护理"))
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-3.4"
    assert (state_of(made), accounts(scene)) == (EnrollmentState.APPROVED, before)
    assert replaced(scene, made, scene.teacher()).substitute.teacher.subject == "会计"


def test_the_substitute_is_of_the_same_organisation(scene: Scene) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(RuleBroken, match="不属于原推荐单位"):
        replaced(scene, made, scene.teacher(SchoolFactory()))
    assert replaced(scene, made, scene.teacher(scene.other_school))


@pytest.mark.parametrize(
    ("fields", "words"), [({"teaching_since": None}, "教龄"), ({"phone": ""}, "个人信息缺少")]
)
def test_the_substitute_meets_the_same_conditions(
    scene: Scene, fields: dict[str, object], words: str
) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(RuleBroken, match=words):
        replaced(scene, made, scene.teacher(**fields))
    assert state_of(made) == EnrollmentState.APPROVED


def test_the_substitute_is_nobody_who_has_a_seat_already(scene: Scene) -> None:
    made, other = enrolled(scene, scene.teacher(), scene.teacher())
    with pytest.raises(RuleBroken, match=r"已由.*推荐"):
        replaced(scene, made, other.teacher)
    with pytest.raises(RuleBroken, match="原学员本人"):
        replaced(scene, made, made.teacher)
    with pytest.raises(Invalid, match="更换原因"):
        replace(scene.clerk, fresh(made), substitute=scene.teacher(), reason=" ")


def test_a_full_quota_does_not_stop_a_replacement(scene: Scene) -> None:
    made = enrolled(scene, *(scene.teacher() for _each in range(3)))
    assert balances(scene.quota()) == (3, 0, 3)
    replaced(scene, made[0])
    assert balances(scene.quota()) == (3, 0, 3)


def test_only_who_put_the_person_forward_replaces_them(scene: Scene) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(NotAllowed):
        replace(scene.college_admin, fresh(made), substitute=scene.teacher(), reason="生病")


def test_until_the_class_begins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    open_class(scene)
    early, late = enrolled(scene, scene.teacher(), scene.teacher())
    people = scene.teacher(), scene.teacher()
    set_clock(monkeypatch, moment(11, 8))
    assert replaced(scene, early, people[0])
    set_clock(monkeypatch, moment(11, 9, 0))
    with pytest.raises(RuleBroken, match="已开班"):
        replaced(scene, late, people[1])


def test_not_after_the_window(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    (made,) = enrolled(scene)
    substitute = scene.teacher()
    set_clock(monkeypatch, moment(9, 1, 0, year=2021))
    with pytest.raises(OutsidePhase):
        replaced(scene, made, substitute)


def test_a_rejected_substitute_keeps_the_seat_for_the_next(scene: Scene) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    before = accounts(scene)
    first = replaced(scene, made).substitute
    with pytest.raises(RuleBroken, match="审核不通过后"):
        send_another(scene.clerk, fresh(made), substitute=scene.teacher(), reason="另派")
    scene.decided(first, Verdict.REJECT, "不符合")
    assert accounts(scene) == before
    done = send_another(scene.clerk, fresh(made), substitute=scene.teacher(), reason="另派")
    (successor,) = approve(scene, done.substitute)
    assert (accounts(scene), successor.training_class) == (before, only)


def test_a_seat_given_up_is_free_once(scene: Scene) -> None:
    open_class(scene)
    (made,) = enrolled(scene)
    first = replaced(scene, made).substitute
    scene.decided(first, Verdict.REJECT, "不符合")
    give_up_seat(scene.clerk, fresh(made), reason="无人可派")
    assert accounts(scene) == ((3, 0, 0), 0)
    with pytest.raises(RuleBroken, match="没有待补派"):
        give_up_seat(scene.clerk, fresh(made), reason="无人可派")
    assert accounts(scene) == ((3, 0, 0), 0)


def test_a_returned_substitute_is_corrected_after_the_nomination_window(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = enrolled(scene)
    first = replaced(scene, made).substitute
    returned = scene.decided(first, Verdict.RETURN, "请核对")
    set_clock(monkeypatch, moment(11, 5))
    assert resubmit_substitute(scene.clerk, returned, note="已核对").state == NominationState.SUBMITTED
    (successor,) = approve(scene, again(first))
    assert successor.teacher == first.teacher


def test_a_substitute_is_replaced_in_turn(scene: Scene) -> None:
    open_class(scene)
    (made,) = enrolled(scene)
    before = accounts(scene)
    (second,) = approve(scene, replaced(scene, made).substitute)
    (third,) = approve(scene, replaced(scene, second).substitute)
    assert accounts(scene) == before
    assert third.training_class is not None
    assert Enrollment.objects.standing().count() == 1
