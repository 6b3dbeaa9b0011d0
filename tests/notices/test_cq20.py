"""CQ20 as data says what CQ20 says: number, calendar, quotations word for word, and it loads."""

import re
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command

from portal.rulebook.coverage import clause_table
from portal.rulebook.models import Rulebook
from portal.rulebook.notice_file import NoticeFile, read_notice
from tests.factories import ProjectOfficeFactory

FOLDER = Path(settings.BASE_DIR) / "notices"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def notice() -> NoticeFile:
    return read_notice("CQ20")


def day_end(month: int, day: int, year: int = 2020) -> datetime:
    return datetime(year, month, day, 23, 59, 59, 999999, tzinfo=SHANGHAI)


def test_it_is_the_notice_of_23_october_2020(notice: NoticeFile) -> None:
    assert (notice.number, notice.issued_on) == ("渝教师函〔2020〕7号", date(2020, 10, 23))
    assert notice.issuer == "重庆市教育委员会"


@pytest.mark.parametrize(
    ("code", "closes", "clause"),
    [
        pytest.param("class_publication", day_end(10, 26), "CQ20-3.1", marks=pytest.mark.clause("CQ20-3.1")),
        pytest.param("nomination", day_end(10, 31), "CQ20-3.2", marks=pytest.mark.clause("CQ20-3.2")),
        pytest.param("eligibility_review", day_end(10, 31), "CQ20-3.2", marks=pytest.mark.clause("CQ20-3.2")),
        pytest.param("registration", day_end(10, 31), "CQ20-3.3", marks=pytest.mark.clause("CQ20-3.3")),
        pytest.param("replacement", day_end(8, 31, 2021), "CQ20-3.4", marks=pytest.mark.clause("CQ20-3.4")),
        pytest.param("training", day_end(8, 31, 2021), "CQ20-3.5", marks=pytest.mark.clause("CQ20-3.5")),
        pytest.param("closing", day_end(8, 31, 2021), "CQ20-3.6", marks=pytest.mark.clause("CQ20-3.6")),
    ],
)
def test_each_window_closes_when_the_notice_says(
    notice: NoticeFile, code: str, closes: datetime, clause: str
) -> None:
    phase = next(each for each in notice.phases if each.code == code)
    assert (phase.closes_at, phase.clause) == (closes, clause)


def test_every_quotation_stands_word_for_word_in_the_text(notice: NoticeFile) -> None:
    text = notice.text.replace("\n", "")
    assert [each.code for each in notice.clauses if each.quote not in text] == []


def test_it_has_every_clause_of_the_table_with_its_section(notice: NoticeFile) -> None:
    table = [row for row in clause_table() if row["notice"] == "CQ20"]
    assert [(each.code, each.section, each.requirement) for each in notice.clauses] == [
        (row["id"], row["clause"], row["requirement"]) for row in table
    ]


def test_every_clause_is_quoted_from_the_section_it_names(notice: NoticeFile) -> None:
    """The quotation stands behind the heading of its chapter and before the next one's."""
    heads = ["一、", "二、", "三、", "四、", "五、", "六、", "附件：", "重庆市教育委员会\n2020年"]
    starts = [notice.text.index(f"\n{head}") for head in heads]
    chapters = {head[0]: notice.text[a:b] for head, a, b in zip(heads, starts, starts[1:], strict=False)}
    wrong = [each.code for each in notice.clauses if each.quote not in chapters[each.section[0]]]
    assert wrong == []


@pytest.mark.clause("CQ20-1.1")
def test_the_ten_categories_are_those_of_chapter_one(notice: NoticeFile) -> None:
    names = [row["name"].strip("“”") for row in notice.plugged["category"]]
    assert len(names) == len(set(names)) == 10
    quote = next(each.quote for each in notice.clauses if each.code == "CQ20-1.1")
    assert [name for name in names if name not in quote] == []
    assert notice.facts["projects"] == 66


@pytest.mark.clause("CQ20-4.1", "CQ20-4.2", "CQ20-5.5")
def test_seven_expense_categories_are_allowed_and_two_things_forbidden(notice: NoticeFile) -> None:
    rows = notice.plugged["expense_category"]
    quote = next(each.quote for each in notice.clauses if each.code == "CQ20-4.1")
    allowed = [row["name"] for row in rows if row["allowed"]]
    assert len(allowed) == 7
    assert [name for name in allowed if name not in quote] == []
    assert [row["clause"] for row in rows if not row["allowed"]] == ["CQ20-4.2", "CQ20-5.5"]


@pytest.mark.clause("CQ20-5.1", "CQ20-5.3", "CQ20-5.4")
def test_deliverables_are_due_as_chapter_five_says(notice: NoticeFile) -> None:
    due = {
        row["code"]: (row["anchor"], row["offset_days"], row["minimum"])
        for row in notice.plugged["deliverable"]
    }
    assert due["training_plan"] == ("start", -10, 1)
    assert due["briefing"][2] == 2
    assert due["performance_report"] == ("end", 15, 1)


@pytest.mark.clause("CQ20-5.2")
def test_excellent_is_at_most_a_fifth(notice: NoticeFile) -> None:
    grades = {row["name"]: row.get("cap") for row in notice.plugged["grade"]}
    assert grades == {"优秀": "0.2", "合格": None, "不合格": None}


@pytest.mark.clause("CQ20-6.3")
def test_three_copies_of_the_recommendation_form(notice: NoticeFile) -> None:
    assert notice.facts["recommendation_form_copies"] == 3


@pytest.mark.clause("CQ20-6.4")
def test_every_project_is_inspected_and_the_scores_make_a_hundred(notice: NoticeFile) -> None:
    rule = next(each for each in notice.rules if each.kind == "assessment.inspection_coverage")
    assert (rule.parameters, rule.clause, rule.severity) == ({"least_percent": 100}, "CQ20-6.4", "block")
    items = notice.plugged["inspection_item"]
    assert sum(each["points"] for each in items) == 100
    assert {each["clause"] for each in items} == {"CQ20-6.4"}


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_person_s_telephone_or_mail_address_stands_in_a_notice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{3,4}-\d{7,8}|[\w.]+@[\w.]+\.\w+|\d{17}[\dXx]", text) == []


@pytest.mark.django_db
def test_it_loads_by_the_command_and_the_second_time_nothing_changes(notice: NoticeFile) -> None:
    ProjectOfficeFactory()
    out = StringIO()
    call_command("load_notice", "CQ20", "--preview", stdout=out)
    assert "落实参训人选：2020-10-23 00:00 — 2020-10-31 23:59" in out.getvalue()
    assert not Rulebook.objects.exists()
    call_command("load_notice", "CQ20", stdout=out)
    rulebook = Rulebook.objects.get()
    counts: Any = (rulebook.notice.clauses.count(), rulebook.phases.count(), rulebook.rules.count())
    assert counts == (len(notice.clauses), len(notice.phases), len(notice.rules))
    assert rulebook.review_chains.count() == len(notice.plugged["review_chain"])
    call_command("load_notice", "CQ20", stdout=out)
    assert "未作任何改动" in out.getvalue()
    assert Rulebook.objects.get().version == rulebook.version
