"""The xlsx layouts of annex 1 and 2 and of timetables (domain facts §2.4, §2.5). Source: CQ20-A1, CQ20-A2, CQ20-3.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.operations.actor import Actor
from portal.organizations.kinds import Kind as OrganizationKind
from portal.people.codes import Stage, TitleLevel
from portal.sheets.dates import Moment
from portal.sheets.export import export
from portal.sheets.identifiers import Code
from portal.sheets.kinds import Choice, Integer, LongText, Name, Text, YesNo
from portal.sheets.layout import Column, Sheet
from programs.hooks import class_codes
from programs.models import LessonMode, Program, Project, TrainingClass

STAGES = (
    ("secondary", Stage.SECONDARY_VOCATIONAL.label),
    ("higher", Stage.HIGHER_VOCATIONAL.label),
    ("both", gettext_lazy("中高职")),
)

ANNEX_2 = Sheet(
    "programs.projects",
    gettext_lazy("项目说明表"),
    [
        Column("code", gettext_lazy("项目编号"), Code(), required=True, example="20200101"),
        Column("category", gettext_lazy("项目类别"), required=True, example="“1+X”师资培训"),
        Column(
            "name",
            gettext_lazy("项目名称"),
            Text(max_length=120),
            required=True,
            width=30,
            example="示例项目",
        ),
        Column("goal", gettext_lazy("培训目标"), LongText()),
        Column("text", gettext_lazy("培训对象及条件"), LongText()),
        Column("stages", gettext_lazy("学段"), Choice(STAGES), example="中职"),
        Column("subjects", gettext_lazy("专业"), Text(), hint=gettext_lazy("多个用顿号隔开")),
        Column("min_title_level", gettext_lazy("最低职称级别"), Choice(TitleLevel.choices)),
        Column("min_years", gettext_lazy("最低教龄（年）"), Integer(maximum=50)),
        Column("max_age", gettext_lazy("最高年龄（岁）"), Integer(maximum=70)),
        Column("posts", gettext_lazy("职务"), Text(), hint=gettext_lazy("多个用顿号隔开")),
        Column("double_qualified", gettext_lazy("须为双师型"), YesNo()),
        Column("content", gettext_lazy("培训内容"), LongText()),
        Column("mode", gettext_lazy("培训方式"), Text(max_length=60)),
        Column(
            "days", gettext_lazy("培训天数"), Integer(minimum=1, maximum=366), required=True, example="10"
        ),
        Column("hours", gettext_lazy("学时"), Integer(minimum=1, maximum=3000), required=True, example="60"),
        Column(
            "seats", gettext_lazy("人数"), Integer(minimum=1, maximum=100_000), required=True, example="50"
        ),
        Column("base", gettext_lazy("承担单位"), Text(max_length=100), width=26),
        Column("open_quota", gettext_lazy("名额由基地另行通知"), YesNo()),
        Column("note", gettext_lazy("备注"), Text(max_length=200)),
    ],
    who=("code", "name"),
)

ANNEX_1 = Sheet(
    "programs.implementation",
    gettext_lazy("项目实施安排表"),
    [
        Column("number", gettext_lazy("序号"), Integer()),
        Column("code", gettext_lazy("项目编号"), Code()),
        Column("category", gettext_lazy("项目类别"), width=26),
        Column("name", gettext_lazy("项目名称"), width=44),
        Column("base", gettext_lazy("承担单位"), width=34),
        Column("seats", gettext_lazy("培训人数"), Integer()),
        Column("when", gettext_lazy("培训时间"), width=26),
        Column("extent", gettext_lazy("天数/学时")),
        Column("place", gettext_lazy("培训地点"), width=22),
        Column("registration_code", gettext_lazy("学员验证码"), Code()),
        Column("contact", gettext_lazy("联系人及电话"), width=24),
    ],
)

TIMETABLE = Sheet(
    "programs.timetable",
    gettext_lazy("课程表"),
    [
        Column("starts_at", gettext_lazy("开始时间"), Moment(), required=True, example="2020-11-09 09:00"),
        Column("ends_at", gettext_lazy("结束时间"), Moment(), required=True, example="2020-11-09 12:00"),
        Column(
            "topic", gettext_lazy("专题"), Text(max_length=160), required=True, width=30, example="课程开发"
        ),
        Column(
            "place", gettext_lazy("培训地点"), Text(max_length=120), required=True, width=20, example="教学楼"
        ),
        Column(
            "mode", gettext_lazy("培训方式"), Choice(LessonMode.choices), required=True, example="专题讲座"
        ),
        Column("lecturer_name", gettext_lazy("专家姓名"), Name(), required=True, example="示例"),
        Column("lecturer_title", gettext_lazy("职称"), Text(max_length=40), required=True, example="教授"),
        Column(
            "lecturer_unit",
            gettext_lazy("工作单位"),
            Text(max_length=100),
            required=True,
            width=24,
            example="示例大学",
        ),
        Column("lecturer_province", gettext_lazy("省份"), Text(max_length=20), required=True, example="重庆"),
        Column("note", gettext_lazy("备注"), Text(max_length=200)),
    ],
    who=("topic",),
)


def export_annex_1(program: Program, actor: Actor) -> tuple[IO[bytes], str]:
    """The implementation table of the published classes the actor sees, and its file name."""
    classes = list(
        TrainingClass.objects.visible_to(actor)
        .published()
        .filter(project__program=program)
        .select_related("project__category", "base")
        .order_by("project__code", "number")
    )
    codes: dict[int, str] = {}
    for provider in class_codes:
        codes |= provider(actor, [each.pk for each in classes])
    rows = (_implementation(number, each, codes) for number, each in enumerate(classes, 1))
    title = _("%(program)s项目实施安排表") % {"program": program}
    return export(ANNEX_1, rows, title=title, subtitle=_("附件1")), f"{title}.xlsx"


def export_annex_2(program: Program, actor: Actor) -> tuple[IO[bytes], str]:
    """The description table of the programme's projects, in the layout that can be imported, and its file name."""
    projects = (
        Project.objects.visible_to(actor)
        .filter(program=program)
        .select_related("category", "base", "audience")
    )
    title = _("%(program)s项目说明表") % {"program": program}
    return export(ANNEX_2, map(_description, projects), title=title, subtitle=_("附件2")), f"{title}.xlsx"


