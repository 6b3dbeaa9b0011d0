"""Templates, exports and marked workbooks: opened again and looked at."""

import datetime
import io
import subprocess
import sys
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.errors import Invalid
from portal.rulebook.findings import Citation, Verdict
from portal.sheets import export as export_module
from portal.sheets.child import _places
from portal.sheets.export import export
from portal.sheets.findings import CellFinding
from portal.sheets.identifiers import IdNumber
from portal.sheets.kinds import LongText, Text, YesNo
from portal.sheets.layout import EXAMPLE_MARK, Column, Sheet
from portal.sheets.marking import error_workbook
from portal.sheets.reading import read
from portal.sheets.template import template
from portal.sheets.writing import sheet_name
from tests.sheets.samples import GOOD, HEADER, TEACHERS, saved, workbook, xlsx


def opened(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


def test_a_template_has_marks_hints_lists_text_columns_and_print_set_up() -> None:
    book = opened(template(TEACHERS))
    page = book["教师名单"]
    heads = {cell.value: cell for cell in page[3]}
    assert {"姓名*", "身份证号*", "手机*", "性别"} <= set(heads)
    assert heads["手机*"].comment.text == "11位手机号码"
    assert page.cell(4, 1).value == EXAMPLE_MARK
    assert page.cell(10, 3).number_format == "@"
    assert page.column_dimensions["C"].width >= 20
    (validation,) = page.data_validations.dataValidation
    assert (validation.formula1, str(validation.sqref)) == ('"男,女"', "E4:E5004")
    assert (page.freeze_panes, page.page_setup.paperSize, page.page_setup.orientation) == (
        "A4",
        9,
        "landscape",
    )
    assert page.print_title_rows == "$3:$3"
    assert "必填" in page["A2"].value


def test_a_filled_template_reads_back_without_its_example_and_sign_off() -> None:
    book = opened(template(TEACHERS))
    page = book.active
    page.cell(5, 2, "演示乙")
    page.cell(5, 3, "500103199001011234")
    page.cell(5, 4, "13800000002")
    reading = read(saved(book), TEACHERS)
    assert [row.values["name"] for row in reading.rows] == ["演示乙"]
    assert [why for _number, why in reading.skipped] == ["示例行", "表尾说明"]


def test_long_lists_stand_on_a_hidden_sheet() -> None:
    projects = [f"CQ2020-{number:03} 演示项目，第{number}期" for number in range(1, 67)]
    book = opened(template(TEACHERS, {"school": projects, "note": ["甲,乙", "丙"]}))
    assert book["选项"].sheet_state == "hidden"
    formulas = {validation.formula1 for validation in book["教师名单"].data_validations.dataValidation}
    assert {"选项!$A$1:$A$2", "选项!$B$1:$B$66"} <= formulas
    assert book["选项"]["B66"].value == projects[-1]


def test_a_sheet_of_one_column_without_example_or_sign_off() -> None:
    one = Sheet("one", "一列/[表]", [Column("ok", "同意", YesNo())])
    page = opened(template(one)).active
    assert page.title == "一列表"
    assert page["A4"].value is None
    with export(one, [[True], [False], [None]], title="一列") as file:
        assert opened(file.read()).active["A3"].value == "是"
    assert sheet_name("[]") == "Sheet1"


def exported(rows: Any, **options: Any) -> Any:
    with export(TEACHERS, rows, **options) as file:
        return opened(file.read()).active


def test_an_export_writes_each_kind_as_what_it_is() -> None:
    row = {
        "no": 1,
        "name": "演示",
        "id_number": "500103199001011234",
        "phone": "13800000000",
        "gender": "2",
        "born": datetime.date(1990, 1, 1),
        "fee": Decimal("1234.50"),
        "note": "一\n二",
    }
    page = exported([row], title="演示导出", subtitle="2020年10月24日", sign_off=["填报单位：", "填报人："])
    assert (page["A1"].value, page["A2"].value, page["A3"].value) == ("演示导出", "2020年10月24日", "序号")
    cells = {page.cell(3, column).value: page.cell(4, column) for column in range(1, 11)}
    assert (cells["身份证号"].value, cells["身份证号"].number_format) == ("500103199001011234", "@")
    assert (cells["性别"].value, cells["序号"].value, cells["金额（元）"].value) == ("女", 1, 1234.5)
    assert (cells["出生年月"].value, cells["出生年月"].number_format) == (
        datetime.datetime(1990, 1, 1),
        "yyyy-mm",
    )
    assert cells["工作单位"].value is None
    assert page["A6"].value.startswith("填报单位：")


DANGEROUS = st.sampled_from("=+-@\t\r") | st.sampled_from(
    ["=cmd|' /C calc'!A0", "=HYPERLINK(", "http://x", "{=1}"]
)


@settings(deadline=None, max_examples=60)
@given(st.tuples(DANGEROUS, st.text(max_size=30)).map("".join))
def test_no_exported_text_becomes_a_formula_or_a_link(text: str) -> None:
    sheet = Sheet(
        "x", "x", [Column("a", "a", Text()), Column("b", "b", LongText()), Column("c", "c", IdNumber())]
    )
    with export(sheet, [[text, text, text]]) as file:
        data = file.read()
    xml = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    for cell in opened(data).active[3]:
        if cell.value is not None:
            assert cell.data_type == "s"
            assert cell.quotePrefix or not str(cell.value).startswith(("=", "+", "-", "@"))


def test_an_export_takes_what_a_cell_cannot_hold() -> None:
    sheet = Sheet("x", "x", [Column("a", "a"), Column("b", "b")])
    with export(sheet, [["\x00\x1b\ud800甲", "长" * 40_000]]) as file:
        page = opened(file.read()).active
    assert page["A3"].value == "甲"
    assert len(page["B3"].value) == 32_767


def test_an_export_too_long_for_a_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "MAX_EXPORT_ROWS", 2)
    with pytest.raises(Invalid, match="缩小筛选范围"):
        exported([{"no": number} for number in range(3)])
    target = io.BytesIO()
    assert export(TEACHERS, [{"no": 1}], target=target) is target


