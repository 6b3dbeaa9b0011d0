"""Reading notice files: every mistake is named by table and key, all at once."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.errors import Invalid
from portal.rulebook import sections
from portal.rulebook.notice_file import available, read_notice
from tests.rulebook.conftest import NOTICE

SHANGHAI = ZoneInfo("Asia/Shanghai")


def write(folder: Path, text: str) -> None:
    (folder / "TEST20.toml").write_text(text, encoding="utf-8")


def complaint(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(Invalid) as caught:
        read_notice("TEST20")
    return str(caught.value.message)


def test_a_due_date_is_the_end_of_that_day_in_shanghai(notices: Path) -> None:
    [phase] = read_notice("TEST20").phases
    assert phase.opens_at == datetime(2020, 10, 23, tzinfo=SHANGHAI)
    assert phase.closes_at == datetime(2020, 10, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)


def test_a_time_of_day_may_be_given(notices: Path) -> None:
    write(notices, NOTICE.replace("due = 2020-10-31", "due = 2020-10-31T17:00:00"))
    assert read_notice("TEST20").phases[0].closes_at == datetime(2020, 10, 31, 17, tzinfo=SHANGHAI)


def test_a_time_with_a_zone_is_taken_as_it_is(notices: Path) -> None:
    write(notices, NOTICE.replace("due = 2020-10-31", "due = 2020-10-31T09:00:00Z"))
    assert read_notice("TEST20").phases[0].closes_at == datetime(2020, 10, 31, 17, tzinfo=SHANGHAI)


def test_a_window_may_stay_open(notices: Path) -> None:
    write(notices, NOTICE.replace("due = 2020-10-31", ""))
    assert read_notice("TEST20").phases[0].closes_at is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('number = "试教〔2020〕1号"', "", "[notice]缺少“number”"),
        ("issued_on = 2020-10-23", 'issued_on = "昨天"', "[notice]的“issued_on”应为日期"),
        ("issued_on = 2020-10-23", "issued_on = 2020-10-23T08:00:00", "[notice]的“issued_on”应为日期"),
        ('name = "报送人选"', 'nmae = "报送人选"', "第1个 [[phase]] 有不认识的键“nmae”"),
        ('name = "报送人选"', "", "第1个 [[phase]] 缺少“name”"),
        ("due = 2020-10-31", "due = 2020-10-01", "进程“报送人选”的开始（opens）晚于截止"),
        (
            'clause = "TEST20-1"\nactors',
            'clause = "TEST20-9"\nactors',
            "phase.nomination引用的条款“TEST20-9”",
        ),
        ('kind = "test.most"', 'kind = "test.least"', "没有名为“test.least”的规则"),
        ("limit = 3, ", "", "规则“test.most”的参数不符：limit"),
        ('severity = "warn"', 'severity = "maybe"', "“severity”只能是：block、warn"),
        ("[program]", "[[program2]]", "没有模块能处理“program2”表"),
        ('parameters = { limit = 3, posts = ["校长"] }', "parameters = 3", "“parameters”应为一个表"),
    ],
)
def test_a_mistake_is_named(notices: Path, old: str, new: str, said: str) -> None:
    assert said in complaint(notices, NOTICE.replace(old, new))


def test_all_mistakes_are_said_at_once(notices: Path) -> None:
    said = complaint(
        notices, NOTICE.replace('number = "试教〔2020〕1号"', "").replace('"test.most"', '"test.no"')
    )
    assert "2处错误" in said


def test_what_stands_twice_is_refused(notices: Path) -> None:
    clause = NOTICE[NOTICE.index("[[clause]]") : NOTICE.index("[[phase]]")]
    assert "[[clause]] 中“TEST20-1”出现了两次" in complaint(notices, NOTICE + clause)


def test_a_single_table_where_several_belong_is_refused(notices: Path) -> None:
    said = complaint(notices, NOTICE.replace("[[phase]]", "[phase]"))
    assert "应写成若干个 [[phase]] 表" in said


def test_a_row_that_is_no_table_is_refused(notices: Path) -> None:
    start, end = NOTICE.index("[[phase]]"), NOTICE.index("[[rule]]")
    said = complaint(notices, "phase = [3]\n" + NOTICE[:start] + NOTICE[end:])
    assert "第1个 [[phase]] 应为一个表" in said


def test_broken_toml_says_where(notices: Path) -> None:
    assert "不是有效的 TOML" in complaint(notices, "[notice\n")


def test_an_unknown_notice_names_those_there_are(notices: Path) -> None:
    with pytest.raises(Invalid, match="可载入的有：TEST20"):
        read_notice("../TEST20")


def test_only_notices_are_available(notices: Path) -> None:
    (notices / "required.toml").write_text("", encoding="utf-8")
    assert available() == ["TEST20"]


def test_a_clause_cited_in_a_plugged_section_must_exist(notices: Path) -> None:
    sections.section("grades", "等级", load=lambda rulebook, data: None, preview=lambda data: [])
    said = complaint(notices, NOTICE + '\n[[grade]]\nname = "优秀"\nclause = "TEST20-8"\n')
    assert "grade引用的条款“TEST20-8”" in said


def test_sections_come_in_their_order_and_only_when_the_file_has_them(notices: Path) -> None:
    for key, order in (("grades", 2), ("categories", 1), ("deliverables", 0)):
        sections.section(key, key, load=lambda rulebook, data: None, preview=lambda data: [], order=order)
    write(notices, NOTICE + '\n[[grade]]\nname = "优"\n[[category]]\nname = "甲"\n')
    assert [(section.key, data) for section, data in read_notice("TEST20").sections()] == [
        ("categories", [{"name": "甲"}]),
        ("grades", [{"name": "优"}]),
    ]
