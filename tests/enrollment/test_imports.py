"""The import of annex 4: each row told by the rules, seats counted over the sound ones, taken in few queries."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from enrollment.imports import KIND
from enrollment.models import Nomination, NominationSheet, NominationState
from enrollment.services.sheets import submit_sheet
from portal.errors import Invalid, NotAllowed, OutsidePhase
from portal.people.models import Teacher
from portal.sheets.imports import find_kind
from portal.sheets.models import BatchState, ImportBatch, Outcome
from portal.sheets.services.running import preview_batch, take_batch
from portal.sheets.services.uploading import upload
from portal.sheets.template import template
from programs.models import Audience
from quotas.models import Quota
from tests.enrollment.support import SEATS, SUBJECT, Scene, make_scene, pdf
from tests.factories import make_id_number, make_phone
from tests.imports import book, said, shown, taken
from tests.programs.world import moment, set_clock
from tests.quotas.support import assert_sound, balances

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]
HEAD = [
    *("序号", "区县/高职院校", "项目编号", "姓名", "性别", "民族", "出生年月", "身份证号", "工作单位"),
    *("学校类别", "任教专业", "专业技术职务", "行政职务", "学历", "学位", "毕业院校", "所学专业"),
    *("政治面貌", "是否双师型", "从教起始时间", "手机", "邮箱", "是否已在全国教师管理信息系统", "备注"),
]


# Beyond the numbers that the factories give.
OFFSET = 900_000


def row(scene: Scene, seed: int, code: str = "P1", **changes: Any) -> list[Any]:
    """A complete row of a person of the bureau's school who has no record yet."""
    values = {
        "项目编号": code,
        "姓名": f"李演示{'甲乙丙丁戊己庚辛壬癸'[seed % 10]}",
        "民族": "汉族",
        "身份证号": make_id_number(OFFSET + seed),
        "工作单位": scene.school.name,
        "任教专业": SUBJECT,
        "专业技术职务": "讲师",
        "学历": "大学本科",
        "学位": "学士",
        "毕业院校": "演示师范大学",
        "所学专业": "会计学",
        "政治面貌": "群众",
        "是否双师型": "是",
        "从教起始时间": "2008-09",
        "手机": make_phone(seed),
        "是否已在全国教师管理信息系统": "是",
    }
    return [{**values, **changes}.get(title, "") for title in HEAD]


def previewed(scene: Scene, *rows: list[Any]) -> ImportBatch:
    """Uploaded by the bureau's clerk for the programme, and judged."""
    params = {"program": str(scene.project.program.pk)}
    file = SimpleUploadedFile("附件4.xlsx", book(HEAD, *rows))
    batch = upload(scene.clerk, None, kind=KIND, file=file, params=params)
    preview_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


@pytest.mark.clause("CQ20-A4", "CQ20-6.2")
def test_a_filled_annex_becomes_a_sheet_that_waits_for_its_scan(scene: Scene) -> None:
    known = scene.teacher(name="王演示", post="教研组长")
    ready = row(scene, 2, 姓名="王演示", 身份证号=known.id_number)
    batch = previewed(scene, row(scene, 1), ready)
    assert (batch.ready, batch.conflict, batch.error) == (2, 0, 0), said(batch)
    assert not Nomination.objects.exists()
    batch = taken(scene.clerk, batch)
    assert (batch.state, batch.receipt["taken"]) == (BatchState.TAKEN, 2)
    sheet = NominationSheet.objects.select_related("organization", "program__rulebook").get(batch=batch)
    assert batch.receipt["url"] == f"/sheets/{sheet.pk}/"
    assert {each.state for each in sheet.nominations.all()} == {NominationState.DRAFT}
    assert balances(scene.quota()) == (SEATS, 0, 2)
    known.refresh_from_db()
    assert known.post == "教研组长"
    assert Teacher.objects.get(name="李演示乙").school == scene.school
    submit_sheet(scene.clerk, sheet, scan=pdf())
    assert {each.state for each in sheet.nominations.all()} == {NominationState.SUBMITTED}
    assert_sound()


