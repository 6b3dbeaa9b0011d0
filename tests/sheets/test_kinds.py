"""Cells to typed values: portal.sheets.kinds, identifiers and dates."""

import datetime
from decimal import Decimal as Number
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sheets.cells import BadCell, shown
from portal.sheets.dates import Date, Moment, YearMonth, parse_date, parse_moment, parse_month
from portal.sheets.identifiers import Code, IdNumber, Phone
from portal.sheets.kinds import Choice, Decimal, Integer, Kind, LongText, Money, Name, Text, YesNo
from portal.text import normalise

DAYS = st.dates(datetime.date(1930, 1, 1), datetime.date(2099, 12, 31))
SPELLINGS = [
    "{d:%Y-%m-%d}",
    "{d:%Y/%m/%d}",
    "{d:%Y.%m.%d}",
    "{d:%Y年%m月%d日}",
    "{d:%Y%m%d}",
    "{d.year}/{d.month}/{d.day}",
    "{d.year}年{d.month}月{d.day}号",
    "{d:%Y-%m-%d} 00:00:00",
]
WIDE = {ord(ascii_): ord(ascii_) + 0xFEE0 for ascii_ in "0123456789-/."}


@given(DAYS, st.sampled_from(SPELLINGS), st.booleans())
def test_a_day_in_any_spelling_and_width_is_the_same_day(
    day: datetime.date, spelling: str, wide: bool
) -> None:
    text = spelling.format(d=day)
    assert parse_date(normalise(text.translate(WIDE) if wide else text)) == day


@given(DAYS)
def test_excels_own_dates_and_day_numbers_are_the_same_day(day: datetime.date) -> None:
    serial = float((day - datetime.date(1899, 12, 30)).days)
    assert parse_date({"date": day.isoformat()}) == day
    assert parse_date({"date": f"{day.isoformat()}T08:30:00"}) == day
    assert parse_date(serial) == day
    assert parse_date(float(f"{day:%Y%m%d}")) == day


@given(
    DAYS,
    st.sampled_from(
        ["{d:%Y-%m}", "{d:%Y/%m}", "{d:%Y.%m}", "{d.year}年{d.month}月", "{d:%Y%m}", "{d:%Y-%m-%d}"]
    ),
)
def test_a_month_in_any_spelling_is_its_first_day(day: datetime.date, spelling: str) -> None:
    assert parse_month(spelling.format(d=day)) == day.replace(day=1)
    assert parse_month(float(f"{day:%Y%m}")) == day.replace(day=1)


def assert_parsed_or_told(kind: Kind, cell: Any) -> None:
    """Anything but a value or a BadCell with words escapes and fails."""
    told = ""
    try:
        kind.parse(cell)
        told = "parsed"
    except BadCell as bad:
        told = str(bad)
    assert told


@given(st.text(max_size=20))
def test_no_text_breaks_a_kind(text: str) -> None:
    cell = normalise(text)
    kinds: list[Kind] = [
        Text(),
        Name(),
        LongText(),
        Integer(),
        Money(),
        Date(),
        YearMonth(),
        Moment(),
        IdNumber(),
        Phone(),
        Phone(mobile=False),
        Code(),
        YesNo(),
    ]
    for kind in kinds:
        assert_parsed_or_told(kind, cell)


@given(
    st.floats()
    | st.integers()
    | st.booleans()
    | st.sampled_from([{"time": "08:30:00"}, {"date": "2020-10-31"}])
)
def test_no_number_breaks_a_kind(cell: Any) -> None:
    for kind in (
        Text(),
        Integer(),
        Money(),
        Date(),
        YearMonth(),
        Moment(),
        IdNumber(),
        Phone(),
        Code(),
        YesNo(),
    ):
        assert_parsed_or_told(kind, cell)
    assert isinstance(shown(cell), str)


@pytest.mark.parametrize(
    "cell",
    [
        "2020-02-30",
        "2020-13-01",
        "去年",
        "20-10-31",
        "2020",
        2020.0,
        1.0,
        "1850-01-01",
        {"date": "1850-01-01"},
        True,
        "2020-10",
    ],
)
def test_what_is_no_day_is_told_so(cell: Any) -> None:
    with pytest.raises(BadCell):
        parse_date(cell)


def test_a_month_that_became_a_number_is_believed_only_when_it_is_certain() -> None:
    assert parse_month(1985.06) == datetime.date(1985, 6, 1)
    assert parse_month(1985.12) == datetime.date(1985, 12, 1)
    with pytest.raises(BadCell, match="1月还是10月"):
        parse_month(1985.1)
    assert parse_month("1985.1") == datetime.date(1985, 1, 1)
    assert parse_month({"date": "1985-06-20"}) == datetime.date(1985, 6, 1)
    with pytest.raises(BadCell, match="年月"):
        parse_month("六月")


@pytest.mark.parametrize(
    "cell",
    [
        "2020-10-31 08:30",
        "2020/10/31 8:30:00",
        "2020年10月31日 8：30",
        "2020年10月31日8时30分",
        {"date": "2020-10-31T08:30:00"},
        44135.354166666664,
    ],
)
def test_a_moment_is_aware_and_in_shanghai(cell: Any) -> None:
    moment = parse_moment(cell)
    assert moment.isoformat() == "2020-10-31T08:30:00+08:00"
    kind = Moment()
    assert kind.show(kind.load(moment.isoformat())) == "2020-10-31 08:30"
    assert kind.export(moment) == datetime.datetime(2020, 10, 31, 8, 30)


