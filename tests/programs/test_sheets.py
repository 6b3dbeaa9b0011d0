"""Annex 1, annex 2 and timetables as workbooks, out and in."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.services.running import preview_batch
from portal.sheets.services.uploading import upload
from programs import sheets
from programs.models import Audience, Project
from programs.services import projects
from tests.imports import book, said, shown, taken
from tests.programs.world import SYSTEM, World, as_actor, make_class, project_row

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]
ANNEX_2 = [
    "项目编号",
    "项目类别",
    "项目名称",
    "培训天数",
    "学时",
    "人数",
    "承担单位",
    "学段",
    "名额由基地另行通知",
]
TIMETABLE = ["开始时间", "结束时间", "专题", "培训地点", "培训方式", "专家姓名", "职称", "工作单位", "省份"]
LECTURER = ["教学楼", "专题讲座", "示例", "教授", "示例大学", "重庆"]


def bring(actor: Actor, kind: str, data: bytes, **params: str) -> ImportBatch:
    file = SimpleUploadedFile("表格.xlsx", data)
    batch = upload(actor, None, kind=kind, file=file, params=params)
    preview_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


def rows_of(answer: Any) -> list[tuple[Any, ...]]:
    made = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return [row for row in made.active.values if any(row)]


@pytest.mark.clause("CQ20-A1")
def test_annex_1_lists_published_classes_with_time_place_contact_and_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_class(world, published=True)
    make_class(world, world.project("P2"), name="未发布班")
    monkeypatch.setattr(sheets, "class_codes", [lambda actor, keys: dict.fromkeys(keys, "7K3M")])
    rows = rows_of(as_actor(world.manager).get(reverse("programs:annex1", args=[world.program.pk])))
    head = next(index for index, row in enumerate(rows) if row[0] == "序号")
    assert "附件1" in str(rows[: head + 1])
    assert rows[head][:11] == tuple(str(column.title) for column in sheets.ANNEX_1.columns)
    assert rows[head + 1 :] == [
        (
            *(1, "P1", world.project("P1").category.name, made.name, world.base.name, 10),
            *("2020-11-09 — 2020-11-18", "10/60", "演示校区", "7K3M", "演示联系人 023-10000000"),
        )
    ]


@pytest.mark.clause("CQ20-A2")
def test_annex_2_comes_back_as_it_was_exported(draft: World) -> None:
    rows = [project_row(draft, f"P{index}", index) for index in range(12)]
    rows[1][1].update(stages=["secondary"], school_kinds=["school"], posts=["校长"], max_age=50)
    rows[2][0].update(open_quota=True, base=None)
    projects.import_projects(SYSTEM, draft.program, rows=rows)
    before = description(draft)
    with sheets.export_annex_2(draft.program, draft.manager)[0] as file:
        data = file.read()
    Project.objects.exclude(code="P1").delete()
    Project.objects.update(seats=1, base=None)
    Audience.objects.update(stages=[], school_kinds=[], posts=[], max_age=None, text="")
    batch = bring(draft.manager, "programs.projects", data, program=str(draft.program.pk))
    assert (batch.ready, batch.error) == (12, 0), said(batch)
    taken(draft.manager, batch)
    assert description(draft) == before


def description(world: World) -> list[dict[str, Any]]:
    fields = [*projects.FIELDS, *(f"audience__{name}" for name in projects.AUDIENCE_FIELDS)]
    return list(world.program.projects.order_by("code").values(*fields))


@pytest.mark.clause("CQ20-A2")
def test_rows_of_annex_2_that_do_not_fit_are_named(draft: World) -> None:
    category = draft.program.categories.first().name
    data = book(
        ANNEX_2,
        ["P1", category, "项目一", 10, 60, 50, draft.base.name, "中职", "否"],
        ["P2", "无此类别", "项目二", 10, 60, 50, draft.base.name, "中职", "否"],
        ["P3", category, "项目三", 10, 60, 50, "无此基地", "中职", "是"],
        ["P1", category, "项目一", 10, 60, 50, draft.base.name, "中职", "否"],
        ["P5", category, "项目五", 0, 60, "很多", draft.base.name, "小学", "否"],
    )
    batch = bring(draft.manager, "programs.projects", data, program=str(draft.program.pk))
    words = said(batch)
    assert "没有这一类别" in words[3]
    assert "没有名为“无此基地”的培训基地" in words[4]
    assert "重复" in words[5]
    assert 6 in words
    assert [each.number for each in shown(batch, Outcome.READY)] == [2]


def test_annex_2_is_imported_by_the_office_into_a_draft_it_sees(draft: World) -> None:
    data = book(ANNEX_2)
    with pytest.raises(Invalid, match="从计划页面进入"):
        bring(draft.manager, "programs.projects", data, program="0")
    with pytest.raises(NotAllowed):
        bring(draft.actor(Role.OFFICE_REVIEWER), "programs.projects", data, program=str(draft.program.pk))


@pytest.mark.clause("CQ20-3.1")
def test_a_timetable_is_imported_and_what_does_not_fit_is_named(world: World) -> None:
    made = make_class(world)
    params = {"class": str(made.pk)}
    data = book(
        TIMETABLE,
        ["2020-11-10 09:00", "2020-11-10 17:00", "甲", *LECTURER],
        ["2020-11-10 10:00", "2020-11-10 11:00", "乙", *LECTURER],
        ["2020-11-10 13:00", "2020-11-10 14:00", "丙", *LECTURER],
        ["2020-12-01 09:00", "2020-12-01 12:00", "丁", *LECTURER],
        ["2020-11-11 09:00", "2020-11-11 12:00", "戊", *LECTURER],
    )
    batch = bring(world.base_admin, "programs.timetable", data, **params)
    words = said(batch)
    assert ("重叠" in words[3], "重叠" in words[4], "不在班期" in words[5]) == (True, True, True)
    taken(world.base_admin, batch)
    assert [each.topic for each in made.lessons.all()] == ["甲", "戊"]


def test_a_timetable_is_imported_by_the_class_s_own_base(world: World) -> None:
    made = make_class(world, published=True)
    with pytest.raises(NotAllowed):
        bring(
            world.actor(Role.BUREAU_CLERK, world.bureau()),
            "programs.timetable",
            book(TIMETABLE),
            **{"class": str(made.pk)},
        )
    with pytest.raises(Invalid, match="从班级页面进入"):
        bring(world.base_admin, "programs.timetable", book(TIMETABLE), **{"class": "0"})


def test_a_class_s_lessons_are_written_in_local_time(world: World) -> None:
    (row,) = sheets.lessons_for_sheet(make_class(world))
    assert (row["starts_at"].hour, row["topic"]) == (9, "课程开发")