@pytest.mark.clause("CQ20-6.1")
def test_every_row_is_told_what_keeps_it_out_with_the_clause(scene: Scene) -> None:
    Audience.objects.filter(project=scene.project).update(min_title_level="associate")
    stranger = scene.world.bureau(1).children.get()
    nominated = scene.teacher(name="赵演示", title="高级讲师", title_level="associate")
    scene.by_school(nominated)
    batch = previewed(
        scene,
        row(scene, 1, 专业技术职务="高级讲师"),
        row(scene, 2),
        row(scene, 3, "P9", 专业技术职务="高级讲师"),
        row(scene, 4, 专业技术职务="高级讲师", 工作单位=stranger.name),
        row(scene, 5, 姓名="赵演示", 身份证号=nominated.id_number),
        row(scene, 6, 专业技术职务="高级讲师", 手机=""),
        row(scene, 1, 专业技术职务="高级讲师"),
    )
    told = said(batch)
    assert "要求副高级及以上" in told[3]
    assert "没有这个项目编号" in told[4]
    assert "不在您管理的在用学校中" in told[5]
    assert "推荐参加本项目" in told[6]
    assert "个人信息缺少：手机" in told[7]
    assert "重复出现" in told[8]
    assert [each.number for each in shown(batch, Outcome.READY)] == [2]
    (refused,) = [each for each in shown(batch, Outcome.ERROR) if each.number == 3]
    assert refused.findings[0].citation
    assert refused.findings[0].citation.clause == "CQ20-6.1"


@pytest.mark.clause("CQ20-2.3")
def test_seats_go_to_the_sound_rows_in_the_order_of_the_sheet(scene: Scene) -> None:
    rows = [row(scene, 1, 手机=""), *(row(scene, seed) for seed in range(2, 2 + SEATS + 1))]
    batch = previewed(scene, *rows)
    assert (batch.ready, batch.conflict, batch.error) == (SEATS, 1, 1)
    assert "剩余名额3个，本条为第4人" in said(batch)[SEATS + 3]


def test_a_record_is_not_overruled_by_the_sheet_but_the_difference_is_said(scene: Scene) -> None:
    known = scene.teacher(name="王演示", title="讲师")
    batch = previewed(scene, row(scene, 2, 姓名="王演示", 身份证号=known.id_number, 专业技术职务="高级讲师"))
    assert "专业技术职务" in said(batch)[2]
    taken(scene.clerk, batch)
    known.refresh_from_db()
    assert known.title == "讲师"


def test_seats_taken_between_preview_and_taking_refuse_the_whole(scene: Scene) -> None:
    batch = previewed(scene, *(row(scene, seed) for seed in range(1, 1 + SEATS)))
    scene.by_school(scene.teacher())
    batch = taken(scene.clerk, batch)
    assert batch.state == BatchState.PREVIEWED
    assert Nomination.objects.count() == 1
    assert not NominationSheet.objects.exists()
    assert_sound()


def test_a_record_that_moved_between_preview_and_taking_refuses_the_whole(scene: Scene) -> None:
    known = scene.teacher(name="王演示")
    batch = previewed(scene, row(scene, 2, 姓名="王演示", 身份证号=known.id_number))
    Teacher.objects.filter(pk=known.pk).update(name="汪演示")
    assert taken(scene.clerk, batch).state == BatchState.PREVIEWED
    assert not NominationSheet.objects.exists()


def test_a_sheet_taken_twice_is_one_sheet(scene: Scene) -> None:
    batch = taken(scene.clerk, previewed(scene, row(scene, 1)))
    take_batch(batch.pk, scene.clerk)
    assert NominationSheet.objects.count() == Nomination.objects.count() == 1


def test_who_may_not_submit_sheets_now_does_not_upload(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = find_kind(KIND).prepare
    params = {"program": str(scene.project.program.pk)}
    with pytest.raises(NotAllowed):
        prepare(scene.school_admin, params)
    with pytest.raises(Invalid):
        prepare(scene.clerk, {"program": "0"})
    set_clock(monkeypatch, moment(11, 1))
    with pytest.raises(OutsidePhase):
        prepare(scene.clerk, params)


@pytest.mark.clause("CQ20-A4")
def test_the_template_offers_the_projects_the_organisation_has_seats_of(scene: Scene) -> None:
    kind = find_kind(KIND)
    context = kind.prepare(scene.clerk, {"program": str(scene.project.program.pk)})
    assert kind.choices(context)["code"] == ["P1", "P2"]
    Quota.objects.filter(organization=scene.bureau, project__code="P2").update(received=0)
    assert kind.choices(context)["code"] == ["P1"]
    book = load_workbook(BytesIO(template(kind.layout(context), kind.choices(context))))
    words = [str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line if cell.value]
    assert any("填报单位（盖章）" in each for each in words), "where the stamp goes"


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    scene = make_scene(seats=200)
    costs = []
    for first, count in ((1000, 10), (2000, 100)):
        rows = [row(scene, first + index) for index in range(count)]
        with CaptureQueriesContext(connection) as judged:
            batch = previewed(scene, *rows)
        assert batch.ready == count, said(batch)
        with CaptureQueriesContext(connection) as took:
            batch = taken(scene.clerk, batch)
        assert batch.state == BatchState.TAKEN
        costs.append((len(judged), len(took)))
    assert costs[0] == costs[1]