annexes: dict[str, Callable[[Program, Actor], tuple[IO[bytes], str]]] = {
    "1": export_annex_1,
    "2": export_annex_2,
}


def stages_of(value: str | None) -> list[str]:
    """The audience's stages from the sheet's one word."""
    if not value:
        return []
    return [Stage.SECONDARY_VOCATIONAL, Stage.HIGHER_VOCATIONAL] if value == "both" else [value]


def school_kinds_of(stages: list[str]) -> list[str]:
    """The kinds of school that teach the stages."""
    kinds = {
        Stage.SECONDARY_VOCATIONAL: OrganizationKind.SCHOOL,
        Stage.HIGHER_VOCATIONAL: OrganizationKind.COLLEGE,
    }
    return [kinds[Stage(each)].value for each in stages]


def split_words(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").replace("，", "、").split("、") if each.strip()]


def _implementation(number: int, each: TrainingClass, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "number": number,
        "code": each.project.code,
        "category": each.project.category.name,
        "name": each.name,
        "base": each.base.name,
        "seats": each.capacity,
        "when": f"{each.starts_on:%Y-%m-%d} — {each.ends_on:%Y-%m-%d}",
        "extent": f"{each.days}/{each.project.hours}",
        "place": each.place,
        "registration_code": codes.get(each.pk, ""),
        "contact": f"{each.contact_name} {each.contact_phone}",
    }


def _description(project: Project) -> dict[str, Any]:
    audience = project.audience
    stages = audience.stages
    return {
        **{name: getattr(project, name) for name in _SAME},
        "category": project.category.name,
        "base": project.base.name if project.base else "",
        "text": audience.text,
        "stages": "both" if len(stages) > 1 else (stages[0] if stages else None),
        "subjects": "、".join(audience.subjects),
        "posts": "、".join(audience.posts),
        "min_title_level": audience.min_title_level or None,
        "min_years": audience.min_years,
        "max_age": audience.max_age,
        "double_qualified": audience.double_qualified,
    }


_SAME = ("code", "name", "goal", "content", "mode", "days", "hours", "seats", "open_quota", "note")


def lessons_for_sheet(training_class: TrainingClass) -> Iterator[dict[str, Any]]:
    """A class's lessons as rows of TIMETABLE."""
    for each in training_class.lessons.all():
        row = {name: getattr(each, name) for name in TIMETABLE.by_key}
        yield row | {
            "starts_at": timezone.localtime(each.starts_at),
            "ends_at": timezone.localtime(each.ends_at),
        }
