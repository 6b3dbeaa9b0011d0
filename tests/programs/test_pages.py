"""The pages of programmes, projects and classes: what they do, whom they refuse, what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.ui import registry
from programs.models import ClassState, Program, ProgramState, Project, TrainingClass
from programs.plugs.projects import training_begun
from programs.services import projects
from tests.factories import BaseFactory, make_actor
from tests.programs.world import (
    CLASS_VALUES,
    SYSTEM,
    World,
    as_actor,
    make_class,
    moment,
    project_row,
    publish_without_checks,
)

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def url(name: str, *keys: int) -> str:
    return reverse(f"programs:{name}", args=keys)


def posted(world: World, **changes: Any) -> dict[str, Any]:
    """A project's form as a browser sends it."""
    values, audience = project_row(world, "P1")
    data = {**values, "category": values["category"].pk, "base": world.base.pk, **audience, **changes}
    data["subjects"] = "会计、护理"
    return {name: value for name, value in data.items() if value not in (None, False, [])}


def test_the_office_sets_a_programme_up_and_publishes_it(draft: World) -> None:
    client = as_actor(draft.manager)
    record = url("program", draft.program.pk)
    assert "还没有项目" in text(client.get(record))
    create = url("project_create", draft.program.pk)
    assert client.get(create).status_code == 200
    refused = client.post(create, posted(draft, seats=0))
    assert refused.status_code == 422
    assert 'value="演示项目P1"' in text(refused), "what was typed stays"
    made = client.post(create, posted(draft))
    project = Project.objects.get()
    assert made["Location"] == url("project", project.pk)
    assert project.audience.subjects == ["会计", "护理"]
    assert client.post(create, posted(draft)).status_code == 422
    edit = url("project_edit", project.pk)
    assert client.get(edit).status_code == 200
    assert client.post(edit, posted(draft, name="改名", version=1)).status_code == 302
    assert "请刷新后重新操作" in text(client.post(edit, posted(draft, version=1)))
    client.post(url("publish", draft.program.pk))
    assert Program.objects.get().state == ProgramState.DRAFT, "the notice says 66"
    publish_without_checks(draft.program)
    assert "改名" in text(client.get(url("projects")))
    assert "已发布，不能" in text(client.post(url("project_delete", project.pk), follow=True))


def test_a_draft_s_project_is_deleted_on_its_page(draft: World) -> None:
    projects.import_projects(SYSTEM, draft.program, rows=[project_row(draft, "P1")])
    client = as_actor(draft.manager)
    done = client.post(url("project_delete", draft.project("P1").pk), follow=True)
    assert "已删除项目P1" in text(done)
    assert not Project.objects.exists()


def test_a_base_publishes_withdraws_and_changes_a_class(world: World) -> None:
    client, p1 = as_actor(world.base_admin), world.project("P1")
    teacher = world.actor(Role.CLASS_TEACHER)
    create = url("class_create", p1.pk)
    assert "演示项目P1" in text(client.get(create))
    assert client.post(create, {**CLASS_VALUES, "ends_on": "2020-11-01"}).status_code == 422
    made = client.post(create, CLASS_VALUES)
    found = TrainingClass.objects.get()
    record = url("class", found.pk)
    assert made["Location"] == record
    assert "还没有课程表" in text(client.post(url("class_publish", found.pk), follow=True))
    published = make_class(world)
    record = url("class", published.pk)
    assert "11月9日" in text(client.get(record))
    edit = url("class_edit", published.pk)
    assert client.get(edit).status_code == 200
    assert client.post(edit, {**CLASS_VALUES, "place": "新校区", "version": 1}).status_code == 302
    client.post(url("class_publish", published.pk))
    assert client.post(edit, {**CLASS_VALUES, "version": 2}).status_code == 422
    assert client.get(url("class_withdraw", published.pk)).status_code == 200
    assert client.post(url("class_withdraw", published.pk), {"reason": ""}).status_code == 422
    client.post(url("class_withdraw", published.pk), {"reason": "场地变更"})
    assert TrainingClass.objects.get(pk=published.pk).state == ClassState.DRAFT
    assign = url("class_teacher", published.pk)
    assert teacher.name in text(client.get(assign))
    assert client.post(assign, {"user": teacher.user_id}).status_code == 302
    assert teacher.name in text(client.get(record))


@pytest.mark.clause("CQ20-3.1")
def test_the_office_sees_and_reminds_who_has_not_published(world: World) -> None:
    make_class(world, published=True)
    client, page = as_actor(world.manager), url("unpublished", world.program.pk)
    shown = text(client.get(page))
    assert ("P2" in shown, "P1" in shown, "10月26日" in shown) == (True, False, True)
    assert page in text(client.get("/")), "it waits on the desk"
    assert "已提醒1人" in text(client.post(url("remind", world.program.pk), follow=True))
    assert "1个项目尚未发布编班排课" in text(as_actor(world.base_admin).get("/"))
    make_class(world, world.project("P2"), published=True)
    assert "所有项目都已发布" in text(client.get(page))


