"""The xlsx layouts of teachers: what schools fill in, and the register that goes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from portal.people.checks import DATA_FIELDS
from portal.people.codes import (
    ETHNICITIES,
    Degree,
    DocumentType,
    Education,
    Gender,
    PoliticalStatus,
    Stage,
    TitleLevel,
)
from portal.people.identity import compose_id
from portal.people.models import Teacher
from portal.sheets.cells import BadCell, Cell
from portal.sheets.dates import Date, YearMonth, parse_date, parse_month
from portal.sheets.export import export
from portal.sheets.identifiers import Code, IdNumber, Phone
from portal.sheets.kinds import Choice, LongText, Name, Text, YesNo
from portal.sheets.layout import Column, Sheet

_EDUCATION = {
    "博士": "11",
    "硕士": "14",
    "研究生": "14",
    "本科": "21",
    "专科": "31",
    "大专": "31",
    "中专": "41",
}
_DEGREES = {f"{label}学位": value for value, label in Degree.choices}
_STAGES = {
    "中等职业": "secondary",
    "中等职业教育": "secondary",
    "高等职业": "higher",
    "高等职业教育": "higher",
}
_LEVELS = {"高级": "associate", "副高": "associate", "正高": "senior", "无": "none"}
_PARTIES = {
    "党员": "01",
    "中国共产党党员": "01",
    "预备党员": "02",
    "团员": "03",
    "群众（现称普通公民）": "13",
}
_ETHNICITIES = [(code, name if name.endswith("族") else f"{name}族") for code, name in ETHNICITIES.items()]


class Birth(Date):
    """A day of birth; a month alone is its first day, which `portal.people.imports` completes from the ID number."""

    def parse(self, cell: Cell) -> date:
        try:
            return parse_date(cell)
        except BadCell:
            return parse_month(cell)


# By key: a column of the record. Titles are those of the national and provincial templates (domain facts §2.1, §2.14).
COLUMNS = (
    Column("name", _("姓名"), Name(max_length=64), required=True, aliases=["教师姓名"], example="张示例"),
    Column(
        "document_type",
        _("身份证件类型"),
        Choice(DocumentType.choices, {"身份证": "resident_id"}),
        aliases=["证件类型"],
        hint=_("空白即居民身份证"),
    ),
    Column(
        "id_number",
        _("身份证件号"),
        IdNumber(),
        required=True,
        aliases=["身份证号", "身份证号码", "证件号码", "教师身份证号"],
        example=compose_id("110101", date(1990, 3, 7), 97),
    ),
    Column("school_code", _("学校标识码"), Code(), aliases=["学校编码", "单位标识码", "学校代码"]),
    Column(
        "school",
        _("工作单位"),
        Text(max_length=100),
        aliases=["学校", "单位", "任教单位名称", "学校名称"],
        width=28,
    ),
    Column("gender", _("性别"), Choice(Gender.choices[1:3], {"男性": "1", "女性": "2"}), example="男"),
    Column(
        "birth_date", _("出生日期"), Birth(), aliases=["出生年月", "出生年月日"], hint=_("空白时取自身份证号")
    ),
    Column(
        "ethnicity",
        _("民族"),
        Choice(_ETHNICITIES, {name: code for code, name in ETHNICITIES.items()}),
        example="汉族",
    ),
    Column("political_status", _("政治面貌"), Choice(PoliticalStatus.choices, _PARTIES), example="群众"),
    Column(
        "education",
        _("学历"),
        Choice(Education.choices, _EDUCATION),
        aliases=["最高学历"],
        example="大学本科",
    ),
    Column("degree", _("学位"), Choice(Degree.choices, _DEGREES), aliases=["最高学位"], example="学士"),
    Column(
        "graduated_from", _("毕业院校"), Text(max_length=100), aliases=["毕业学校"], example="示例师范大学"
    ),
    Column("major", _("所学专业"), Text(max_length=100), aliases=["毕业专业"], example="机械工程"),
    Column("stage", _("任教学段"), Choice(Stage.choices, _STAGES), aliases=["学段", "学校类别"]),
    Column(
        "subject", _("任教专业"), Text(max_length=60), aliases=["任教学科", "学科"], example="数控技术应用"
    ),
    Column("title", _("专业技术职务"), Text(max_length=40), aliases=["职称", "教师职称"], example="讲师"),
    Column("title_level", _("职称级别"), Choice(TitleLevel.choices, _LEVELS), hint=_("空白时按职务推定")),
    Column("post", _("行政职务"), Text(max_length=40), aliases=["职务", "学校行政职务"]),
    Column("teaching_since", _("从教起始时间"), YearMonth(), aliases=["从教时间"], example="2008-09"),
    Column("double_qualified", _("是否双师型"), YesNo(), aliases=["双师型"], example="是"),
    Column("phone", _("手机"), Phone(), aliases=["手机号", "手机号码", "联系电话"], example="13900000000"),
    Column("email", _("邮箱"), Text(max_length=254), aliases=["电子邮箱"]),
    Column(
        "in_national_system",
        _("是否已在全国教师管理信息系统"),
        YesNo(),
        aliases=["已在全国教师管理信息系统"],
        example="是",
    ),
    Column("national_code", _("教师个人标识码"), Code(max_length=32)),
    Column("resume", _("工作简历"), LongText()),
    Column("achievements", _("教学科研与企业实践情况"), LongText()),
)

TEACHERS = Sheet(
    "people.teachers",
    _("教师信息表"),
    COLUMNS,
    note=(
        _("带*的列必填；身份证件号、手机两列请保持“文本”格式。"),
        _("学校管理员可不填学校标识码和工作单位；区县和项目办导入时至少填写一项。"),
        _("已有档案的教师按本表更新；空白单元格不改动原有内容。"),
    ),
    who=("name", "id_number"),
)

# The register that goes out leaves the long texts in the record.
REGISTER = TEACHERS.without("resume", "achievements")
_PLAIN = tuple(name for name in DATA_FIELDS if name not in {"resume", "achievements"})


def write_register(teachers: Iterable[Teacher], *, full: bool, watermark: str = "") -> IO[bytes]:
    """Return the open xlsx of `teachers` (with their schools), numbers masked unless `full`."""
    return export(REGISTER, _rows(teachers, full), title=str(_("教师名册")), subtitle=watermark)


def _rows(teachers: Iterable[Teacher], full: bool) -> Iterator[dict[str, Any]]:
    for teacher in teachers:
        row = {name: getattr(teacher, name) for name in _PLAIN}
        row |= {"school": teacher.school.name, "school_code": teacher.school.school_code}
        row |= {name: row[name] or None for name in ("gender", "ethnicity", "degree", "stage", "title_level")}
        if not full:
            row |= {"id_number": teacher.masked_id, "phone": teacher.masked_phone}
        yield row
