"""Annex 3-1 and 3-2 come in as workbooks: members and both margins are checked."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed
from portal.organizations.models import Organization
from portal.sheets.export import export
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.services.running import preview_batch
from portal.sheets.services.uploading import upload
from programs.models import Project
from quotas import sheets
from quotas.models import QuotaCell, QuotaTable
from quotas.services import tables
from tests.imports import book, said, shown, taken
from tests.programs.world import World
from tests.quotas.support import plan, table_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-A3")]
HEAD = ["单位", "P1", "P2", "合计"]


@pytest.fixture
def bureaus(world: World) -> list[Organization]:
    return [world.bureau(), world.bureau()]


def bring(world: World, table: QuotaTable, data: bytes, role: Role = Role.PROGRAM_MANAGER) -> ImportBatch:
    where = None if role == Role.PROGRAM_MANAGER else world.bureau()
    batch = upload(
        world.actor(role, where),
        None,
        kind="quotas.table",
        file=SimpleUploadedFile("附件3.xlsx", data),
        params={"table": str(table.pk)},
    )
    preview_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


def cells() -> dict[tuple[str, str], int]:
    return {(each.organization.name, each.project.code): each.seats for each in QuotaCell.objects.all()}


def test_a_table_with_right_margins_is_taken(world: World, bureaus: list[Organization]) -> None:
    first, second = bureaus
    data = book(HEAD, [first.name, 4, None, 4], [second.name, 2, 3, 5], ["合计", 6, 3, 9])
    batch = bring(world, table_of(world), data)
    assert (batch.ready, batch.error) == (3, 0), said(batch)
    taken(world.manager, batch)
    assert cells() == {(first.name, "P1"): 4, (second.name, "P1"): 2, (second.name, "P2"): 3}


def test_what_was_exported_can_be_imported(world: World, bureaus: list[Organization]) -> None:
    p1, p2 = world.project("P1"), world.project("P2")
    table = plan(world, {(bureaus[0], p1): 4, (bureaus[1], p2): 3})
    before = cells()
    with sheets.export_table(table)[0] as file:
        data = file.read()
    tables.edit_cells(world.manager, table, version=2, grid={(bureaus[0].pk, p1.pk): 1})
    taken(world.manager, bring(world, table, data))
    assert cells() == before


def test_margins_and_members_that_do_not_fit_are_named(world: World, bureaus: list[Organization]) -> None:
    first, second = bureaus
    data = book(
        HEAD,
        [first.name, 4, 1, 6],
        ["某某区教委", 1, 1, 2],
        [second.name, 1, 1, 2],
        [second.name, 1, 1, 2],
        ["合计", 7, 5, 12],
    )
    batch = bring(world, table_of(world), data)
    words = said(batch)
    assert "行合计为6，与各格之和5不一致" in words[2]
    assert "“某某区教委”不是本表的单位" in words[3]
    assert "重复出现" in words[5]
    assert "列合计为5，与各行之和4不一致" in words[6]
    assert [each.number for each in shown(batch, Outcome.READY)] == [4]


def test_a_college_is_unknown_in_the_table_of_districts(world: World, bureaus: list[Organization]) -> None:
    college = world.college()
    batch = bring(world, table_of(world), book(HEAD, [college.name, 1, 1, 2]))
    assert "不是本表的单位" in said(batch)[2]


def test_a_preview_that_others_overtook_is_not_taken(world: World, bureaus: list[Organization]) -> None:
    table = table_of(world)
    batch = bring(world, table, book(HEAD, [bureaus[0].name, 4, 1, 5]))
    plan(world, {(bureaus[1], world.project("P1")): 2})
    failed = taken(world.manager, batch)
    assert "编辑名额分配表" in failed.problem
    assert cells() == {(bureaus[1].name, "P1"): 2}


def test_only_the_office_imports_and_only_into_a_table_it_named(world: World) -> None:
    table = table_of(world)
    with pytest.raises((NotAllowed, Invalid)):
        bring(world, table, book(HEAD), Role.BUREAU_CLERK)
    with pytest.raises(Invalid, match="从名额页面进入"):
        bring(world, QuotaTable(pk=0), book(HEAD))


def wide(world: World, count: int) -> Worksheet:
    """The exported table of a programme with `count` projects."""
    names = [
        Project(pk=each, code=f"202001{each:02d}", name="专业带头人领军能力研修")
        for each in range(1, count + 1)
    ]
    layout = sheets.layout(table_of(world), names)
    with export(layout, [{"organization": "甲区", "p1": 3, "total": 3}], title="名额分配表") as file:
        page: Worksheet = load_workbook(file).worksheets[0]
    return page


def test_forty_projects_print_on_one_a3_sheet_with_upright_heads(world: World) -> None:
    page = wide(world, 40)
    setup = page.page_setup
    found = (int(setup.paperSize), setup.orientation, int(setup.fitToWidth or 1), int(setup.fitToHeight))
    assert found == (8, "landscape", 1, 0)
    assert (page["B2"].value, page["B3"].value) == ("专业带头人领军能力研修", "20200101")
    assert {page[cell].alignment.textRotation for cell in ("B2", "B3", "AO3")} == {90}
    assert (page["A3"].value, page["AP3"].value) == ("单位", "合计")
    assert page["A3"].alignment.textRotation == 0
    assert (page.freeze_panes, page.print_title_rows) == ("B4", "$2:$3")


def test_more_projects_go_on_several_sheets_with_the_organisations_on_each(world: World) -> None:
    page = wide(world, 80)
    assert (int(page.page_setup.fitToWidth), page.print_title_cols) == (2, "$A:$A")
    assert page["B1"].value == "名额分配表", "beside what every page repeats"
    assert not page.merged_cells.ranges