def test_the_desk_turns_to_the_training_when_its_window_opens(world: World) -> None:
    manager = world.manager
    assert [training_begun(manager, moment(*day)) for day in ((10, 24), (11, 2))] == [False, True]
    assert training_begun(world.base_admin, moment(11, 2))
    Program.objects.update(state=ProgramState.DRAFT)
    assert not training_begun(manager, moment(11, 2))


def test_search_finds_projects_and_classes_by_code_name_and_initials(world: World) -> None:
    make_class(world, published=True, name="独特班")
    client = as_actor(world.manager)
    assert "演示项目P2" in text(client.get(url("projects"), {"q": "ysxmp2"}))
    assert "演示项目P1" not in text(client.get(url("projects"), {"q": "ysxmp2"}))
    assert "独特班" in text(client.get(url("classes"), {"q": "独特"}))
    assert "独特班" in text(client.get(reverse("ui:search"), {"q": "独特"}))


def test_filters_narrow_the_registers(world: World) -> None:
    make_class(world, published=True)
    client = as_actor(world.manager)
    category = world.project("P1").category_id
    for query, found in (
        ({"unpublished": "true"}, {"P2"}),
        ({"unpublished": "false"}, {"P1"}),
        ({"category": category}, {"P1"}),
        ({"open_quota": "true"}, set()),
    ):
        shown = text(client.get(url("projects"), query))
        assert {code for code in ("P1", "P2") if f"演示项目{code}" in shown} == found, query
    assert "演示班" not in text(client.get(url("classes"), {"state": "draft"}))
    assert "演示班" in text(client.get(url("classes"), {"starts_after": "2020-11-01"}))


def addresses(world: World) -> dict[str, str]:
    """Every page of the app that shows one record."""
    program, p1, made = world.program.pk, world.project("P1").pk, make_class(world).pk
    on_program = ("program", "unpublished", "annex1", "annex2", "project_create", "publish", "remind")
    on_project = ("project", "project_edit", "project_delete", "class_create")
    on_class = ("class", "class_edit", "class_publish", "class_withdraw", "class_teacher")
    keys = {
        **dict.fromkeys(on_program, program),
        **dict.fromkeys(on_project, p1),
        **dict.fromkeys(on_class, made),
    }
    return {name: url(name, key) for name, key in keys.items()}


def test_nobody_signed_in_is_led_to_sign_in(world: World) -> None:
    for page in [*addresses(world).values(), url("list"), url("projects"), url("classes")]:
        assert Client().get(page)["Location"].startswith("/account/login/?next="), page


@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.BASE_ADMIN, Role.BUREAU_CLERK])
def test_another_authority_finds_nothing(world: World, role: Role) -> None:
    client = as_actor(make_actor(role))
    for page in addresses(world).values():
        assert {client.get(page).status_code, client.post(page).status_code} <= {404, 405}, page
    for name in ("list", "projects", "classes"):
        shown = text(client.get(url(name)))
        assert ("演示项目P1" in shown, "演示班" in shown, world.program.name in shown) == (
            False,
            False,
            False,
        )


def test_a_neighbouring_base_neither_finds_the_draft_class_nor_writes(world: World) -> None:
    client = as_actor(world.actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)))
    pages = addresses(world)
    for name in ("class", "class_edit", "class_publish", "class_withdraw", "class_teacher"):
        assert client.post(pages[name]).status_code in {404, 405}, name
    assert client.post(pages["class_create"], CLASS_VALUES).status_code == 422
    assert client.post(pages["project_edit"], posted(world, version=1, reason="x")).status_code == 422
    client.post(pages["remind"])
    assert TrainingClass.objects.count() == 1
    assert world.project("P1").version == 1


@pytest.mark.parametrize("version", ["", "x", "9" * 30])
def test_a_broken_version_is_a_conflict(world: World, version: str) -> None:
    made = make_class(world)
    answer = as_actor(world.base_admin).post(url("class_edit", made.pk), {**CLASS_VALUES, "version": version})
    assert (answer.status_code, "请刷新后重新操作" in text(answer)) == (422, True)


def queries_of(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_lists_and_records_cost_the_same_for_one_row_and_for_three(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.programs, "_providers", [])
    client, p1 = as_actor(world.manager), world.project("P1")
    pages = {
        "list": url("list"),
        "program": url("program", world.program.pk),
        "unpublished": url("unpublished", world.program.pk),
        "projects": url("projects"),
        "project": url("project", p1.pk),
        "classes": url("classes"),
        "class": url("class", make_class(world, published=True).pk),
    }
    for _rows in (1, 3):
        assert {name: queries_of(client, page) for name, page in pages.items()} == QUERIES
        for _each in range(2):
            make_class(world, published=True)
        rows = [project_row(world, f"X{_rows}{index}", index) for index in range(3)]
        Program.objects.update(state=ProgramState.DRAFT)
        projects.import_projects(SYSTEM, Program.objects.get(), rows=rows)
        Program.objects.update(state=ProgramState.PUBLISHED)


QUERIES = {"list": 4, "program": 8, "unpublished": 6, "projects": 7, "project": 8, "classes": 6, "class": 18}
