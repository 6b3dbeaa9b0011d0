"""The child's mains, run in this process where they can be looked into."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from portal.sheets.child import _places
from portal.sheets.intake import raw_sheets
from portal.sheets.sandbox import mark, read
from portal.sheets.sandbox.cells import Oddities, check_extent, column_index, oddities
from portal.sheets.sandbox.refusal import Refused
from portal.sheets.tasks import forget_old_imports
from tests.sheets.samples import GOOD, HEADER, rezipped, saved, with_sheet_xml, workbook, xlsx


class Stream:
    """A standard stream of bytes."""

    def __init__(self, data: bytes = b"") -> None:
        self.buffer = io.BytesIO(data)


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Limits are recorded instead of set: they would bind the tests' own process."""
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr("resource.setrlimit", lambda which, limits: asked.append((which, *limits)))
    return asked


def run_main(monkeypatch: pytest.MonkeyPatch, main: Any, data: bytes, *arguments: str) -> bytes:
    out = Stream()
    monkeypatch.setattr(sys, "stdin", Stream(data))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "argv", ["-c", *arguments])
    main()
    return out.buffer.getvalue()


def test_the_reader_bounds_itself_and_answers_json(
    monkeypatch: pytest.MonkeyPatch, unconfined: list[Any]
) -> None:
    answer = json.loads(run_main(monkeypatch, read.main, xlsx(HEADER, GOOD), "100"))
    assert answer == {"sheets": [{"name": "Sheet1", "rows": [[1, HEADER], [2, GOOD]]}]}
    assert len(unconfined) == 4
    assert (0, 0) in {limits[1:] for limits in unconfined}


def test_an_answer_that_would_flood_the_worker_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, unconfined: list[Any]
) -> None:
    monkeypatch.setattr(read, "MAX_OUTPUT", 20)
    answer = json.loads(run_main(monkeypatch, read.main, xlsx(HEADER, GOOD), "100"))
    assert answer["refused"] == "bomb"


def test_a_refusal_carries_its_facts() -> None:
    book = workbook([HEADER])
    book.active["ZZ1"] = "x"
    assert len(read.answer(saved(book), 100)["sheets"][0]["rows"][0][1]) == 702
    book.active["AAA1"] = "x"
    facts = {"sheet": "Sheet1", "cell": "AAA1", "limit": 702}
    assert read.answer(saved(book), 100) == {"refused": "far_column", "facts": facts}


def test_dates_times_and_durations_are_tagged() -> None:
    import datetime

    moments = [datetime.date(2020, 10, 31), datetime.datetime(2020, 10, 31, 8, 30), datetime.time(8, 30)]
    data = xlsx([*moments, datetime.timedelta(hours=30)])
    ((_number, cells),) = raw_sheets(data, max_rows=10)[0].rows
    assert cells == [
        {"date": "2020-10-31"},
        {"date": "2020-10-31T08:30:00"},
        {"time": "08:30:00"},
        {"time": "1 day, 6:00:00"},
    ]
    assert read._tagged(moments[2]) == {"time": "08:30:00"}
    assert read._tagged(datetime.timedelta(hours=1)) == {"time": "1:00:00"}
    assert read._tagged(moments[0]) == {"date": "2020-10-31"}


def test_only_so_many_rows_leave_the_child() -> None:
    data = xlsx(*[["x"]] * 200)
    (sheet,) = read.workbook(data, 10)
    assert len(sheet["rows"]) == 10 + 120 + 1


def test_values_that_calamine_drops_are_put_back() -> None:
    data = with_sheet_xml(
        xlsx(["a"]),
        "</row>",
        '<c r="C1"><v>500103199001011234</v></c><c r="D1"><f>1+1</f></c><c r="E1" t="e"><v>#REF!</v></c>'
        '<c r="F1" t="str"><f>""</f><v></v></c></row>',
    )
    (sheet,) = read.workbook(data, 10)
    assert sheet["rows"] == [(1, ["a", "", "500103199001011234", {"formula": True}, {"error": "#REF!"}])]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (b"<row><c r='B2'><f>1</f></c></row>", {"uncalculated": [(1, 1)]}),
        (b"<row><c><f>1</f></c></row>", {}),
        (b'<x:c r="A1"><x:f>1</x:f><x:v>2</x:v></x:c>', {}),
        (b'<c r="A1" t="e"></c>', {"errors": {(0, 0): "#N/A"}}),
        (b'<c r="A1"><v>1234567890123456</v></c>', {"digits": {(0, 0): "1234567890123456"}}),
        (b'<c r="A1"><v>1234567890123450</v></c>', {}),
        (b'<c r="A1"><v>12</v></c>', {}),
    ],
)
def test_oddities(xml: bytes, expected: dict[str, Any]) -> None:
    assert vars(oddities(xml)) == vars(Oddities()) | expected


def test_far_cells_are_told_from_near_ones() -> None:
    assert [column_index(letters) for letters in ("A", "Z", "AA", "XFD")] == [0, 25, 26, 16383]
    check_extent(b'<c r="B10000"><v>1</v></c><c r="AAA1"/>', "x", 20_000)
    with pytest.raises(Refused):
        check_extent(b'<c s="1" r="A30000"><v>1</v></c>', "x", 20_000)


def test_a_workbook_of_other_makers_is_read() -> None:
    """Absolute targets, a sheet whose part is missing from the relations, no visible state."""
    data = xlsx(HEADER, GOOD)
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://x/worksheet" Target="/xl/worksheets/sheet1.xml"/>'
        b'<Relationship Id="rId9" Type="http://x/theme" Target="theme.xml"/></Relationships>'
    )
    book = Workbook()
    book.active.title = "Sheet1"
    assert read.visible_parts(read.opened(rezipped(data, {"xl/_rels/workbook.xml.rels": relations}))) == [
        ("Sheet1", "xl/worksheets/sheet1.xml")
    ]
    none = relations.replace(b'Id="rId1"', b'Id="rId7"')
    assert read.visible_parts(read.opened(rezipped(data, {"xl/_rels/workbook.xml.rels": none}))) == []


def test_the_marker_bounds_itself_and_answers_the_workbook(
    monkeypatch: pytest.MonkeyPatch, unconfined: list[Any]
) -> None:
    order = json.dumps(
        {
            "list_title": "问题清单",
            "head": ["工作表"],
            "marks": [
                ["Sheet1", "A2", "错", True],
                ["Sheet1", "A2", "再错", False],
                ["无", "A1", "错", True],
            ],
            "rows": [["=1+1"], ["x"]],
        }
    ).encode()
    source = workbook([HEADER, GOOD, GOOD])
    source.active.merge_cells("A2:A3")
    source.create_sheet("问题清单")
    out = run_main(monkeypatch, mark.main, b"%08d" % len(order) + order + saved(source))
    book = load_workbook(io.BytesIO(out))
    assert book["Sheet1"]["A2"].comment.text == "错\n再错"
    assert book["问题清单"]["A2"].data_type == "s"
    again = mark.marked(
        out, {"list_title": "问题清单", "head": ["x"], "rows": [], "marks": [["Sheet1", "A3", "错", False]]}
    )
    page = load_workbook(io.BytesIO(again))["Sheet1"]
    assert page["A2"].comment.text == "错"
    assert page["A2"].fill.start_color.rgb == "00FFEB9C"
    assert len(unconfined) == 4


def test_the_child_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    _places.cache_clear()
    monkeypatch.setattr("portal.sheets.child.find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="python-calamine"):
        _places()


@pytest.mark.django_db
def test_the_nightly_task_forgets() -> None:
    assert forget_old_imports() == 0
