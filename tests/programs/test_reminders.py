"""Before classes are due, the bases that owe them are told, once, and nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.messages.models import Message
from portal.rulebook.models import Phase
from portal.rulebook.services import deadlines
from programs.models import ClassState, ProgramState, TrainingClass
from programs.reminders import NAMED, bases_without_published_classes
from tests.factories import BaseFactory, make_actor
from tests.programs.world import World, make_world, moment

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]

NOW = moment(10, 25)


def phase(world: World) -> Phase:
    return world.program.rulebook.phases.get(code="class_publication")


def publish_class(world: World, code: str) -> None:
    project = world.project(code)
    TrainingClass.objects.create(
        project=project,
        base=world.base,
        name=f"{code}班",
        starts_on=date(2020, 11, 2),
        ends_on=date(2020, 11, 12),
        place="演示楼",
        capacity=10,
        contact_name="演示联系人",
        contact_phone="023-10000000",
        state=ClassState.PUBLISHED,
    )


def test_each_owing_base_is_told_of_its_own_projects(world: World) -> None:
    other = BaseFactory(parent=world.city)
    moved = world.project("P2")
    moved.base = other
    moved.save()
    theirs = make_actor(Role.BASE_ADMIN, other)
    make_actor(Role.FINANCE_OFFICER, other)
    found = {
        each.recipients[0]: each
        for each in bases_without_published_classes(phase(world), NOW)
        if len(each.recipients) == 1
    }
    assert not any(world.base.name in str(each.title) for each in found.values())
    assert list(found) == [theirs.user.pk]
    assert "P2" in str(found[theirs.user.pk].body)
    assert "P1" not in str(found[theirs.user.pk].body)


def test_a_base_that_has_published_everything_is_left_alone(world: World) -> None:
    admin = world.base_admin.user.pk
    publish_class(world, "P1")
    [reminder] = bases_without_published_classes(phase(world), NOW)
    assert (list(reminder.recipients), reminder.title) == ([admin], "1个项目尚未发布编班排课")
    publish_class(world, "P2")
    assert list(bases_without_published_classes(phase(world), NOW)) == []


def test_the_sweep_sends_it_once_with_the_deadline(world: World) -> None:
    admin = world.base_admin.user
    window = phase(world)
    assert deadlines.remind(window.pk, NOW) == 1
    assert deadlines.remind(window.pk, NOW) == 0
    message = Message.objects.get(recipient=admin, title__contains="尚未发布编班排课")
    assert message.title.startswith("【10月26日23:59截止，还剩1天】2个项目")
    assert message.url == "/projects/?unpublished=true"


def test_many_projects_are_named_in_part() -> None:
    world = make_world(NAMED + 2)
    make_actor(Role.BASE_ADMIN, world.base)
    [reminder] = bases_without_published_classes(phase(world), NOW)
    assert str(reminder.body).endswith("等12个项目")
    assert str(reminder.body).count("、") == NAMED - 1


def test_a_programme_that_is_over_reminds_nobody(world: World) -> None:
    make_actor(Role.BASE_ADMIN, world.base)
    type(world.program).objects.update(state=ProgramState.CLOSED)
    assert list(bases_without_published_classes(phase(world), NOW)) == []


def test_it_costs_the_same_for_many_bases(world: World, django_assert_num_queries: Any) -> None:
    window = phase(world)
    with django_assert_num_queries(3):
        list(bases_without_published_classes(window, NOW))
    for project in (world.project("P1"), world.project("P2")):
        project.base = BaseFactory(parent=world.city)
        project.save()
        make_actor(Role.BASE_ADMIN, project.base)
    with django_assert_num_queries(3):
        assert len(list(bases_without_published_classes(window, NOW))) == 2
