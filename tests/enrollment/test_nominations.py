"""Putting people forward: whose seats, which way, what is refused and in which words."""

from datetime import date
from typing import Any

import pytest

from enrollment.models import Ban, Nomination, NominationState
from enrollment.services.nominations import nominate, resubmit, withdraw
from portal.errors import DomainError, Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.people.codes import TitleLevel
from portal.reviews.models import ReviewState, Verdict
from portal.reviews.services import decide
from programs.models import Audience, Level
from quotas.services.splitting import split
from tests.enrollment.support import SEATS, Scene, again, review_of
from tests.programs.world import make_class, moment, set_clock
from tests.quotas.support import assert_sound, balances

pytestmark = pytest.mark.django_db


def audience(scene: Scene, **conditions: Any) -> None:
    Audience.objects.filter(project=scene.project).update(**conditions)


@pytest.mark.clause("CQ20-3.2")
def test_a_school_s_people_go_to_the_bureau_and_then_to_the_office(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    assert (made.state, review_of(made).reviewer) == (NominationState.AT_BUREAU, scene.bureau)
    decide(scene.approver, review_of(made), verdict=Verdict.APPROVE)
    assert (again(made).state, review_of(made).reviewer) == (NominationState.SUBMITTED, scene.world.office)


@pytest.mark.clause("CQ20-2.2")
def test_a_school_without_seats_of_its_own_fills_its_bureau_s(scene: Scene) -> None:
    scene.by_school(scene.teacher())
    assert balances(scene.quota()) == (SEATS, 0, 1)
    assert_sound()


@pytest.mark.clause("CQ20-2.2")
def test_a_school_that_was_given_seats_fills_those(scene: Scene) -> None:
    split(scene.clerk, scene.quota(), seats={scene.school.pk: 1})
    (made,) = scene.by_school(scene.teacher())
    assert made.quota == scene.quota(scene.school)
    assert balances(scene.quota(scene.school)) == (1, 0, 1)
    with pytest.raises(RuleBroken, match="剩余名额0个"):
        scene.by_school(scene.teacher())


@pytest.mark.clause("CQ20-2.3")
def test_nobody_puts_forward_more_people_than_seats(scene: Scene) -> None:
    people = [scene.teacher() for _each in range(SEATS + 1)]
    with pytest.raises(RuleBroken, match="第4人"):
        scene.by_school(*people)
    assert not Nomination.objects.exists()
    assert len(scene.by_school(*people[:SEATS])) == SEATS
    assert_sound()


def test_an_organisation_without_a_quota_of_the_project_is_told(scene: Scene) -> None:
    bureau = scene.world.bureau(1)
    teacher = scene.teacher(school=bureau.children.get())
    admin = scene.world.actor(scene.school_admin.role, teacher.school)
    with pytest.raises(RuleBroken, match="没有项目P1的名额"):
        nominate(admin, scene.standing(teacher.school), proposals=scene.proposals(teacher))


@pytest.mark.clause("CQ20-6.1")
@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"min_title_level": TitleLevel.ASSOCIATE}, "职称为讲师（中级），要求副高级及以上"),
        ({"subjects": ["护理", "学前教育"]}, "任教专业为会计，要求护理或学前教育"),
        ({"stages": ["higher"]}, "任教学段为中职，要求高职"),
        ({"school_kinds": ["college"]}, "工作单位类别为"),
        ({"min_years": 20}, "教龄12年，要求满20年"),
        ({"max_age": 35}, "要求不超过35岁"),
        ({"posts": ["校长"]}, "行政职务为无，要求校长"),
    ],
)
def test_each_unmet_condition_of_the_audience_is_said_in_words_with_the_clause(
    scene: Scene, conditions: dict[str, Any], words: str
) -> None:
    audience(scene, **conditions)
    with pytest.raises(RuleBroken, match=words) as refused:
        scene.by_school(scene.teacher())
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-6.1"


@pytest.mark.clause("CQ20-6.1")
def test_a_project_for_the_double_qualified_refuses_others(scene: Scene) -> None:
    audience(scene, double_qualified=True)
    with pytest.raises(RuleBroken, match="不是双师型教师"):
        scene.by_school(scene.teacher(double_qualified=False))


@pytest.mark.clause("CQ20-6.2")
def test_an_incomplete_record_is_refused_naming_what_is_missing(scene: Scene) -> None:
    with pytest.raises(RuleBroken, match="个人信息缺少：手机"):
        scene.by_school(scene.teacher(phone=""))


@pytest.mark.clause("CQ20-6.1")
def test_a_banned_teacher_is_refused_until_the_ban_ends(scene: Scene) -> None:
    teacher = scene.teacher()
    Ban.objects.create(
        teacher=teacher,
        levels=[Level.NATIONAL],
        from_day=date(2019, 1, 1),
        until_day=date(2020, 12, 31),
        reason="无故缺席",
    )
    with pytest.raises(RuleBroken, match="禁训期内（至2020-12-31）：无故缺席"):
        scene.by_school(teacher)
    Ban.objects.update(until_day=date(2020, 10, 23))
    assert scene.by_school(teacher)


def test_a_person_is_put_forward_once_for_a_project(scene: Scene) -> None:
    teacher = scene.teacher()
    scene.by_school(teacher)
    with pytest.raises(RuleBroken, match=f"已由{scene.school.name}推荐"):
        scene.submitted(teacher)
    twice = scene.teacher()
    with pytest.raises(RuleBroken, match="同一项目重复出现"):
        scene.submitted(twice, twice)


