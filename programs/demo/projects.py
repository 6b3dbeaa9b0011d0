"""The demo's programme: the notice loaded, 66 fictional projects in its ten categories, classes with timetables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage, TitleLevel
from portal.rulebook.services.loading import load_notice
from portal.runtime.demo import Demo, demo_stage, words
from programs.models import LessonMode, Program, Project, TrainingClass
from programs.services import classes, programs, projects

NOTICE = "CQ20"
PROJECTS = 66
CLASSES = 100
# The subjects that the demo's teachers teach and its projects train.
SUBJECTS = words(
    "数控技术 机械制造 汽车运用与维修 电子技术应用 计算机应用 软件技术 电子商务 会计 旅游服务与管理 学前教育 护理 建筑施工 "
    "现代农艺 服装设计 烹饪 物流管理"
)
# Per category: the wording of a project, its days, its seats, and what it asks of teachers.
SHAPES: dict[str, tuple[str, int, int, dict[str, Any]]] = {
    "01": (
        "{subject}专业带头人领军能力研修",
        20,
        40,
        {"min_title_level": TitleLevel.ASSOCIATE, "min_years": 5},
    ),
    "02": ("{subject}“双师型”教师专业技能培训", 28, 72, {"double_qualified": True}),
    "03": ("{subject}优秀青年教师跟岗访学", 56, 44, {"max_age": 40, "min_years": 3}),
    "04": ("职业院校校长（{subject}方向）专题研修", 10, 72, {"posts": ["校长", "副校长"], "subjects": []}),
    "05": ("{subject}中高职衔接专业教师协同研修", 14, 72, {}),
    "06": ("{subject}校企合作教师企业实践", 28, 60, {}),
    "07": ("成渝双城经济圈{subject}教师协同创新", 10, 84, {}),
    "08": ("{subject}“1+X”证书制度师资培训", 10, 84, {}),
    "09": ("{subject}专业教师精准扶贫培训", 7, 84, {}),
    "10": ("{subject}示范性项目", 14, 72, {"min_title_level": TitleLevel.INTERMEDIATE}),
}
TOPICS = words(
    "职业教育政策解读 课程思政与师德师风 专业标准与课程开发 项目化教学设计 实训室建设 信息化教学 "
    "技能大赛指导 企业新技术 教学能力诊断 成果汇报"
)
EXPERTS = words("示例甲 示例乙 示例丙 示例丁 示例戊 示例己 示例庚 示例辛")
TITLES = words("教授 副教授 高级工程师 高级讲师")
# Some bases still have classes to publish, so that they find work waiting.
UNPUBLISHED_EVERY = 11
OPEN_QUOTA_EVERY = 12


@demo_stage(30, "演示计划与项目")
def load_program(demo: Demo) -> None:
    """Load the notice, enter the projects, publish."""
    program = load_notice(demo.system, None, code=NOTICE).rulebook.program
    Program.objects.filter(pk=program.pk).update(demo=True)
    projects.import_projects(demo.system, program, rows=list(_projects(program, PROJECTS)))
    programs.publish_program(demo.system, program)


@demo_stage(40, "演示班级与课程表")
def load_classes(demo: Demo) -> None:
    """Give every project one class or two, with a timetable; most are published."""
    found = list(Project.objects.select_related("program__rulebook", "base").order_by("code"))
    extra = CLASSES - len(found) if demo.size >= 1 else 0
    for index, project in enumerate(found):
        for number in range(2 if index < extra else 1):
            made = _class(demo, project, index, number)
            if index % UNPUBLISHED_EVERY:
                classes.publish_class(demo.system, made)


def _projects(program: Program, wanted: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    categories = list(program.categories.order_by("position"))
    bases = list(Organization.objects.of(Kind.BASE).order_by("pk"))
    for index in range(wanted):
        category = categories[index % len(categories)]
        subject = SUBJECTS[index * 7 % len(SUBJECTS)]
        wording, days, seats, conditions = SHAPES[category.code]
        values = {
            "category": category,
            "code": f"{program.year}{category.code}{index // len(categories) + 1:02d}",
            "name": wording.format(subject=subject),
            "goal": f"提升{subject}专业教师的教学与实践能力。",
            "content": "、".join(TOPICS[:6]),
            "mode": "集中面授",
            "days": days,
            "hours": days * 6,
            "seats": seats,
            "base": bases[index % len(bases)],
            "open_quota": index % OPEN_QUOTA_EVERY == OPEN_QUOTA_EVERY - 1,
            "note": "演示",
        }
        yield values, _audience(subject, index, conditions)


def _audience(subject: str, index: int, conditions: dict[str, Any]) -> dict[str, Any]:
    stages = [[Stage.SECONDARY_VOCATIONAL], [Stage.HIGHER_VOCATIONAL], list(Stage)][index % 3]
    kinds = {Stage.SECONDARY_VOCATIONAL: Kind.SCHOOL, Stage.HIGHER_VOCATIONAL: Kind.COLLEGE}
    audience = {
        "stages": list(stages),
        "school_kinds": [kinds[stage] for stage in stages],
        "subjects": [subject],
        "min_title_level": "",
        "min_years": None,
        "max_age": None,
        "posts": [],
        "double_qualified": False,
    } | conditions
    return audience | {"text": f"{'、'.join(str(stage.label) for stage in stages)}{subject}专业教师"}


def _class(demo: Demo, project: Project, index: int, number: int) -> TrainingClass:
    starts_on = date(2020, 11, 9) + timedelta(days=7 * (index % 30) + 2 * number)
    seats = project.seats if index >= CLASSES - PROJECTS else -(-project.seats // 2)
    made = classes.create_class(
        demo.system,
        project,
        values={
            "name": f"{project.name}第{number + 1}期",
            "starts_on": starts_on,
            "ends_on": starts_on + timedelta(days=project.days - 1),
            "place": f"{project.base.label if project.base else ''}教学楼",
            "capacity": seats,
            "contact_name": "演示联系人",
            "contact_phone": "023-20000000",
        },
    )
    classes.set_timetable(demo.system, made, lessons=list(_lessons(demo, made)))
    return made


def _lessons(demo: Demo, training_class: TrainingClass) -> Iterator[dict[str, Any]]:
    for day in range(min(training_class.days, 10)):
        on = training_class.starts_on + timedelta(days=day)
        for hour, mode in ((9, LessonMode.LECTURE), (14, LessonMode.PRACTICE)):
            yield {
                "starts_at": timezone.make_aware(datetime.combine(on, time(hour))),
                "ends_at": timezone.make_aware(datetime.combine(on, time(hour + 3))),
                "topic": TOPICS[(day + hour) % len(TOPICS)],
                "place": training_class.place,
                "mode": mode,
                "lecturer_name": demo.rng.choice(EXPERTS),
                "lecturer_title": demo.rng.choice(TITLES),
                "lecturer_unit": "演示大学",
                "lecturer_province": demo.rng.choice(["重庆", "四川", "北京"]),
            }
