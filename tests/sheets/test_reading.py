"""What Excel, WPS and people do to a sheet, and is accepted: portal.sheets.reading."""

import datetime
from decimal import Decimal

import pytest

from portal.errors import FileRefused
from portal.rulebook.findings import Citation, Verdict
from portal.sheets.findings import CellFinding, column_letter
from portal.sheets.layout import EXAMPLE_MARK
from portal.sheets.reading import read
from tests.sheets.samples import GOOD, HEADER, TEACHERS, saved, with_sheet_xml, workbook, xlsx

NUMERIC_ID = xlsx(HEADER, ["演示", 500103199001011234, "13800000001"])


def test_title_rows_marks_order_and_aliases_are_accepted() -> None:
    data = xlsx(
        ["重庆市2020年推荐汇总表"],
        [],
        ["填报单位：", None, "演示区教委"],
        ["* 联系 电话", "出生年月\n(如1985-06)", "教师姓名*", "身份证号（必填）", "自己加的列"],
        ["13800000001", "1985年6月", "演 示", "５００１０３１９９００１０１１２３ｘ", "?"],
    )
    reading = read(data, TEACHERS)
    (row,) = reading.rows
    assert row.number == 5
    assert row.values["name"] == "演示"
    assert row.values["id_number"] == "50010319900101123X"
    assert row.values["phone"] == "13800000001"
    assert row.values["born"] == datetime.date(1985, 6, 1)
    assert row.sound
    assert reading.unknown == ["自己加的列"]


def test_numeric_phone_and_code_cells_become_text() -> None:
    (row,) = read(xlsx(HEADER, ["演示", "500103199001011234", 13800000001]), TEACHERS).rows
    assert row.values["phone"] == "13800000001"


def test_a_numeric_id_number_that_lost_digits_is_told_so() -> None:
    (row,) = read(NUMERIC_ID, TEACHERS).rows
    (finding,) = row.findings
    assert "末几位已丢失" in finding.message
    assert (finding.cell, finding.title, finding.blocks) == ("B2", "身份证号", True)
    assert row.values["id_number"] is None


def test_a_numeric_id_number_written_in_full_is_accepted() -> None:
    data = with_sheet_xml(
        xlsx(HEADER, ["演示", 500103199001011234, "13800000001"]),
        "<v>5.0[0-9e+]+</v>",
        "<v>500103199001011234</v>",
    )
    (row,) = read(data, TEACHERS).rows
    assert row.values["id_number"] == "500103199001011234"


def test_a_numeric_id_number_rounded_to_zeros_is_not_believed() -> None:
    data = with_sheet_xml(
        xlsx(HEADER, ["演示", 500103199001011234, "13800000001"]),
        "<v>5.0[0-9e+]+</v>",
        "<v>500103199001011000</v>",
    )
    (row,) = read(data, TEACHERS).rows
    assert "末几位已丢失" in row.findings[0].message


def test_formulas_give_their_result_and_say_when_there_is_none() -> None:
    data = xlsx([*HEADER, "备注", "工作单位"], [*GOOD, "=1+1", "#N/A"], [*GOOD, "=2+2", None])
    data = with_sheet_xml(data, "<f>1\\+1</f><v ?/>", "<f>1+1</f><v>2</v>")
    first, second = read(data, TEACHERS).rows
    assert first.values["note"] == "2"
    assert "#N/A" in first.findings[0].message
    assert "公式没有计算结果" in second.findings[0].message
    assert second.findings[0].cell == "D3"


def test_a_cell_merged_over_rows_belongs_to_each_of_them() -> None:
    book = workbook([["工作单位", *HEADER], ["演示学校", *GOOD], [None, *GOOD], [None, *GOOD]])
    book.active.merge_cells("A2:A3")
    rows = read(saved(book), TEACHERS).rows
    assert [row.values["school"] for row in rows] == ["演示学校", "演示学校", None]


