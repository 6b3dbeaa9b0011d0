"""The record of domestic training of the national teacher system. Field set and codes: domain facts §5.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from assessment.models import Result
from portal.sheets.export import export
from portal.sheets.kinds import Text
from portal.sheets.layout import Column, Sheet
from programs.models import Level

# 培训类别 of the national system.
CATEGORIES = {
    Level.NATIONAL: "10-国家级",
    Level.PROVINCIAL: "20-省级",
    Level.MUNICIPAL: "30-地市级",
    Level.DISTRICT: "40-县级",
    Level.SCHOOL: "60-校级",
}
# 培训方式 of the national system: above a month it is long; what names the net is online or mixed.
LONG, SHORT, ONLINE, MIXED = (
    "1-长期脱产研修（一个月以上）",
    "2-短期面授培训",
    "3-网络研修",
    "4-面授培训与网络研修相结合",
)
LONG_DAYS = 30

Reader = Callable[[Result], str]


def mode_of(result: Result) -> str:
    """The code of how the training was held, from the project's own words and days."""
    project = result.enrollment.project
    if "网络" in project.mode or "线上" in project.mode:
        return MIXED if "面授" in project.mode or "集中" in project.mode else ONLINE
    return LONG if project.days > LONG_DAYS else SHORT


def _certificate(result: Result) -> str:
    found = getattr(result, "certificate", None)
    return found.number if found and found.revoked_at is None else ""


_CREDITS: Reader = lambda row: "" if row.credits is None else str(row.credits)  # noqa: E731 - a cell of the table below

# Each column: its title in the national system, whether it must be there, and where its value comes from.
FIELDS: Mapping[str, tuple[Any, bool, Reader]] = {
    "name": (_("教师姓名"), True, lambda row: row.enrollment.teacher.name),
    "document_type": (
        _("身份证件类型"),
        False,
        lambda row: row.enrollment.teacher.get_document_type_display(),
    ),
    "id_number": (_("教师身份证号"), True, lambda row: row.enrollment.teacher.id_number),
    "year": (_("培训年度"), True, lambda row: str(row.enrollment.project.program.year)),
    "category": (
        _("培训类别"),
        True,
        lambda row: CATEGORIES.get(Level(row.enrollment.project.program.level), "99-其他"),
    ),
    "project": (_("培训项目名称"), True, lambda row: row.enrollment.project.name),
    "base": (_("培训机构名称"), False, lambda row: row.results.training_class.base.name),
    "mode": (_("培训方式"), True, mode_of),
    "hours": (_("培训获得学时"), True, lambda row: str(row.hours)),
    "credits": (_("培训获得学分"), False, _CREDITS),
    "starts_on": (_("培训开始日期"), False, lambda row: f"{row.results.training_class.starts_on:%Y-%m-%d}"),
    "ends_on": (_("培训结束日期"), False, lambda row: f"{row.results.training_class.ends_on:%Y-%m-%d}"),
    "attachment": (_("附件"), False, lambda row: ""),
    "certificate": (_("证书编号"), False, _certificate),
    "level": (_("考核等级"), False, lambda row: row.level.name),
    "school": (_("任教单位名称"), False, lambda row: row.enrollment.school.name),
}
# Without a layout of its own a programme exports the national field set as it is known.
STANDARD = tuple(key for key in FIELDS if key not in {"certificate", "level", "school"})
REQUIRED = tuple(key for key, (_title, required, _read) in FIELDS.items() if required)

SHEET = Sheet(
    "assessment.national",
    _("国内培训"),
    [
        Column(key, title, Text(max_length=200), required=required)
        for key, (title, required, _read) in FIELDS.items()
    ],
)


def write(rows: Iterable[Result], columns: Iterable[str], *, title: str, watermark: str) -> IO[bytes]:
    """The open xlsx of `rows` in `columns`, full ID numbers included. Only inside an audited operation."""
    chosen = [SHEET.by_key[key] for key in columns]
    readers = [FIELDS[column.key][2] for column in chosen]
    sheet = replace(SHEET, columns=chosen)
    return export(sheet, ([read(row) for read in readers] for row in rows), title=title, subtitle=watermark)
