"""The xlsx layout of schools: the national platform's school template with the codes added (domain facts §2.14)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.organizations.kinds import Kind
from portal.organizations.models import Locality, Ownership
from portal.sheets.identifiers import Code, Phone
from portal.sheets.kinds import Choice, Text
from portal.sheets.layout import Column, Sheet

_KINDS = {
    "中等职业": Kind.SCHOOL.value,
    "中等职业学校": Kind.SCHOOL.value,
    "中职": Kind.SCHOOL.value,
    "职业中学": Kind.SCHOOL.value,
    "高等职业": Kind.COLLEGE.value,
    "高职": Kind.COLLEGE.value,
    "高等职业学校": Kind.COLLEGE.value,
}
_OFFERED = [(Kind.SCHOOL.value, _("中职学校")), (Kind.COLLEGE.value, _("高职院校"))]
_LOCALITIES = {"城区": "urban", "镇区": "rural", "乡村": "rural"}

SCHOOLS = Sheet(
    "organizations.schools",
    _("学校信息表"),
    [
        Column(
            "province", _("一级地区"), Text(max_length=40), aliases=["省", "所在地区（省）"], example="重庆市"
        ),
        Column("city", _("二级地区"), Text(max_length=40), aliases=["市", "所在地区（市）"]),
        Column(
            "district",
            _("三级地区"),
            Text(max_length=40),
            aliases=["区县", "所在地区（县）"],
            example="万州区",
        ),
        Column(
            "school_code",
            _("学校编码"),
            Code(length=10),
            aliases=["学校标识码", "学校代码"],
            example="3650000000",
        ),
        Column(
            "name",
            _("学校名称"),
            Text(max_length=100),
            required=True,
            aliases=["学校", "单位名称"],
            width=28,
            example="示例职业教育中心",
        ),
        Column(
            "kind",
            _("学校类型"),
            Choice([(Kind.SCHOOL, _("中职学校")), (Kind.COLLEGE, _("高职院校"))], _KINDS),
            required=True,
            aliases=["学校类别"],
            example="中职学校",
        ),
        Column("contact_name", _("联系人"), Text(max_length=40)),
        Column("contact_phone", _("联系方式"), Phone(mobile=False), aliases=["联系电话"]),
        Column("address", _("联系地址"), Text(max_length=200), aliases=["地址"], width=28),
        Column("remark", _("备注"), Text(max_length=200)),
        Column("ownership", _("学校办别"), Choice(Ownership.choices), aliases=["办别"], example="公办"),
        Column("credit_code", _("统一社会信用代码"), Code(length=18), width=22),
        Column(
            "locality",
            _("城乡"),
            Choice(Locality.choices, _LOCALITIES),
            aliases=["城乡类型"],
        ),
    ],
    note=(
        _("中职学校归三级地区（没有三级地区时归二级地区）的区县教育行政部门；高职院校直属上级教育行政部门。"),
        _("学校编码相同的视为同一学校，按本表更新；空白单元格不改动原有内容。名称不同的，请办理机构更名。"),
    ),
    who=("name", "school_code"),
)