def findings() -> list[CellFinding]:
    citation = Citation("渝教师函〔2020〕1号", "CQ20-2.2", "二", "不得超名额")
    return [
        CellFinding("Sheet1", 2, "B", "身份证号", "500103199001011234", "校验码不符", sensitive=True),
        CellFinding("Sheet1", 2, "B", "身份证号", "500103199001011234", "超过名额", citation=citation),
        CellFinding("Sheet1", 3, "C", "手机", "=1+1", "=请核对", severity=Verdict.WARN),
        CellFinding("Sheet1", 4, "", "", "", "与第2行重复"),
        CellFinding("没有的表", 2, "A", "", "", "不在此文件"),
    ]


def test_a_marked_workbook_keeps_the_rows_and_shows_every_problem() -> None:
    source = workbook([HEADER, GOOD, GOOD, [None, None, None, "=1+1"]])
    source.active.merge_cells("A3:A4")
    source.active["B2"].comment = None
    book = opened(error_workbook(saved(source), findings()))
    page = book["Sheet1"]
    assert [cell.value for cell in page[2]][:3] == GOOD
    assert page["D4"].value == "=1+1"
    assert page["B2"].fill.start_color.rgb == "00FFC7CE"
    assert "校验码不符" in page["B2"].comment.text
    assert "依据：渝教师函〔2020〕1号" in page["B2"].comment.text
    assert page["C3"].fill.start_color.rgb == "00FFEB9C"
    assert "与第2行重复" in page["A3"].comment.text
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows(min_row=2)]
    assert len(listed) == 5
    assert listed[0][:6] == ["Sheet1", "2", "B", "身份证号", "500***********1234", "校验码不符"]
    assert book["问题清单"]["E4"].data_type == book["问题清单"]["F4"].data_type == "s"
    assert book["问题清单"]["E4"].quotePrefix


def test_a_marked_workbook_that_comes_back_is_read_and_marked_anew() -> None:
    once = error_workbook(xlsx(HEADER, GOOD), findings()[:1])
    assert [row.values["name"] for row in read(once, TEACHERS).rows] == ["演示甲"]
    note = CellFinding("Sheet1", 2, "A", "姓名", "演示甲", "姓名不符")
    book = opened(error_workbook(once, [note]))
    assert book.sheetnames == ["Sheet1", "问题清单"]
    assert book["Sheet1"]["B2"].comment is None
    assert book["Sheet1"]["B2"].fill.fill_type is None
    assert "姓名不符" in book["Sheet1"]["A2"].comment.text


def test_a_persons_own_comment_is_kept_before_ours() -> None:
    from openpyxl.comments import Comment

    source = workbook([HEADER, GOOD])
    source.active["A2"].comment = Comment("自己的批注", "本人")
    book = opened(error_workbook(saved(source), [CellFinding("Sheet1", 2, "A", "姓名", "", "姓名不符")]))
    assert book["Sheet1"]["A2"].comment.text == "自己的批注\n姓名：姓名不符"


def test_the_child_needs_nothing_of_the_portal() -> None:
    """What meets hostile files imports neither Django nor the portal."""
    code = "import sys; sys.path += sys.argv[1:]; import sandbox.read, sandbox.mark; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", code, *_places()]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "sandbox.read" in loaded
    assert not {"django", "portal", "openpyxl"} & set(loaded)
