"""Every rule kind: one case that passes, and each complaint in the words people read. No database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from enrollment.cases import NominationCase
from enrollment.models import Ban
from enrollment.rules import nominations as rules
from enrollment.services.judging import SheetCase
from portal.organizations.kinds import Kind
from portal.people.codes import Stage, TitleLevel
from portal.people.models import Teacher
from programs.models import Audience, Project
from tests.factories import TeacherFactory

ON = date(2020, 10, 24)
AUDIENCE = rules.AudienceRule()


def teacher(**fields: Any) -> Teacher:
    """Complete, of no school: rules look at the case's `school_kind`."""
    made: Teacher = TeacherFactory.build(school=None, **{"subject": "会计", **fields})
    return made


def case(
    audience: dict[str, Any] | None = None, person: Teacher | None = None, **facts: Any
) -> NominationCase:
    given: dict[str, Any] = {"free_seats": 1, "school_kind": Kind.SCHOOL.value, **facts}
    return NominationCase(
        person or teacher(), Project(code="P1"), Audience(**(audience or {})), on=ON, **given
    )


def test_an_audience_without_bounds_takes_everybody() -> None:
    assert AUDIENCE.check(case(person=teacher(title_level="", teaching_since=None, birth_date=None))) == ""


@pytest.mark.clause("CQ20-6.1")
@pytest.mark.parametrize(
    ("audience", "fits", "fails", "words"),
    [
        ({"stages": ["secondary"]}, {}, {"stage": Stage.HIGHER_VOCATIONAL}, "任教学段为高职，要求中职"),
        ({"stages": ["secondary", "higher"]}, {}, {"stage": ""}, "任教学段为空，要求中职或高职"),
        ({"subjects": ["会计", "金融"]}, {}, {"subject": "护理"}, "任教专业为护理，要求会计或金融"),
        ({"subjects": ["会计"]}, {}, {"subject": ""}, "任教专业为空，要求会计"),
        (
            {"min_title_level": "associate"},
            {"title_level": TitleLevel.SENIOR, "title": "正高级讲师"},
            {"title_level": TitleLevel.INTERMEDIATE, "title": "讲师"},
            "职称为讲师（中级），要求副高级及以上",
        ),
        (
            {"min_title_level": "junior"},
            {"title_level": TitleLevel.JUNIOR},
            {"title_level": "", "title": ""},
            "职称为空（未定级），要求初级及以上",
        ),
        (
            {"min_years": 3},
            {"teaching_since": date(2017, 10, 24)},
            {"teaching_since": date(2017, 10, 25)},
            "教龄2年，要求满3年",
        ),
        ({"min_years": 3}, {}, {"teaching_since": None}, "教龄未填年，要求满3年"),
        (
            {"max_age": 35},
            {"birth_date": date(1984, 10, 25)},
            {"birth_date": date(1984, 10, 24)},
            "年龄36岁，要求不超过35岁",
        ),
        ({"max_age": 45}, {}, {"birth_date": None}, "年龄未填岁，要求不超过45岁"),
        ({"posts": ["教务主任", "校长"]}, {"post": "校长"}, {"post": ""}, "行政职务为无，要求教务主任或校长"),
        ({"double_qualified": True}, {}, {"double_qualified": False}, "不是双师型教师，本项目要求双师型"),
    ],
)
def test_each_condition_of_the_audience(
    audience: dict[str, Any], fits: dict[str, Any], fails: dict[str, Any], words: str
) -> None:
    assert AUDIENCE.check(case(audience, teacher(**fits))) == ""
    assert AUDIENCE.check(case(audience, teacher(**fails))) == words


@pytest.mark.clause("CQ20-6.1")
def test_the_kind_of_school_is_a_condition() -> None:
    wanted = {"school_kinds": [Kind.COLLEGE.value]}
    assert AUDIENCE.check(case(wanted, school_kind=Kind.COLLEGE.value)) == ""
    found = AUDIENCE.check(case(wanted, school_kind=Kind.SCHOOL.value))
    assert found == f"工作单位类别为{Kind.SCHOOL.label}，要求{Kind.COLLEGE.label}"


def test_all_unmet_conditions_are_said_together() -> None:
    found = AUDIENCE.check(
        case({"subjects": ["护理"], "double_qualified": True}, teacher(double_qualified=False))
    )
    assert found == "任教专业为会计，要求护理；不是双师型教师，本项目要求双师型"


@pytest.mark.clause("CQ20-2.1", "CQ20-6.1")
@pytest.mark.clause("CQ20-6.1")
@pytest.mark.parametrize(
    ("free", "rank", "words"),
    [
        (2, 2, ""),
        (2, 3, "项目P1剩余名额2个，本条为第3人"),
        (0, 1, "项目P1剩余名额0个，本条为第1人"),
        (None, 1, "本单位没有项目P1的名额"),
    ],
)
def test_seats_are_counted_down_the_sheet(free: int | None, rank: int, words: str) -> None:
    assert rules.SeatsRule().check(case(free_seats=free, rank=rank)) == words


def test_completeness_names_what_is_missing() -> None:
    rule = rules.CompletenessRule(fields=("phone", "email"))
    assert rule.check(case()) == ""
    assert rules.CompletenessRule().check(case()) == ""
    found = rule.check(case(person=teacher(phone="", email="")))
    assert found.startswith("个人信息缺少：")
    assert found.count("、") == 1


def test_a_duplicate_is_told_where_it_stands() -> None:
    rule = rules.NoDuplicateRule()
    assert rule.check(case()) == ""
    assert rule.check(case(repeated=True)) == "本表中此人同一项目重复出现"
    assert rule.check(case(duplicate_of="演示区教委")) == "此人已由演示区教委推荐参加本项目"


@pytest.mark.clause("CQ20-6.1")
def test_an_overlap_names_the_classes() -> None:
    rule = rules.NoOverlapRule()
    assert rule.check(case()) == ""
    assert rule.check(case(overlaps=("甲班", "乙班"))) == "与已推荐或已报名的甲班、乙班时间冲突"


def test_a_ban_tells_its_end_and_its_reason() -> None:
    rule = rules.NotBannedRule()
    ban = Ban(from_day=ON, until_day=date(2021, 10, 24), reason="无故缺训")
    assert rule.check(case()) == ""
    assert rule.check(case(ban=ban)) == "此人在禁训期内（至2021-10-24）：无故缺训"


def test_a_sheet_needs_its_stamped_scan_and_a_person_does_not() -> None:
    rule = rules.StampedScanRule()
    assert rule.check(SheetCase(has_scan=True)) == rule.check(case()) == ""
    assert rule.check(SheetCase(has_scan=False)) == "推荐汇总表未附盖章扫描件，请上传后再报送"


@pytest.mark.clause("CQ20-3.4")
def test_a_substitute_teaches_the_same_subject_in_the_same_organisation() -> None:
    rule = rules.SameSubjectRule()
    same = case(replaces=teacher())
    assert rule.check(case()) == rule.check(same) == ""
    other_subject = same._replace(replaces=teacher(subject="护理"))
    assert rule.check(other_subject) == "替换学员的任教专业为会计，与原学员的护理不同"
    stranger = other_subject._replace(same_organization=False)
    assert rule.check(stranger).endswith("；替换学员不属于原推荐单位")
    unknown = case(person=teacher(subject=""), replaces=teacher(subject="护理"))
    assert rule.check(unknown) == "替换学员的任教专业为空，与原学员的护理不同"
