"""Sheets and files that the tests of portal.sheets use."""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from portal.sheets.dates import Date, YearMonth
from portal.sheets.identifiers import IdNumber, Phone
from portal.sheets.kinds import Choice, Integer, LongText, Money, Name, Text
from portal.sheets.layout import Column, Sheet

TEACHERS = Sheet(
    code="teachers",
    title="教师名单",
    columns=[
        Column("no", "序号", Integer()),
        Column("name", "姓名", Name(), required=True, example="演示教师", aliases=["教师姓名"]),
        Column(
            "id_number",
            "身份证号",
            IdNumber(),
            required=True,
            example="500103199001011234",
            aliases=["证件号码"],
        ),
        Column(
            "phone",
            "手机",
            Phone(),
            required=True,
            hint="11位手机号码",
            example="13800000000",
            aliases=["联系电话"],
        ),
        Column("gender", "性别", Choice([("1", "男"), ("2", "女")]), example="男"),
        Column("born", "出生年月", YearMonth(), example="1990-01"),
        Column("hired", "入职日期", Date(), example="2012-09-01"),
        Column("fee", "金额（元）", Money()),
        Column("note", "备注", LongText()),
        Column("school", "工作单位", Text(max_length=20), example="演示职业学校"),
    ],
    note=["身份证号、手机两列请保持“文本”格式。", "带 * 的列必须填写。"],
    sign_off=["填报单位（盖章）：", "填报人：", "填报日期："],
    who=["name"],
)
HEADER = ["姓名", "身份证号", "手机"]
GOOD = ["演示甲", "500103199001011234", "13800000001"]


def workbook(rows: Sequence[Sequence[Any]], *, title: str = "Sheet1") -> Workbook:
    """A workbook of one sheet holding `rows`."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsx(*rows: Sequence[Any]) -> bytes:
    """The bytes of a workbook of one sheet holding `rows`."""
    return saved(workbook(rows))


def rezipped(data: bytes, replace: dict[str, bytes] | None = None, remove: Sequence[str] = ()) -> bytes:
    """The same archive with some parts replaced, added or removed."""
    out = io.BytesIO()
    changes = dict(replace or {})
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in remove:
                target.writestr(name, changes.pop(name, None) or source.read(name))
        for name, content in changes.items():
            target.writestr(name, content)
    return out.getvalue()


def with_sheet_xml(data: bytes, old: str, new: str) -> bytes:
    """The same workbook after replacing the pattern `old` in its first sheet's XML."""
    part = "xl/worksheets/sheet1.xml"
    xml = zipfile.ZipFile(io.BytesIO(data)).read(part).decode()
    changed = re.sub(old, new, xml)
    assert changed != xml
    return rezipped(data, {part: changed.encode()})
