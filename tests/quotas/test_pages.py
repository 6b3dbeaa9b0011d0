"""The pages of quotas: what they do, whom they refuse, what they cost."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.organizations.models import Organization
from portal.ui import registry
from quotas.models import QuotaCell, QuotaTable, TableKind
from quotas.services import splitting
from tests.factories import BaseFactory, make_actor
from tests.programs.world import World, as_actor, make_world
from tests.quotas.support import issue, plan, quota_of, table_of

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


@pytest.fixture
def bare_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the programme switcher, so that the count is that of these pages."""
    monkeypatch.setattr(registry.programs, "_providers", [])


@pytest.fixture
def manager(world: World) -> Client:
    return as_actor(world.manager)


@pytest.fixture
def bureau(world: World) -> Organization:
    return world.bureau(schools=2)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_office_draws_up_and_issues_a_table(world: World, manager: Client, bureau: Organization) -> None:
    p1 = world.project("P1")
    tables = reverse("quotas:tables", args=[world.program.pk])
    assert "开始编制" in text(manager.get(tables))
    opened = manager.post(reverse("quotas:open_table", args=[world.program.pk, "districts"]))
    table = QuotaTable.objects.get()
    url = reverse("quotas:table", args=[table.pk])
    assert opened["Location"] == url
    cell = f"seats-{bureau.pk}-{p1.pk}"
    assert f'name="{cell}"' in text(manager.get(url))
    saved = manager.post(url, {"version": 1, cell: "4"})
    assert (saved.status_code, QuotaCell.objects.get().seats) == (302, 4)
    issuing = reverse("quotas:issue", args=[table.pk])
    assert "以下 1 项" in text(manager.get(issuing))
    assert manager.post(issuing, {"version": 2})["Location"] == url
    assert quota_of(bureau, p1).received == 4
    assert "没有需要下达的变动" in text(manager.get(issuing))
    assert "打开" in text(manager.get(tables))


def test_a_refused_save_keeps_what_was_typed_and_marks_the_cells(
    world: World, manager: Client, bureau: Organization
) -> None:
    p1, p2 = world.project("P1"), world.project("P2")
    table = plan(world, {(bureau, p1): 4})
    url = reverse("quotas:table", args=[table.pk])
    typed = {
        "version": table.version,
        f"seats-{bureau.pk}-{p1.pk}": "三",
        f"seats-{bureau.pk}-{p2.pk}": "5",
    }
    refused = manager.post(url, typed)
    assert refused.status_code == 422
    shown = text(refused)
    assert "“三”不是有效的名额" in shown
    assert 'value="三"' in shown
    assert shown.count('aria-invalid="true"') == 1
    assert 'value="5"' in shown
    assert QuotaCell.objects.get().seats == 4


@pytest.mark.parametrize("version", ["1", "", "x", "9" * 40])
def test_a_stale_or_broken_version_is_a_conflict(
    world: World, manager: Client, bureau: Organization, version: str
) -> None:
    table = plan(world, {(bureau, world.project("P1")): 4})
    answer = manager.post(reverse("quotas:table", args=[table.pk]), {"version": version})
    assert answer.status_code == 422
    assert "请刷新后重新操作" in text(answer)
    issuing = manager.post(reverse("quotas:issue", args=[table.pk]), {"version": version})
    assert "请刷新后重新操作" in text(issuing)


@pytest.mark.parametrize("name", ["seats-1", "seats-x-1", "seats-1-", "seats-99999999999999999999-1"])
def test_names_that_are_no_cells_change_nothing(world: World, manager: Client, name: str) -> None:
    table = table_of(world)
    manager.post(reverse("quotas:table", args=[table.pk]), {"version": 1, name: "1"})
    assert not QuotaCell.objects.exists()


