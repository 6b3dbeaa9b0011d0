"""CQ20 from the published notice to the confirmed trainee and the substitute, through the services alone."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import LazySettings

from enrollment.models import Enrollment, NominationState
from enrollment.services.nominations import nominate
from enrollment.services.replacement import replace
from enrollment.services.sheets import draft_sheet, submit_sheet
from portal.accounts.roles import Role
from portal.errors import DomainError, NotAllowed, OutsidePhase, RuleBroken
from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide
from programs.models import TrainingClass
from quotas.services.splitting import split
from tests.enrollment.course import (
    approve,
    base_confirms,
    enrolled,
    fresh,
    office_confirms,
    open_class,
    registered,
    state_of,
)
from tests.enrollment.support import SEATS, Scene, again, make_scene, pdf, review_of
from tests.factories import make_actor
from tests.programs.world import DAY_AFTER_THE_NOTICE, clock_at, moment, set_clock
from tests.quotas.support import assert_sound, balances

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> None:
    set_clock(monkeypatch, DAY_AFTER_THE_NOTICE)
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(scope="module")
def shared_scene(shared_database: None) -> Scene:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_scene()


@pytest.fixture
def scene(db: None, shared_scene: Scene) -> Scene:
    """The notice loaded by its service, projects published, both quota tables issued."""
    return deepcopy(shared_scene)


def holders(scene: Scene) -> Callable[[], list[tuple[int, int, int]]]:
    return lambda: [balances(scene.quota(each)) for each in (scene.bureau, scene.school)]


@pytest.mark.clause("CQ20-2.2")
@pytest.mark.clause("CQ20-3.3")
@pytest.mark.clause("CQ20-3.4")
def test_a_teacher_s_way_from_the_seat_to_the_substitute(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    training_class = open_class(scene)
    split(scene.clerk, scene.quota(), seats={scene.school.pk: 1})
    (made,) = scene.by_school(scene.teacher())
    decide(scene.approver, review_of(made), verdict=Verdict.APPROVE)
    (person,) = approve(scene, made)
    registered(person)
    set_clock(monkeypatch, moment(10, 30))
    assert (base_confirms(scene, person), office_confirms(scene, person)) == (1, 1)
    assert state_of(person) == "confirmed"
    before = holders(scene)()
    assert before == [(SEATS, 1, 0), (1, 0, 1)]
    done = replace(scene.school_admin, fresh(person), substitute=scene.teacher(), reason="借调外地")
    assert done.substitute.state == NominationState.AT_BUREAU
    decide(scene.approver, review_of(done.substitute), verdict=Verdict.APPROVE)
    (successor,) = approve(scene, done.substitute)
    assert (holders(scene)(), successor.training_class) == (before, training_class)
    assert TrainingClass.objects.get(pk=training_class.pk).taken == 1
    assert_sound()


@pytest.mark.clause("CQ20-2.2")
def test_schools_nominate_from_what_their_bureau_gave_them_and_the_bureau_approves_first(
    scene: Scene,
) -> None:
    split(scene.clerk, scene.quota(), seats={scene.school.pk: 2})
    made = scene.by_school(scene.teacher(), scene.teacher())
    assert {(each.quota.organization, each.state) for each in made} == {(scene.school, "at_bureau")}
    with pytest.raises(RuleBroken, match="剩余名额0个"):
        scene.by_school(scene.teacher())
    with pytest.raises(DomainError):
        decide(scene.reviewer, review_of(made[0]), verdict=Verdict.APPROVE)
    decide(scene.approver, review_of(made[0]), verdict=Verdict.APPROVE)
    assert again(made[0]).state == NominationState.SUBMITTED
    assert not Enrollment.objects.exists()
    decide(scene.reviewer, review_of(made[0]), verdict=Verdict.APPROVE)
    assert Enrollment.objects.get().nomination == made[0]


@pytest.mark.clause("CQ20-2.2")
def test_a_bureau_gives_its_own_seats_and_no_more(scene: Scene) -> None:
    with pytest.raises(RuleBroken):
        split(scene.clerk, scene.quota(), seats={scene.school.pk: SEATS + 1})
    with pytest.raises(NotAllowed):
        split(make_actor(Role.BUREAU_CLERK), scene.quota(), seats={scene.school.pk: 1})
    assert balances(scene.quota()) == (SEATS, 0, 0)


@pytest.mark.clause("CQ20-2.3")
def test_a_college_nominates_its_own_people_directly_to_the_office(scene: Scene) -> None:
    people = [scene.teacher(scene.college) for _each in range(SEATS)]
    sheet = draft_sheet(
        scene.college_admin, scene.standing(scene.college), proposals=scene.proposals(*people)
    )
    submit_sheet(scene.college_admin, sheet, scan=pdf())
    made = list(sheet.nominations.order_by("pk"))
    assert {each.state for each in made} == {NominationState.SUBMITTED}
    assert {each.reviewer for each in Review.objects.all()} == {scene.world.office}
    assert balances(scene.quota(scene.college)) == (SEATS, 0, SEATS)
    assert [each.teacher for each in approve(scene, *made)] == people


@pytest.mark.clause("CQ20-2.3")
@pytest.mark.parametrize("where", ["school", "elsewhere"])
def test_a_college_nominates_nobody_else_s_people(scene: Scene, where: str) -> None:
    stranger = scene.teacher(scene.school if where == "school" else scene.world.college())
    with pytest.raises(RuleBroken, match="只能推荐本单位"):
        draft_sheet(scene.college_admin, scene.standing(scene.college), proposals=scene.proposals(stranger))


@pytest.mark.clause("CQ20-3.2")
def test_nothing_is_sent_or_decided_after_31_october(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [scene.teacher() for _each in range(3)]
    set_clock(monkeypatch, moment(10, 31, 23, 59))
    on_time, waiting = scene.by_school(people[0])[0], scene.submitted(people[1])[0]
    decide(scene.approver, review_of(on_time), verdict=Verdict.APPROVE)
    set_clock(monkeypatch, moment(11, 1, 0))
    with pytest.raises(OutsidePhase):
        nominate(scene.school_admin, scene.standing(scene.school), proposals=scene.proposals(people[2]))
    with pytest.raises(OutsidePhase):
        decide(scene.reviewer, review_of(waiting), verdict=Verdict.APPROVE)
    assert not Enrollment.objects.exists()


@pytest.mark.clause("CQ20-3.3")
def test_base_and_office_both_confirm_within_the_window(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = enrolled(scene)
    registered(person)
    set_clock(monkeypatch, moment(11, 1, 0))
    with pytest.raises(OutsidePhase):
        base_confirms(scene, person)
    set_clock(monkeypatch, moment(10, 31))
    assert base_confirms(scene, person) == 1
    assert state_of(person) == "base_confirmed"
    assert office_confirms(scene, person) == 1


@pytest.mark.clause("CQ20-6.1")
def test_people_fit_the_audience_and_the_quota_or_nobody_of_the_sheet_is_taken(scene: Scene) -> None:
    def sheet(*people: Teacher, of: Organization = scene.bureau) -> None:
        draft_sheet(scene.clerk, scene.standing(of), proposals=scene.proposals(*people))

    with pytest.raises(RuleBroken, match="任教专业为护理，要求会计") as refused:
        sheet(scene.teacher(), scene.teacher(subject="护理"))
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-6.1"
    with pytest.raises(RuleBroken, match=f"剩余名额{SEATS}个，本条为第{SEATS + 1}人"):
        sheet(*(scene.teacher() for _each in range(SEATS + 1)))
    assert balances(scene.quota()) == (SEATS, 0, 0)
    sheet(*(scene.teacher() for _each in range(SEATS)))
    assert balances(scene.quota()) == (SEATS, 0, SEATS)
