"""Annex 4: drawn up, refused without a stamped scan that opens, submitted once, taken back; exported masked."""

from io import BytesIO
from typing import IO

import openpyxl
import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment.models import NominationSheet, NominationState, SheetState
from enrollment.scans import check_scan
from enrollment.services.exporting import export_nominations, export_nominations_full
from enrollment.services.sheets import open_scan, submit_sheet, withdraw_sheet
from portal.errors import Conflict, FileRefused, Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.operations.models import AuditEntry
from portal.rulebook.models import Rule
from tests.enrollment.support import SEATS, Scene, again, pdf, picture, review_of
from tests.programs.world import as_actor, moment, set_clock
from tests.quotas.support import balances

pytestmark = pytest.mark.django_db


@pytest.mark.clause("CQ20-6.2")
def test_a_sheet_is_submitted_with_its_stamped_scan_only(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    with pytest.raises(RuleBroken, match="未附盖章扫描件") as refused:
        submit_sheet(scene.clerk, sheet)
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-6.2"
    done = submit_sheet(scene.clerk, sheet, scan=pdf())
    assert (done.state, done.scan_name, len(done.scan_sha256)) == (SheetState.SUBMITTED, "盖章扫描件.pdf", 64)
    (person,) = done.nominations.all()
    assert person.state == NominationState.SUBMITTED
    assert review_of(person).reviewer == scene.world.office


@pytest.mark.parametrize("said", ["warn", "nothing"])
def test_whether_a_scan_is_needed_is_what_the_notice_says(scene: Scene, said: str) -> None:
    rules, page = Rule.objects.filter(kind="enrollment.stamped_scan"), as_actor(scene.clerk)
    sheet = scene.sheet(scene.teacher())
    url = reverse("enrollment:sheet", args=[sheet.pk])
    assert "上传扫描件并报送" in page.get(url).content.decode()
    rules.update(severity="warn") if said == "warn" else rules.delete()
    assert "通知不要求扫描件" in page.get(url).content.decode()
    done = submit_sheet(scene.clerk, sheet)
    assert (done.state, str(done.scan), done.scan_required) == (SheetState.SUBMITTED, "", False)
    with_scan = submit_sheet(scene.clerk, scene.sheet(scene.teacher()), scan=pdf())
    assert with_scan.scan_name == "盖章扫描件.pdf"


def test_the_page_of_a_sheet_costs_the_same_for_one_and_for_two(scene: Scene) -> None:
    page, costs = as_actor(scene.clerk), []
    sheets = [scene.sheet(scene.teacher()), scene.sheet(scene.teacher(), scene.teacher())]
    page.get(reverse("enrollment:sheet", args=[sheets[0].pk]))
    for sheet in sheets:
        with CaptureQueriesContext(connection) as queries:
            shown = page.get(reverse("enrollment:sheet", args=[sheet.pk])).content.decode()
        assert all(each.teacher.name in shown for each in sheet.nominations.all())
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_database_keeps_no_submitted_sheet_without_the_scan_it_needed(scene: Scene) -> None:
    done = submit_sheet(scene.clerk, scene.sheet(scene.teacher()), scan=pdf())
    assert done.scan_required
    with (
        pytest.raises(IntegrityError, match="sheet_submitted_with_scan_where_required"),
        transaction.atomic(),
    ):
        NominationSheet.objects.filter(pk=done.pk).update(scan="")


def test_the_scan_rests_under_a_name_that_cannot_be_guessed(scene: Scene) -> None:
    done = submit_sheet(scene.clerk, scene.sheet(scene.teacher()), scan=pdf(name="../../万州\x00.exe"))
    assert done.scan_name == "万州.pdf"
    assert "万州" not in str(done.scan)
    assert str(done.scan).startswith("scans/")
    with open_scan(scene.reviewer, done) as file:
        assert file.read(5) == b"%PDF-"
    assert AuditEntry.objects.filter(operation="enrollment.open_scan").count() == 1


@pytest.mark.parametrize("name", ["盖章.png", "盖章.pdf"])
def test_pictures_are_taken_by_what_they_are(name: str) -> None:
    assert check_scan(picture("PNG", name)).name == "盖章.png"
    assert check_scan(picture("JPEG", name)).path.endswith(".jpg")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("a.pdf", b""), "file_empty"),
        (SimpleUploadedFile("a.pdf", b"MZ\x90\x00 not a scan"), "file_kind"),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7\nbroken"), "file_damaged"),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken"), "file_damaged"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0broken"), "file_damaged"),
        (pdf(password="secret"), "file_password"),
        (pdf(pages=0), "file_pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_scan_is_refused_saying_what_to_do(file: SimpleUploadedFile, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        check_scan(file)
    assert refused.value.code == code


def test_a_scan_of_30_megabytes_is_refused_by_its_size() -> None:
    with pytest.raises(FileRefused, match="30MB，超过20MB"):
        check_scan(SimpleUploadedFile("a.pdf", b"%PDF-" + bytes(30 * 1024 * 1024 - 5)))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 500)
    with pytest.raises(FileRefused) as refused:
        check_scan(picture())
    assert refused.value.code == "file_pixels"


