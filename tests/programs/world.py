"""A programme of CQ20 with few projects, its office, bases, bureaus, schools and colleges; and a clock to set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage
from portal.rulebook.models import Rulebook
from portal.rulebook.services.loading import load_notice
from programs.models import LessonMode, Program, Project, TrainingClass
from programs.services import classes, programs, projects
from tests.factories import (
    BaseFactory,
    BureauFactory,
    CollegeFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    make_actor,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
SYSTEM = Actor.system("test")
BACKEND = "django.contrib.auth.backends.ModelBackend"
BOTH = [Stage.SECONDARY_VOCATIONAL.value, Stage.HIGHER_VOCATIONAL.value]


def moment(month: int, day: int, hour: int = 12, minute: int = 0, *, year: int = 2020) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


DAY_AFTER_THE_NOTICE = moment(10, 24)


def set_clock(monkeypatch: pytest.MonkeyPatch, when: datetime) -> None:
    """Make `when` the business time of what follows."""
    monkeypatch.setattr(clock, "now", lambda: when)


@contextmanager
def clock_at(when: datetime) -> Iterator[None]:
    """Make `when` the business time inside the block: for what a module's tests share."""
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, when)
        yield


@dataclass
class World:
    city: Organization
    office: Organization
    base: Organization
    program: Program
    actors: dict[Any, Actor] = field(default_factory=dict)

    def actor(self, role: Role, organization: Organization | None = None) -> Actor:
        """Someone in `role`: of the office, the base or the organisation named. The same person each time."""
        where = organization or (self.base if role in (Role.BASE_ADMIN, Role.CLASS_TEACHER) else self.office)
        if (role, where.pk) not in self.actors:
            self.actors[role, where.pk] = make_actor(role, where)
        return self.actors[role, where.pk]

    @property
    def manager(self) -> Actor:
        return self.actor(Role.PROGRAM_MANAGER)

    @property
    def base_admin(self) -> Actor:
        return self.actor(Role.BASE_ADMIN)

    def bureau(self, schools: int = 0) -> Organization:
        made = BureauFactory(parent=self.city)
        SchoolFactory.create_batch(schools, parent=made)
        return made

    def college(self) -> Organization:
        return CollegeFactory(parent=self.city)

    def project(self, code: str) -> Project:
        """Read anew, as a page would."""
        rows = Project.objects.select_related("program__rulebook", "program__office", "base", "audience")
        return rows.get(program=self.program, code=code)


def make_draft() -> World:
    """CQ20 loaded, without projects."""
    city = OrganizationFactory()
    office = ProjectOfficeFactory(parent=city)
    base = BaseFactory(parent=city, contact_name="演示联系人", contact_phone="023-10000000")
    program = load_notice(SYSTEM, None, code="CQ20").rulebook.program
    return World(city, office, base, program)


def make_world(count: int = 2, *, seats: int = 10, open_codes: tuple[str, ...] = ()) -> World:
    """A published programme with `count` projects P1, P2, … of `seats` seats each, for schools and colleges."""
    world = make_draft()
    rows = [project_row(world, f"P{index + 1}", index) for index in range(count)]
    for values, _audience in rows:
        values.update(seats=seats, open_quota=values["code"] in open_codes)
    projects.import_projects(SYSTEM, world.program, rows=rows)
    publish_without_checks(world.program)
    return world


def project_row(
    world: World, code: str, index: int = 0, **changes: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and audience of a project, as the services take them."""
    categories = list(world.program.categories.all())
    values = {
        "category": categories[index % len(categories)],
        "code": code,
        "name": f"演示项目{code}",
        "goal": "目标",
        "content": "内容",
        "mode": "集中面授",
        "days": 10,
        "hours": 60,
        "seats": 10,
        "base": world.base,
        "open_quota": False,
        "note": "",
    }
    audience = {
        "stages": list(BOTH),
        "school_kinds": [Kind.SCHOOL.value, Kind.COLLEGE.value],
        "subjects": ["会计"],
        "min_title_level": "",
        "min_years": 3,
        "max_age": None,
        "posts": [],
        "double_qualified": False,
        "text": "中高职会计教师",
    }
    return values | changes, audience


CLOSING_RULES = (
    "assessment.inspection_coverage",
    "assessment.results_published",
    "finance.accounts_settled",
    "programs.deliverables_accepted",
)


def without_visits(program: Program) -> None:
    """Let the programme end though nothing was inspected or settled: what the notice asks of that is tested by itself."""
    program.rulebook.rules.filter(kind__in=CLOSING_RULES).delete()


def publish_without_checks(program: Program) -> None:
    """Publish though the notice's 66 projects are not there: what the notice asks is tested by itself."""
    book: Rulebook = program.rulebook
    book.facts = book.facts | {"projects": program.projects.count()}
    book.save(update_fields=["facts"])
    used = program.projects.values("category")
    program.categories.exclude(pk__in=used).delete()
    programs.publish_program(SYSTEM, program)


CLASS_VALUES: dict[str, Any] = {
    "name": "演示班",
    "starts_on": date(2020, 11, 9),
    "ends_on": date(2020, 11, 18),
    "place": "演示校区",
    "capacity": 10,
    "contact_name": "演示联系人",
    "contact_phone": "023-10000000",
}


def lesson(day: int = 9, start: int = 9, end: int = 12, topic: str = "课程开发") -> dict[str, Any]:
    return {
        "starts_at": moment(11, day, start),
        "ends_at": moment(11, day, end),
        "topic": topic,
        "place": "教学楼",
        "mode": LessonMode.LECTURE.value,
        "lecturer_name": "示例",
        "lecturer_title": "教授",
        "lecturer_unit": "示例大学",
        "lecturer_province": "重庆",
    }


def make_class(
    world: World, project: Project | None = None, *, published: bool = False, **values: Any
) -> TrainingClass:
    """A class of the base's first project with one lesson."""
    made = classes.create_class(
        world.base_admin, project or world.project("P1"), values={**CLASS_VALUES, **values}
    )
    classes.set_timetable(world.base_admin, made, lessons=[lesson()])
    if published:
        classes.publish_class(world.base_admin, made)
    return TrainingClass.objects.select_related("project__program__rulebook", "base").get(pk=made.pk)


def as_actor(actor: Actor) -> Client:
    client = Client()
    assert actor.user
    client.force_login(actor.user, backend=BACKEND)
    return client
