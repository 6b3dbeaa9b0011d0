"""A specimen form with invented people, for seeing and measuring how this machine prints."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.papers import codes

TEMPLATE = "papers/specimen.html"
# The last two are names that GB 2312 does not have.
NAMES = ("王小明", "李思远", "欧阳文静", "陈梓涵", "赵䶮", "孙𬱖")


def specimen(number: int) -> dict[str, Any]:
    """The context of specimen `number`; each has its own name, number and code."""
    code = str(number).rjust(codes.LENGTH, "0")
    name = NAMES[number % len(NAMES)]
    return {
        "paper": {
            "title": _("教师培训学员推荐表"),
            "number": f"2020-{number:04}",
            "code": codes.shown(code),
            "verify_url": codes.verification_url(code),
            "printed_on": date(2020, 11, 1),
        },
        "program": _("2020年职业院校教师素质提高计划"),
        "name": name,
        "gender": _("女") if number % 2 else _("男"),
        "born": f"19{80 + number % 15}{_('年')}{1 + number % 12}{_('月')}",
        "nation": _("汉族"),
        "degree": _("本科"),
        "post": _("讲师"),
        "school": _("演示区第%(number)s职业中学") % {"number": number % 40 + 1},
        "subject": _("机电技术应用"),
        "id_number": f"50010119850101{number % 10000:04}",
        "phone": f"1380000{number % 10000:04}",
        "project": _("专业带头人领军能力研修 · 机电一体化方向（承担单位：演示职业技术大学，80学时）"),
        "career": _(
            "2005年9月至2012年7月　演示区职业教育中心　教师\n2012年8月至今　现单位　教师、专业负责人"
        ),
        "practice": _(
            "主持市级教改课题一项，指导学生参加技能大赛获一等奖；每学年到企业实践一个月，参与智能生产线改造。"
        ),
        "opinion": _("%(name)s老师师德良好，教学能力强，符合培训对象条件，同意推荐。") % {"name": name},
    }


def specimen_html(number: int) -> str:
    """Specimen `number` as HTML."""
    return render_to_string(TEMPLATE, specimen(number))