def test_a_day_alone_is_its_beginning_and_an_hour_must_exist() -> None:
    assert parse_moment("2020-10-31").hour == 0
    with pytest.raises(BadCell, match="时刻"):
        parse_moment("2020-10-31 25:00")
    with pytest.raises(BadCell):
        parse_moment("2020-10-31 上午")


@given(st.integers(0, 2_000_000_000))
def test_whole_numbers_in_any_form(number: int) -> None:
    kind = Integer(unit="人")
    assert (
        kind.parse(f"{number:,}")
        == kind.parse(float(number))
        == kind.parse(f"{number}人")
        == kind.parse(number)
        == number
    )
    assert kind.load(number) == number


@pytest.mark.parametrize(
    "cell", ["5.5", 5.5, "五", True, -1, "3000000000", {"date": "2020-10-31"}, "", "nan", 1e300]
)
def test_what_is_no_whole_number_is_told_so(cell: Any) -> None:
    with pytest.raises(BadCell):
        Integer().parse(cell)


@given(st.decimals(0, 10_000_000, places=2))
def test_money_in_any_form(amount: Number) -> None:
    kind = Money()
    assert kind.parse(f"¥{amount:,.2f}元") == kind.parse(float(amount)) == amount
    assert kind.load(str(amount)) == amount


def test_the_noise_of_a_formula_is_no_third_decimal() -> None:
    assert Money().parse(0.1 + 0.2) == Number("0.30")
    with pytest.raises(BadCell, match="2位小数"):
        Money().parse("0.305")
    with pytest.raises(BadCell, match="不能大于"):
        Decimal(maximum=100).parse(100.5)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("50010319900101123x", "50010319900101123X"),
        ("500103 1990-0101 1234", "500103199001011234"),
        (500103900101123.0, "500103900101123"),
        ("H1234567(8)", "H1234567(8)"),
    ],
)
def test_document_numbers(cell: Any, number: str) -> None:
    assert IdNumber().parse(cell) == number


@pytest.mark.parametrize("cell", [5.00103199001011e17, 500103199001011234])
def test_an_id_number_kept_as_a_number_says_that_digits_are_lost(cell: float) -> None:
    with pytest.raises(BadCell, match="末几位已丢失"):
        IdNumber().parse(cell)
    with pytest.raises(BadCell, match="已丢失"):
        Text().parse(float(cell))


@pytest.mark.parametrize(
    "cell",
    ["138 0000 0000", "+86 138-0000-0000", "8613800000000", "0086 13800000000", 13800000000.0, 13800000000],
)
def test_mobile_numbers(cell: Any) -> None:
    assert Phone().parse(cell) == "13800000000"


def test_landlines_only_where_they_are_allowed() -> None:
    assert Phone(mobile=False).parse("（023）6712-3456") == "02367123456"
    assert Phone(mobile=False).parse("023-67123456转801") == "02367123456转801"
    with pytest.raises(BadCell, match="11位"):
        Phone().parse("023-67123456")
    with pytest.raises(BadCell, match="座机"):
        Phone(mobile=False).parse("123")


def test_codes_lose_no_zero_in_silence() -> None:
    assert Code(length=10).parse(3650000001.0) == "3650000001"
    with pytest.raises(BadCell, match="开头的0"):
        Code(length=10).parse(650000001.0)
    with pytest.raises(BadCell, match="超过"):
        Code(max_length=3).parse("ABCD")


def test_choices_by_label_value_and_synonym() -> None:
    kind = Choice([("1", "男"), ("2", "女")], {"男性": "1"})
    assert [kind.parse(cell) for cell in ("男", " 男性", "1", 2.0)] == ["1", "1", "1", "2"]
    assert (kind.show("2"), kind.show(None), kind.export("1"), kind.export(None)) == ("女", "", "男", None)
    assert kind.offered() == ["男", "女"]
    with pytest.raises(BadCell, match="男、女"):
        kind.parse("其他")
    assert len({kind, Choice()}) == 2


def test_yes_and_no() -> None:
    kind = YesNo()
    assert [kind.parse(cell) for cell in ("是", "√", "Y", True, 1.0)] == [True] * 5
    assert [kind.parse(cell) for cell in ("否", "无", False, 0.0)] == [False] * 4
    assert (kind.show(True), kind.show(False), kind.show(None)) == ("是", "否", "")


def test_text_is_bounded_and_patterned() -> None:
    with pytest.raises(BadCell, match="有3个字"):
        Text(max_length=2).parse("一二三")
    assert Text(pattern=r"CQ\d+").parse("CQ1") == "CQ1"
    with pytest.raises(BadCell, match="格式不对"):
        Text(pattern=r"CQ\d+").parse("X")
    with pytest.raises(BadCell, match="项目编号"):
        Text(pattern=r"CQ\d+", pattern_message="项目编号应为 CQ 加数字").parse("X")
    assert Text().parse(12.0) == "12"


def test_names_lose_padding_and_keep_one_dot() -> None:
    assert Name().parse("演 示") == "演示"
    assert Name().parse("阿依古丽•演示") == "阿依古丽·演示"
    assert Name().parse("Ann Lee") == "Ann Lee"


def test_values_come_back_from_json_and_are_shown() -> None:
    day = datetime.date(1985, 6, 1)
    assert Date().load("1985-06-01") == day
    assert (Date().show(day), YearMonth().show(day), Date().show(None)) == ("1985-06-01", "1985-06", "")
    assert all(kind.load(None) is None for kind in (Date(), Moment(), Money(), Integer(), Text()))
    assert (Money().show(Number("1234.5")), Text().show("x"), Text().show(None)) == ("1,234.50", "x", "")
    assert (Moment().show(None), Moment().export(None), Money().show(None)) == ("", None, "")