def test_a_cell_of_an_unknown_organisation_is_refused(world: World, manager: Client) -> None:
    name = f"seats-{10**15}-{world.project('P1').pk}"
    answer = manager.post(reverse("quotas:table", args=[table_of(world).pk]), {"version": 1, name: "1"})
    assert (answer.status_code, "不属于本表" in text(answer)) == (422, True)


@pytest.mark.clause("CQ20-A3")
def test_the_grid_and_the_workbook_show_both_margins(
    world: World, manager: Client, bureau: Organization
) -> None:
    p1, p2, other = world.project("P1"), world.project("P2"), world.bureau()
    table = plan(world, {(bureau, p1): 4, (bureau, p2): 3, (other, p1): 2})
    shown = text(manager.get(reverse("quotas:table", args=[table.pk])))
    for total in (7, 2, 6, 3, 9):
        assert f">{total}</td>" in shown
    answer = manager.get(reverse("quotas:export", args=[table.pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = [row for row in book.active.values if row[0]]
    head = next(index for index, row in enumerate(rows) if row[0] == "单位")
    assert rows[head] == ("单位", "P1", "P2", "合计")
    assert {row[0]: row[1:] for row in rows[head + 1 :]} == {
        bureau.name: (4, 3, 7),
        other.name: (2, None, 2),
        "合计": (6, 3, 9),
    }
    assert "附件3-1" in answer["Content-Disposition"] or "filename*" in answer["Content-Disposition"]


def test_a_bureau_shares_its_seats_on_one_page(world: World, bureau: Organization) -> None:
    p1 = world.project("P1")
    issue(world, {(bureau, p1): 5})
    quota, client = quota_of(bureau, p1), as_actor(world.actor(Role.BUREAU_CLERK, bureau))
    record = reverse("quotas:quota", args=[quota.pk])
    assert "分配到学校" in text(client.get(record))
    url = reverse("quotas:split", args=[quota.pk])
    assert "共 5 个" in text(client.get(url))
    first, second = bureau.children.order_by("path")
    refused = client.post(url, {f"seats-{first.pk}": "4", f"seats-{second.pk}": "2"})
    assert (refused.status_code, "名额不足" in text(refused)) == (422, True)
    assert client.post(url, {f"seats-{first.pk}": "4", f"seats-{second.pk}": ""})["Location"] == record
    assert quota_of(first, p1).received == 4
    shown = text(client.get(record))
    assert "学校名额" in shown
    assert "分配" in shown
    move = reverse("quotas:transfer", args=[quota_of(first, p1).pk])
    wish = {"target": second.pk, "seats": 9, "reason": "调剂"}
    assert client.get(move).status_code == 200
    assert client.post(move, wish).status_code == 422
    assert client.post(move, wish | {"seats": 1}).status_code == 302
    assert quota_of(second, p1).received == 1


@pytest.mark.clause("CQ20-2.4")
def test_a_base_notifies_the_seats_of_its_open_project() -> None:
    world = make_world(open_codes=("P2",))
    bureau, p2, client = world.bureau(), world.project("P2"), as_actor(world.base_admin)
    url = reverse("quotas:notify", args=[p2.pk])
    assert url in text(client.get("/")), "it waits on the desk"
    assert url in text(client.get(reverse("programs:project", args=[p2.pk])))
    assert bureau.label in text(client.get(url))
    assert client.post(url, {f"seats-{bureau.pk}": "11"}).status_code == 422
    assert client.post(url, {f"seats-{bureau.pk}": "10"}).status_code == 302
    assert quota_of(bureau, p2).received == 10
    assert url not in text(client.get("/"))
    assert client.get(reverse("quotas:notify", args=[world.project("P1").pk])).status_code == 404


def test_what_waits_stands_on_the_desk(world: World, bureau: Organization) -> None:
    assert "名额分配表待编制" in text(as_actor(world.manager).get("/"))
    issue(world, {(bureau, world.project("P1")): 5})
    desk = text(as_actor(world.actor(Role.BUREAU_CLERK, bureau)).get("/"))
    assert "1个项目的名额待分配" in desk
    assert "剩余名额" in desk


def addresses(world: World, bureau: Organization) -> dict[str, str]:
    issue(world, {(bureau, world.project("P1")): 5})
    quota = quota_of(bureau, world.project("P1"))
    draft = table_of(world, TableKind.COLLEGES)
    return {
        "table": reverse("quotas:table", args=[draft.pk]),
        "issue": reverse("quotas:issue", args=[draft.pk]),
        "export": reverse("quotas:export", args=[draft.pk]),
        "quota": reverse("quotas:quota", args=[quota.pk]),
        "split": reverse("quotas:split", args=[quota.pk]),
        "transfer": reverse("quotas:transfer", args=[quota.pk]),
        "tables": reverse("quotas:tables", args=[world.program.pk]),
    }


def test_nobody_signed_in_is_led_to_sign_in(world: World, bureau: Organization) -> None:
    for url in [*addresses(world, bureau).values(), reverse("quotas:list")]:
        assert Client().get(url)["Location"].startswith("/account/login/?next="), url


def test_another_authority_finds_nothing(world: World, bureau: Organization) -> None:
    client = as_actor(make_actor(Role.PROGRAM_MANAGER))
    for url in addresses(world, bureau).values():
        assert (client.get(url).status_code, client.post(url).status_code) in [(404, 404), (404, 405)], url


@pytest.mark.parametrize("role", [Role.BUREAU_CLERK, Role.COLLEGE_ADMIN, Role.BASE_ADMIN, Role.TRAINEE])
def test_neighbours_find_neither_drafts_nor_each_other_s_quotas(
    world: World, bureau: Organization, role: Role
) -> None:
    urls = addresses(world, bureau)
    where = {
        Role.BUREAU_CLERK: world.bureau,
        Role.COLLEGE_ADMIN: world.college,
        Role.TRAINEE: bureau.children.first,
        Role.BASE_ADMIN: lambda: BaseFactory(parent=world.city),
    }
    client = as_actor(world.actor(role, where[role]()))
    for name in ("table", "issue", "export", "quota", "split", "transfer"):
        assert client.get(urls[name]).status_code == 404, name
        assert client.post(urls[name]).status_code in {404, 405}, name


def test_an_issued_table_is_read_by_all_and_edited_by_none_but_the_office(
    world: World, bureau: Organization
) -> None:
    table = issue(world, {(bureau, world.project("P1")): 5})
    client = as_actor(world.actor(Role.BUREAU_CLERK, bureau))
    url = reverse("quotas:table", args=[table.pk])
    shown = text(client.get(url))
    assert ">5</td>" in shown
    assert "grid-cell" not in shown
    refused = client.post(url, {"version": table.version})
    assert (refused.status_code, QuotaCell.objects.get().seats) == (422, 5)


@pytest.mark.usefixtures("bare_frame")
def test_pages_cost_the_same_for_one_row_and_for_three(world: World, manager: Client) -> None:
    p1 = world.project("P1")
    bureaus = [world.bureau(schools=1)]
    table = issue(world, {(bureaus[0], p1): 1})
    clerk = world.actor(Role.BUREAU_CLERK, bureaus[0])
    splitting.split(clerk, quota_of(bureaus[0], p1), seats={bureaus[0].children.get().pk: 1})
    urls = {
        "table": reverse("quotas:table", args=[table.pk]),
        "issue": reverse("quotas:issue", args=[table.pk]),
        "list": reverse("quotas:list"),
        "quota": reverse("quotas:quota", args=[quota_of(bureaus[0], p1).pk]),
    }
    for _rows in (1, 3):
        assert {name: queries_of(manager, url) for name, url in urls.items()} == QUERIES
        bureaus += [world.bureau(schools=1), world.bureau(schools=1)]
        issue(world, {(each, p1): 1 for each in bureaus})


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


QUERIES = {"table": 11, "issue": 6, "list": 5, "quota": 7}
