"""Why a file is not read, in words that say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from portal.errors import FileRefused

if TYPE_CHECKING:
    from portal.errors import Text

MESSAGES: dict[str, Text] = {
    "empty": _("文件是空的。请确认已填写并保存，然后重新选择文件上传。"),
    "too_big": _(
        "文件有 %(size)s MB，超过 %(limit)s MB 的上限。请删除图片和无关工作表，或分成几个文件上传。"
    ),
    "password": _("文件有密码保护，无法读取。请在 Excel 或 WPS 中取消打开密码，另存为 .xlsx 后重新上传。"),
    "old_format": _(
        "这是 .xls 或 .et 旧格式的文件。请在 Excel 或 WPS 中打开，选择“另存为”→“Excel 工作簿（*.xlsx）”，再上传另存的文件。"
    ),
    "csv": _(
        "这是文本文件（如 .csv），只是扩展名写成了 .xlsx。请在 Excel 或 WPS 中打开，另存为“Excel 工作簿（*.xlsx）”后上传。"
    ),
    "not_a_sheet": _("这不是 Excel 文件（内容为%(kind)s）。请下载模板，填写后上传 .xlsx 文件。"),
    "other_kind": _(
        "这是%(kind)s，不是 .xlsx 工作簿。请在 Excel 或 WPS 中另存为“Excel 工作簿（*.xlsx）”后上传。"
    ),
    "macros": _("文件含有宏，为安全起见不予读取。请另存为“Excel 工作簿（*.xlsx）”（不含宏）后上传。"),
    "damaged": _("文件已损坏或不完整，无法读取。请在 Excel 或 WPS 中重新打开并另存为 .xlsx，再次上传。"),
    "too_many_parts": _(
        "文件内部有 %(count)s 个部分，超过 %(limit)s 个的上限。请把需要填报的工作表复制到新工作簿，另存为 .xlsx 后上传。"
    ),
    "bomb": _(
        "文件展开后过大（上限 %(limit)s MB），不予读取。常见原因是对整列、整表设置了格式；"
        "请把有内容的区域复制到新工作簿，另存为 .xlsx 后上传。"
    ),
    "too_heavy": _(
        "读取此文件所需的时间或内存超出限制，已停止，未写入任何数据。请把有内容的区域复制到新工作簿，或分成几个文件后上传。"
    ),
    "far_column": _(
        "工作表“%(sheet)s”的单元格 %(cell)s 有内容，超出可读的 %(limit)s 列。请删除该单元格及多余的列，保存后重新上传。"
    ),
    "far_row": _(
        "工作表“%(sheet)s”的单元格 %(cell)s 有内容，超出可读的 %(limit)s 行。请删除该单元格及多余的行，或分成几个文件上传。"
    ),
    "too_many_rows": _("工作表“%(sheet)s”的数据超过 %(limit)s 行。请分成几个文件，分次上传。"),
    "no_header": _(
        "没有找到“%(title)s”的表头。请下载模板填写，或确认前 %(limit)s 行内有一行表头，包含：%(columns)s。"
    ),
    "missing_columns": _(
        "工作表“%(sheet)s”第 %(row)s 行的表头缺少必填的列：%(columns)s。请按模板补上这些列，列的先后顺序不限。"
    ),
    "repeated_column": _(
        "工作表“%(sheet)s”的表头中“%(column)s”出现了不止一次（%(letters)s 列）。请只保留一列，或修改多余列的名称。"
    ),
    "no_rows": _(
        "工作表“%(sheet)s”的表头下面没有数据。请从表头下一行开始填写（示例行不会导入），保存后重新上传。"
    ),
}


def refused(code: str, **facts: object) -> FileRefused:
    """Return the refusal `code` with its blanks filled; code is kept as `file_<code>`."""
    return FileRefused(MESSAGES[code] % facts, code=f"file_{code}")