def test_a_refused_scan_changes_nothing(scene: Scene, settings: LazySettings) -> None:
    sheet = scene.sheet(scene.teacher())
    with pytest.raises(FileRefused):
        submit_sheet(scene.clerk, sheet, scan=SimpleUploadedFile("a.pdf", b"text"))
    sheet.refresh_from_db()
    assert (sheet.state, sheet.scan_name) == (SheetState.DRAFT, "")


def test_a_sheet_is_submitted_once(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    stale = type(sheet).objects.select_related("organization", "program__rulebook").get(pk=sheet.pk)
    submit_sheet(scene.clerk, sheet, scan=pdf())
    with pytest.raises((Conflict, RuleBroken)):
        submit_sheet(scene.clerk, stale, scan=pdf())
    with pytest.raises(WrongState):
        submit_sheet(scene.clerk, sheet, scan=pdf())


def test_an_unsent_sheet_is_given_up_and_its_seats_are_free(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher(), scene.teacher())
    assert balances(scene.quota()) == (SEATS, 0, 2)
    with pytest.raises(Invalid):
        withdraw_sheet(scene.clerk, sheet, reason="")
    withdraw_sheet(scene.clerk, sheet, reason="填错项目")
    assert balances(scene.quota()) == (SEATS, 0, 0)
    assert {each.state for each in sheet.nominations.all()} == {NominationState.WITHDRAWN}
    with pytest.raises(WrongState):
        withdraw_sheet(scene.clerk, sheet, reason="再来")


def test_a_sent_sheet_is_not_withdrawn_as_a_whole(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    submit_sheet(scene.clerk, sheet, scan=pdf())
    with pytest.raises(WrongState, match="已报送"):
        withdraw_sheet(scene.clerk, sheet, reason="填错")


@pytest.mark.clause("CQ20-3.2")
def test_a_sheet_that_is_late_is_refused_by_the_clock(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = scene.sheet(scene.teacher())
    set_clock(monkeypatch, moment(11, 1, 0, 0))
    with pytest.raises(OutsidePhase):
        submit_sheet(scene.clerk, sheet, scan=pdf())


def test_only_its_own_organisation_submits_a_sheet(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    for stranger in (scene.college_admin, scene.school_admin, scene.reviewer):
        with pytest.raises(NotAllowed):
            submit_sheet(stranger, sheet, scan=pdf())
    with pytest.raises(NotAllowed):
        open_scan(scene.college_admin, sheet)


@pytest.mark.clause("CQ20-A4")
def test_annex_4_goes_out_masked_and_in_full_only_with_a_reason(scene: Scene) -> None:
    teacher = scene.teacher()
    sheet = scene.sheet(teacher)
    rows = sheet.nominations.all()
    text = cells(export_nominations(scene.clerk, None, nominations=rows))
    assert teacher.id_number not in text
    assert {"项目编号", "身份证号", "任教专业", "P1", teacher.name, teacher.school.name} <= set(text)
    values = (scene.bureau.label, scene.project.name, "会计", scene.world.base.name)
    assert text[text.index("P1") - 1 : text.index("P1") + 4] == [values[0], "P1", *values[1:]]
    for line in ("填报单位（盖章）", "填报人", "联系电话", "填报日期"):
        assert any(line in each for each in text)
    with pytest.raises(Invalid):
        export_nominations_full(scene.clerk, None, nominations=rows, reason=" ")
    text = cells(export_nominations_full(scene.clerk, None, nominations=rows, reason="打印盖章"))
    assert teacher.id_number in text
    assert any("用途：打印盖章" in each for each in text)


@pytest.mark.clause("CQ20-A4")
def test_annex_4_has_what_the_office_asks_of_each_person(scene: Scene) -> None:
    text = cells(
        export_nominations(scene.clerk, None, nominations=scene.sheet(scene.teacher()).nominations.all())
    )
    first = text.index("序号")
    assert text[first : first + len(ASKED)] == ASKED


# Domain facts §2.1, with what the recommendation form needs besides.
ASKED = [
    *(
        "序号",
        "区县/高职院校",
        "项目编号",
        "项目名称",
        "培训专业",
        "承担单位",
        "姓名",
        "性别",
        "民族",
        "出生年月",
    ),
    *(
        "身份证号",
        "工作单位",
        "学校类别",
        "任教专业",
        "专业技术职务",
        "行政职务",
        "学历",
        "学位",
        "毕业院校",
        "所学专业",
    ),
    *("政治面貌", "是否双师型", "从教起始时间", "手机", "邮箱", "是否已在全国教师管理信息系统", "备注"),
]


def cells(file: IO[bytes]) -> list[str]:
    """The texts of a workbook, which is closed."""
    with file:
        found = openpyxl.load_workbook(BytesIO(file.read())).active
    return [str(cell.value) for row in found.iter_rows() for cell in row if cell.value]


def test_an_export_holds_nobody_whom_the_actor_does_not_see(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    file = export_nominations(scene.college_admin, None, nominations=sheet.nominations.all())
    assert AuditEntry.objects.get(operation="enrollment.export").after["count"] == 0
    file.close()


def test_the_sheet_s_people_are_what_was_chosen(scene: Scene) -> None:
    teacher = scene.teacher()
    (made,) = scene.sheet(teacher).nominations.all()
    assert (again(made).teacher, made.state) == (teacher, NominationState.DRAFT)
