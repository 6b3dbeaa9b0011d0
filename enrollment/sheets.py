"""The xlsx layout of annex 4, 参训学员推荐汇总表 (domain facts §2.1). Source: CQ20-A4, CQ20-6.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from enrollment.models import Nomination
from portal.people.models import Teacher
from portal.people.sheets import COLUMNS
from portal.sheets.export import export
from portal.sheets.identifiers import Code
from portal.sheets.kinds import Text
from portal.sheets.layout import Column, Sheet

_PEOPLE = {each.key: each for each in COLUMNS}
# The teacher's fields in the order of the annex, with the annex's own titles.
_PERSON: tuple[tuple[str, Any], ...] = (
    ("name", None),
    ("gender", None),
    ("ethnicity", None),
    ("birth_date", _("出生年月")),
    ("id_number", _("身份证号")),
    ("school", None),
    ("stage", _("学校类别")),
    ("subject", None),
    ("title", None),
    ("post", None),
    ("education", None),
    ("degree", None),
    ("graduated_from", None),
    ("major", None),
    ("political_status", None),
    ("double_qualified", None),
    ("teaching_since", None),
    ("phone", None),
    ("email", None),
    ("in_national_system", None),
)
PERSON_FIELDS = tuple(key for key, _title in _PERSON)
SIGN_OFF = (_("填报单位（盖章）："), _("填报人："), _("联系电话："), _("填报日期："))


def _person(key: str, title: Any) -> Column:
    column = _PEOPLE[key]
    return replace(column, title=title, aliases=[str(column.title), *column.aliases]) if title else column


ANNEX_4 = Sheet(
    "enrollment.nominations",
    _("参训学员推荐汇总表"),
    [
        Column("number", _("序号"), Text(max_length=20), width=6),
        Column("organization", _("区县/高职院校"), Text(max_length=100), width=18),
        Column("code", _("项目编号"), Code(), required=True, width=12, example="20200101"),
        Column("project", _("项目名称"), Text(max_length=120), width=26),
        Column("specialty", _("培训专业"), Text(max_length=100), width=14),
        Column("base", _("承担单位"), Text(max_length=100), width=22),
        *(_person(key, title) for key, title in _PERSON),
        Column("note", _("备注"), Text(max_length=200), aliases=["备注1"]),
    ],
    note=(
        _("一人一行；项目编号从下拉列表选择，只列出本单位有名额的项目。"),
        _("已有教师档案的人员，只需填写项目编号、姓名、身份证号和工作单位，其余以档案为准。"),
        _("上传核对无误后打印盖章，把盖章件扫描成PDF或图片一并报送。"),
    ),
    sign_off=SIGN_OFF,
    who=("name", "code"),
    totals=True,
)


def write_annex_4(
    nominations: Iterable[Nomination], *, full: bool, title: str = "", watermark: str = ""
) -> IO[bytes]:
    """The open xlsx of `nominations` (with teacher, school, project, base, audience), numbers masked unless `full`."""
    rows = (_row(number, each, full) for number, each in enumerate(nominations, 1))
    return export(ANNEX_4, rows, title=title, subtitle=watermark, sign_off=[str(each) for each in SIGN_OFF])


def _row(number: int, nomination: Nomination, full: bool) -> dict[str, Any]:
    project = nomination.project
    return {
        "number": str(number),
        "organization": nomination.organization.label,
        "code": project.code,
        "project": project.name,
        "specialty": "、".join(project.audience.subjects),
        "base": project.base.name if project.base else "",
        "note": nomination.note,
        **dict(_person_values(nomination.teacher, full)),
        "school": nomination.school.name,
    }


def _person_values(teacher: Teacher, full: bool) -> Iterator[tuple[str, Any]]:
    for key in PERSON_FIELDS:
        if key != "school":
            yield key, getattr(teacher, key) or None
    if not full:
        yield "id_number", teacher.masked_id
        yield "phone", teacher.masked_phone