def test_a_person_cannot_be_in_two_classes_at_once(scene: Scene) -> None:
    for code in ("P1", "P2"):
        make_class(scene.world, scene.world.project(code), published=True, name=f"{code}班")
    teacher = scene.teacher()
    scene.submitted(teacher)
    with pytest.raises(RuleBroken, match="P1班时间冲突"):
        scene.submitted(teacher, project=scene.world.project("P2"))


def test_two_rows_of_one_sheet_for_classes_at_the_same_time_are_refused(scene: Scene) -> None:
    for code in ("P1", "P2"):
        make_class(scene.world, scene.world.project(code), published=True, name=f"{code}班")
    teacher, second = scene.teacher(), scene.world.project("P2")
    proposals = [*scene.proposals(teacher), *scene.proposals(teacher, project=second)]
    with pytest.raises(RuleBroken, match="P1班时间冲突"):
        nominate(scene.school_admin, scene.standing(scene.school), proposals=proposals)


def test_others_teachers_cannot_be_put_forward(scene: Scene) -> None:
    stranger = scene.teacher(school=scene.other_school)
    with pytest.raises(RuleBroken, match="不属于"):
        scene.by_school(stranger)
    with pytest.raises(NotAllowed):
        nominate(scene.school_admin, scene.standing(scene.other_school), proposals=scene.proposals(stranger))


@pytest.mark.clause("CQ20-6.2")
def test_a_bureau_s_people_come_with_a_stamped_sheet_only(scene: Scene) -> None:
    with pytest.raises(RuleBroken, match="未附盖章扫描件") as refused:
        nominate(scene.clerk, scene.standing(scene.bureau), proposals=scene.proposals(scene.teacher()))
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-6.2"


@pytest.mark.clause("CQ20-3.2")
def test_after_the_deadline_the_clock_itself_refuses(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = scene.teacher()
    set_clock(monkeypatch, moment(10, 31, 23, 59))
    (made,) = scene.by_school(teacher)
    set_clock(monkeypatch, moment(11, 1, 0, 0))
    with pytest.raises(OutsidePhase):
        scene.by_school(scene.teacher())
    with pytest.raises(OutsidePhase):
        withdraw(scene.school_admin, made, reason="误报")


def test_what_is_taken_back_gives_its_seat_back_and_ends_the_review(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    with pytest.raises(Invalid):
        withdraw(scene.school_admin, again(made), reason=" ")
    withdraw(scene.school_admin, again(made), reason="本人放弃")
    assert again(made).state == NominationState.WITHDRAWN
    assert review_of(made).state == ReviewState.WITHDRAWN
    assert balances(scene.quota()) == (SEATS, 0, 0)
    assert scene.by_school(made.teacher)


def test_only_who_put_a_person_forward_takes_them_back(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    with pytest.raises(NotAllowed):
        withdraw(scene.clerk, again(made), reason="误报")


def test_an_approved_person_is_replaced_not_withdrawn(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    approved = scene.decided(made, Verdict.APPROVE)
    with pytest.raises(RuleBroken, match="更换学员"):
        withdraw(scene.clerk, approved, reason="不来了")


def test_a_returned_person_keeps_the_seat_and_is_judged_anew(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    returned = scene.decided(made, Verdict.RETURN, "职称与证书不一致")
    assert (returned.state, returned.opinion) == (NominationState.RETURNED, "职称与证书不一致")
    assert balances(scene.quota()) == (SEATS, 0, 1)
    audience(scene, min_title_level=TitleLevel.ASSOCIATE)
    with pytest.raises(RuleBroken, match="要求副高级及以上"):
        resubmit(scene.clerk, again(made))
    teacher = made.teacher
    teacher.title, teacher.title_level = "高级讲师", TitleLevel.ASSOCIATE
    teacher.save()
    done = resubmit(scene.clerk, again(made), note="已更正职称")
    assert (done.state, done.note, done.verdict) == (NominationState.SUBMITTED, "已更正职称", "pass")
    assert review_of(made).state == ReviewState.OPEN
    with pytest.raises(RuleBroken, match="只有被退回"):
        resubmit(scene.clerk, again(made))


def test_a_full_quota_does_not_stop_its_returned_people(scene: Scene) -> None:
    made = scene.submitted(*(scene.teacher() for _each in range(SEATS)))
    scene.decided(made[0], Verdict.RETURN, "请核对")
    assert resubmit(scene.clerk, again(made[0])).state == NominationState.SUBMITTED
    assert balances(scene.quota()) == (SEATS, 0, SEATS)


def test_the_findings_are_kept_with_their_clauses(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    found = {each["rule"]: each for each in again(made).findings}
    assert found["enrollment.audience"]["verdict"] == "pass"
    assert found["enrollment.audience"]["citation"]["clause"] == "CQ20-6.1"


def test_a_refusal_changes_nothing(scene: Scene) -> None:
    with pytest.raises(DomainError):
        scene.by_school(scene.teacher(), scene.teacher(phone=""))
    assert not Nomination.objects.exists()
    assert balances(scene.quota()) == (SEATS, 0, 0)


def test_an_old_page_is_told_that_the_state_moved(scene: Scene) -> None:
    (made,) = scene.by_school(scene.teacher())
    stale = again(made)
    withdraw(scene.school_admin, again(made), reason="误报")
    with pytest.raises((WrongState, DomainError), match="刚被他人处理"):
        withdraw(scene.school_admin, stale, reason="误报")
