"""A base's classes and timetables: who, until when, and what is wrong with them."""

from datetime import date
from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, OutsidePhase, RuleBroken
from portal.messages.models import Message
from programs.models import ClassState, TrainingClass
from programs.services import classes
from tests.factories import BaseFactory, BureauFactory
from tests.programs.world import CLASS_VALUES, World, lesson, make_class, make_draft, moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


def acts(world: World, made: TrainingClass) -> dict[str, Any]:
    """Everything that CQ20-3.1 gives a day to be done by."""
    admin = world.base_admin
    return {
        "create": lambda: classes.create_class(admin, world.project("P2"), values=dict(CLASS_VALUES)),
        "update": lambda: classes.update_class(admin, made, version=made.version, values={"place": "新校区"}),
        "timetable": lambda: classes.set_timetable(admin, made, lessons=[lesson(topic="新课")]),
        "publish": lambda: classes.publish_class(admin, made),
        "withdraw": lambda: classes.withdraw_class(admin, made, reason="调整"),
    }


@pytest.mark.clause("CQ20-3.1")
@pytest.mark.parametrize("act", ["create", "update", "timetable", "publish", "withdraw"])
def test_after_26_october_the_clock_refuses_what_the_day_before_was_done(
    world: World, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_class(world)
    if act == "withdraw":
        classes.publish_class(world.base_admin, made)
    set_clock(monkeypatch, moment(10, 27, 0, 0))
    with pytest.raises(OutsidePhase, match="已于2020年10月26日23时59分截止") as refused:
        acts(world, made)[act]()
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-3.1"
    set_clock(monkeypatch, moment(10, 26, 23, 59))
    acts(world, made)[act]()


@pytest.mark.clause("CQ20-3.1")
def test_published_classes_are_seen_by_those_who_send_people_and_drafts_are_not(world: World) -> None:
    made, clerk = make_class(world), world.actor(Role.BUREAU_CLERK, world.bureau())
    for actor, sees in ((clerk, 0), (world.manager, 1), (world.base_admin, 1)):
        assert TrainingClass.objects.visible_to(actor).count() == sees
    classes.publish_class(world.base_admin, made)
    made.refresh_from_db()
    assert (made.state, made.published_at) == (ClassState.PUBLISHED, moment(10, 24))
    assert TrainingClass.objects.visible_to(clerk).get() == made


@pytest.mark.clause("CQ20-3.1")
def test_a_class_without_timetable_is_not_published(world: World) -> None:
    made = classes.create_class(world.base_admin, world.project("P1"), values=dict(CLASS_VALUES))
    with pytest.raises(RuleBroken, match="还没有课程表"):
        classes.publish_class(world.base_admin, made)
    assert TrainingClass.objects.get().state == ClassState.DRAFT


def test_the_second_who_publishes_is_told(world: World) -> None:
    made = make_class(world)
    stale = TrainingClass.objects.get(pk=made.pk)
    classes.publish_class(world.base_admin, made)
    with pytest.raises(Conflict):
        classes.publish_class(world.base_admin, stale)


def test_classes_of_one_project_are_counted(world: World) -> None:
    assert [make_class(world).number for _each in range(2)] == [1, 2]
    with pytest.raises(Invalid, match="第2期已存在"):
        make_class(world, number=2)


def test_a_class_ends_after_it_starts(world: World) -> None:
    with pytest.raises(Invalid, match="不能早于开班日期"):
        make_class(world, ends_on=date(2020, 11, 8))
    made = make_class(world)
    with pytest.raises(Invalid, match="不能早于开班日期"):
        classes.update_class(
            world.base_admin, made, version=made.version, values={"starts_on": date(2021, 1, 1)}
        )


def test_a_project_without_base_has_no_classes(world: World) -> None:
    project = world.project("P1")
    project.base = None
    with pytest.raises(NotAllowed):
        classes.create_class(world.base_admin, project, values=dict(CLASS_VALUES))


def test_a_published_class_is_withdrawn_before_it_is_changed(world: World) -> None:
    reviewer, made = world.actor(Role.OFFICE_REVIEWER), make_class(world, published=True)
    for act in (
        lambda: classes.update_class(world.base_admin, made, version=made.version, values={"place": "x"}),
        lambda: classes.set_timetable(world.base_admin, made, lessons=[]),
    ):
        with pytest.raises(RuleBroken, match="请先撤回"):
            act()
    with pytest.raises(Invalid, match="撤回理由"):
        classes.withdraw_class(world.base_admin, made, reason=" ")
    classes.withdraw_class(world.base_admin, made, reason="场地变更")
    told = Message.objects.get(recipient=reviewer.user, title__contains="已撤回编班")
    assert told.body == "场地变更"
    fresh = TrainingClass.objects.get()
    assert (fresh.state, fresh.published_at) == (ClassState.DRAFT, None)


def test_a_class_with_trainees_is_not_withdrawn(world: World) -> None:
    made = make_class(world, published=True)
    TrainingClass.objects.filter(pk=made.pk).update(taken=2)
    made.refresh_from_db()
    with pytest.raises(RuleBroken, match="已有2名学员"):
        classes.withdraw_class(world.base_admin, made, reason="场地变更")


def test_of_two_who_change_a_class_the_second_is_told(world: World) -> None:
    made = make_class(world)
    classes.update_class(world.base_admin, made, version=1, values={"place": "新校区"})
    with pytest.raises(Conflict, match="修改班级"):
        classes.update_class(world.base_admin, made, version=1, values={"place": "旧校区"})


@pytest.mark.parametrize(
    ("lessons", "words"),
    [
        ([lesson(8)], ["“课程开发”不在班期2020-11-09至2020-11-18之内"]),
        ([lesson(19)], ["不在班期"]),
        ([lesson(9, 12, 12)], ["结束时间不晚于开始时间"]),
        ([lesson(topic="甲"), lesson(start=11, end=14, topic="乙")], ["“乙”与“甲”时间重叠"]),
        (
            [
                lesson(9, 9, 17, "甲"),
                lesson(9, 10, 11, "乙"),
                lesson(9, 12, 13, "丙"),
                lesson(9, 17, 18, "丁"),
            ],
            ["“乙”与“甲”时间重叠", "“丙”与“甲”时间重叠"],
        ),
    ],
    ids=["before", "after", "backwards", "overlap", "one over many"],
)
@pytest.mark.clause("CQ20-3.1")
def test_a_timetable_names_each_lesson_that_does_not_fit(
    world: World, lessons: list[dict[str, Any]], words: list[str]
) -> None:
    made = make_class(world)
    complaints = [text for _index, text in classes.timetable_complaints(made, lessons)]
    assert len(complaints) == len(words)
    for expected, found in zip(words, complaints, strict=True):
        assert expected in found
    with pytest.raises(RuleBroken, match="；".join(complaints)):
        classes.set_timetable(world.base_admin, made, lessons=lessons)
    assert [each.topic for each in made.lessons.all()] == ["课程开发"], "the old one stays whole"


def test_a_timetable_is_replaced_whole(world: World) -> None:
    made = make_class(world)
    classes.set_timetable(world.base_admin, made, lessons=[lesson(topic="甲"), lesson(10, topic="乙")])
    assert [each.topic for each in made.lessons.all()] == ["甲", "乙"]


def test_others_publish_nothing_for_a_base(world: World) -> None:
    made = make_class(world)
    neighbour = world.actor(Role.BASE_ADMIN, BaseFactory(parent=world.city))
    clerk = world.actor(Role.BUREAU_CLERK, BureauFactory(parent=world.city))
    for actor in (neighbour, clerk, world.manager, world.actor(Role.CLASS_TEACHER)):
        with pytest.raises(NotAllowed):
            classes.publish_class(actor, made)
        with pytest.raises(NotAllowed):
            classes.create_class(actor, world.project("P1"), values=dict(CLASS_VALUES))


def test_nothing_is_entered_before_the_programme_is_published(db: None) -> None:
    from programs.services import projects
    from tests.programs.world import SYSTEM, project_row

    world = make_draft()
    projects.import_projects(SYSTEM, world.program, rows=[project_row(world, "P1")])
    with pytest.raises(OutsidePhase, match="尚未发布"):
        classes.create_class(world.base_admin, world.project("P1"), values=dict(CLASS_VALUES))


def test_the_class_teacher_is_one_of_the_base_s(world: World) -> None:
    made, teacher = make_class(world), world.actor(Role.CLASS_TEACHER)
    classes.assign_class_teacher(world.base_admin, made, user=teacher.user)
    assert TrainingClass.objects.get().class_teacher == teacher.user
    with pytest.raises(Invalid, match="不是本基地的班主任"):
        classes.assign_class_teacher(world.base_admin, made, user=world.manager.user)
    classes.assign_class_teacher(world.base_admin, made, user=None)
    assert TrainingClass.objects.get().class_teacher is None


@pytest.mark.clause("CQ20-3.1")
def test_the_office_reminds_the_base_that_owes_classes(world: World) -> None:
    from programs import queries

    admin = world.base_admin
    make_class(world, published=True)
    owing = list(queries.without_published_class(world.program))
    assert [each.code for each in owing] == ["P2"]
    assert classes.remind_base(world.manager, owing[0]) == 1
    assert Message.objects.filter(recipient=admin.user, title__contains="P2").exists()
    with pytest.raises(NotAllowed):
        classes.remind_base(admin, owing[0])
