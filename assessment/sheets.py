"""The xlsx layout of grades (domain facts §2.8, 成绩导入, with the scale of the notice). Source: CQ20-5.2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Grade, GradeLevel
from enrollment.queries.arrival import present_in
from portal.rulebook.models import Rulebook
from portal.sheets.export import export
from portal.sheets.identifiers import Code, IdNumber
from portal.sheets.kinds import Choice, Decimal, Name, Text
from portal.sheets.layout import Column, Sheet
from programs.models import TrainingClass

MARK = Decimal(places=1, minimum=0, maximum=100)


def grade_sheet(levels: Sequence[tuple[str, str]]) -> Sheet:
    """The layout; `levels` are the scale's (code, name)."""
    return Sheet(
        "assessment.grades",
        gettext_lazy("学员成绩表"),
        [
            Column(
                "number",
                gettext_lazy("编号"),
                Code(),
                width=10,
                hint=gettext_lazy("导出的成绩表自带；填了编号可不填身份证号"),
            ),
            Column("class", gettext_lazy("班级"), Text(max_length=160), width=30, example="演示班第1期"),
            Column(
                "name", gettext_lazy("姓名"), Name(), required=True, aliases=["学员姓名"], example="张演示"
            ),
            Column("id_number", gettext_lazy("身份证号"), IdNumber(), aliases=["身份证号码", "证件号"]),
            Column(
                "performance_mark",
                gettext_lazy("学习表现"),
                MARK,
                hint=gettext_lazy("0至100，最多一位小数"),
                example="88",
            ),
            Column(
                "outcome_mark",
                gettext_lazy("培训成果"),
                MARK,
                hint=gettext_lazy("0至100，最多一位小数"),
                example="90",
            ),
            Column(
                "level",
                gettext_lazy("考核等级"),
                Choice(tuple(levels)),
                aliases=["合格状态", "等级"],
                example=levels[0][1] if levels else "",
            ),
            Column(
                "comment", gettext_lazy("评语"), Text(max_length=500), width=30, aliases=["评价意见", "备注"]
            ),
        ],
        note=[
            gettext_lazy(
                "每行一名已报到的学员；留空的格不改动已登记的内容。优秀人数不得超过规定比例，以班级为单位计算。"
            )
        ],
        who=["name"],
    )


def scale_of(rulebook: Rulebook) -> list[tuple[str, str]]:
    """(code, name) of each level, best first. One query."""
    return list(GradeLevel.objects.filter(rulebook=rulebook).values_list("code", "name"))


def export_grades(training_class: TrainingClass) -> tuple[IO[bytes], str]:
    """The class's grades, in the layout that can be filled and imported, without ID numbers; and its file name."""
    title = _("%(name)s成绩表") % {"name": training_class}
    layout = grade_sheet(scale_of(training_class.rulebook)).without("id_number")
    return export(layout, _rows(training_class), title=title), f"{title}.xlsx"


def _rows(training_class: TrainingClass) -> Iterator[dict[str, Any]]:
    people = present_in(training_class).select_related("teacher").order_by("teacher__sort_key", "pk")
    grades = Grade.objects.filter(enrollment__training_class=training_class).select_related("level")
    stored = {each.enrollment_id: each for each in grades}
    for each in people:
        grade = stored.get(each.pk)
        yield {
            "number": str(each.pk),
            "class": training_class.name,
            "name": each.teacher.name,
            "performance_mark": grade.performance_mark if grade else None,
            "outcome_mark": grade.outcome_mark if grade else None,
            "level": grade.level.code if grade and grade.level else None,
            "comment": grade.comment if grade else "",
        }