def test_a_header_merged_over_two_rows_is_one_header() -> None:
    book = workbook([HEADER, [None, None, None], GOOD])
    book.active["D2"] = "小标题"
    for column in "ABC":
        book.active.merge_cells(f"{column}1:{column}2")
    reading = read(saved(book), TEACHERS)
    assert [row.number for row in reading.rows] == [3]
    assert reading.skipped == [(2, "重复的表头")]


def test_example_repeated_header_and_closing_lines_are_left_out_and_listed() -> None:
    data = xlsx(
        HEADER,
        [EXAMPLE_MARK + "张三", *GOOD[1:]],
        GOOD,
        HEADER,
        GOOD,
        [],
        ["合计", None, 2],
        ["填报单位（盖章）：演示学校", None, None],
        ["1. 请按要求填写"],
    )
    reading = read(data, TEACHERS)
    assert [row.number for row in reading.rows] == [3, 5]
    assert [number for number, _why in reading.skipped] == [2, 4, 7, 8, 9]


def test_a_row_that_only_looks_like_a_closing_line_is_read() -> None:
    data = xlsx(HEADER, ["负责人", *GOOD[1:]], ["合计", *GOOD[1:]])
    assert [row.values["name"] for row in read(data, TEACHERS).rows] == ["负责人", "合计"]


def test_every_problem_of_every_row_is_told_at_once() -> None:
    data = xlsx(
        [*HEADER, "性别", "金额（元）"],
        ["", "12", "138", "其他", "abc"],
        [None] * 5,
        [*GOOD, "女", "¥1,234.50"],
    )
    bad, good = read(data, TEACHERS).rows
    assert {finding.title for finding in bad.findings} == {"姓名", "身份证号", "手机", "性别", "金额（元）"}
    assert all(finding.row == 2 and finding.sheet == "Sheet1" for finding in bad.findings)
    assert good.values["fee"] == Decimal("1234.50")
    assert good.values["gender"] == "2"
    assert (good.number, good.sound) == (4, True)


def test_controls_are_removed_with_a_warning_and_script_stays_text() -> None:
    data = xlsx([*HEADER, "备注"], ["演_x0001_示<script>", *GOOD[1:], "一\n二"])
    (row,) = read(data, TEACHERS).rows
    assert row.values["name"] == "演示<script>"
    assert row.values["note"] == "一\n二"
    assert [finding.severity for finding in row.findings] == [Verdict.WARN]
    assert row.sound


def test_hidden_sheets_are_ignored_and_the_first_that_fits_is_taken() -> None:
    book = workbook([["填写说明"], ["请填写“名单”"]], title="说明")
    hidden = book.create_sheet("隐藏")
    hidden.append(HEADER)
    hidden.append(["藏", *GOOD[1:]])
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("名单")
    shown.append(HEADER)
    shown.append(GOOD)
    reading = read(saved(book), TEACHERS)
    assert reading.sheet_name == "名单"
    assert [row.values["name"] for row in reading.rows] == ["演示甲"]


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([["姓名", "手机", "性别"], ["甲", "1", "男"]], "file_missing_columns", "“身份证号”"),
        ([[*HEADER, "姓名"], [*GOOD, "乙"]], "file_repeated_column", "A、D"),
        ([HEADER, [None, " ", "\u3000"]], "file_no_rows", "没有数据"),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_by_name(
    rows: list[list[str]], code: str, words: str
) -> None:
    with pytest.raises(FileRefused) as caught:
        read(xlsx(*rows), TEACHERS)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_row_makes_findings_that_survive_json() -> None:
    (row,) = read(xlsx(HEADER, GOOD), TEACHERS).rows
    citation = Citation("渝教师函〔2020〕1号", "CQ20-2.2", "二", "名额")
    finding = row.finding("id_number", "已推荐", citation=citation)
    assert finding.value == GOOD[1]
    assert finding.sensitive
    assert CellFinding.from_json(finding.as_json()) == finding
    whole = row.finding("", "整行重复", severity=Verdict.WARN)
    assert (whole.cell, whole.value, CellFinding.from_json(whole.as_json())) == ("A2", "", whole)
    assert row.raw("born") == ""


def test_column_letters() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
