"""A base's classes and timetables, and their publication. Source: CQ20-3.1, CQ20-A1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.operations.versions import hold, save_version
from portal.rulebook.findings import Verdict, require
from programs.models import ClassState, Lesson, Project, TrainingClass
from programs.services.checking import publication_findings
from programs.services.owing import forgive, owe
from programs.states import TRAINING_CLASS

Values = dict[str, Any]
BASE = (Role.BASE_ADMIN,)
PHASE = "class_publication"


@operation(
    "programs.create_class",
    gettext_lazy("新增班级"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
    system=True,
)
def create_class(act: Act, project: Project, *, values: Values) -> TrainingClass:
    """Add a class in draft to a project of the base. `values` hold the class's own fields."""
    return add_class(act, project, values)


def add_class(act: Act, project: Project, values: Values, **more: Any) -> TrainingClass:
    """Make the class, in draft. For use inside an operation; `more` are fields that nobody enters."""
    _check_dates(values["starts_on"], values["ends_on"])
    if project.base is None:
        raise RuleBroken(_("此项目还没有承担单位，不能编班。"), code="no_base")
    numbers = project.classes.filter(base=project.base).values_list("number", flat=True)
    number = values.pop("number", None) or max(numbers, default=0) + 1
    if number in numbers:
        raise Invalid(_("第%(number)d期已存在。") % {"number": number}, field="number")
    made = TrainingClass.objects.create(project=project, base=project.base, number=number, **values, **more)
    act.changed(made, after={"number": number, **values})
    return made


@operation(
    "programs.update_class",
    gettext_lazy("修改班级"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
)
def update_class(act: Act, training_class: TrainingClass, *, version: int, values: Values) -> TrainingClass:
    """Change a class in draft. Raises Conflict for a stale version, RuleBroken once it is published."""
    _require_draft(training_class)
    _check_dates(
        values.get("starts_on", training_class.starts_on), values.get("ends_on", training_class.ends_on)
    )
    before = {name: getattr(training_class, name) for name in values}
    save_version(training_class, version, **values)
    act.changed(training_class, before=before, after=values)
    return training_class


@operation(
    "programs.set_timetable",
    gettext_lazy("编制课程表"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
    system=True,
)
def set_timetable(act: Act, training_class: TrainingClass, *, lessons: list[Values]) -> list[Lesson]:
    """Replace the class's whole timetable. Raises RuleBroken naming each lesson outside the dates or overlapping, Conflict
    when the class was published meanwhile."""
    _require_draft(training_class)
    hold(training_class, "state")
    complaints = timetable_complaints(training_class, lessons)
    if complaints:
        raise RuleBroken("；".join(text for _index, text in complaints), code="timetable")
    before = training_class.lessons.count()
    training_class.lessons.all().delete()
    made = Lesson.objects.bulk_create(Lesson(training_class=training_class, **each) for each in lessons)
    act.changed(training_class, before={"lessons": before}, after={"lessons": len(made)})
    return made


@operation(
    "programs.publish_class",
    gettext_lazy("发布编班排课"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
    system=True,
)
def publish_class(act: Act, training_class: TrainingClass) -> TrainingClass:
    """Publish a class that has a timetable; the office and those who hold its quota then see it.

    What its timetable or capacity lacks of the project's description (CQ20-1.1) warns, and stands in the audit; a rule
    that a notice makes strict refuses with RuleBroken.
    """
    hold(training_class, "state")
    if not training_class.lessons.exists():
        raise RuleBroken(
            _("“%(name)s”还没有课程表，请先编制后再发布。") % {"name": training_class}, code="no_lessons"
        )
    findings = publication_findings(training_class)
    require(findings)
    TRAINING_CLASS.apply(training_class, "publish", published_at=act.now)
    owe([training_class])
    warnings = [each.message for each in findings if each.verdict == Verdict.WARN]
    after = {"state": training_class.state, **({"warnings": warnings} if warnings else {})}
    act.changed(training_class, before={"state": ClassState.DRAFT}, after=after)
    return training_class


@operation(
    "programs.withdraw_class",
    gettext_lazy("撤回编班"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
)
def withdraw_class(act: Act, training_class: TrainingClass, *, reason: str) -> TrainingClass:
    """Take a published class back to draft, while nobody has been put into it."""
    if not reason.strip():
        raise Invalid(_("请填写撤回理由。"), field="reason")
    if training_class.taken:
        raise RuleBroken(
            _("已有%(count)d名学员编入此班，不能撤回。") % {"count": training_class.taken},
            code="has_trainees",
        )
    TRAINING_CLASS.apply(training_class, "withdraw", published_at=None)
    forgive(training_class)
    act.reason = reason
    act.changed(training_class, before={"state": ClassState.PUBLISHED}, after={"state": training_class.state})
    office = User.objects.filter(
        memberships__organization=training_class.project.program.office,
        memberships__role__in=OFFICE,
        memberships__ended_at=None,
    ).distinct()
    act.tell(office, _("%(name)s已撤回编班") % {"name": training_class}, body=reason)
    return training_class


@operation(
    "programs.assign_class_teacher",
    gettext_lazy("指定班主任"),
    roles=BASE,
    scope=own("base"),
)
def assign_class_teacher(act: Act, training_class: TrainingClass, *, user: User | None) -> TrainingClass:
    """Name the class teacher: someone who holds that role in the base, or nobody."""
    base = training_class.base
    if user and not User.objects.holding(Role.CLASS_TEACHER, base).filter(pk=user.pk).exists():
        raise Invalid(_("%(user)s不是本基地的班主任。") % {"user": user}, field="user")
    before = {"class_teacher": training_class.class_teacher}
    TrainingClass.objects.filter(pk=training_class.pk).update(class_teacher=user)
    training_class.class_teacher = user
    act.changed(training_class, before=before, after={"class_teacher": user})
    return training_class


@operation(
    "programs.remind_bases",
    gettext_lazy("催办编班排课"),
    roles=[Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER],
    scope=within("program.office"),
    clauses=["CQ20-3.1"],
)
def remind_base(act: Act, project: Project) -> int:
    """Tell the people of the project's base that its classes are not published; return how many were told."""
    people = list(
        User.objects.filter(memberships__organization=project.base, memberships__ended_at=None).distinct()
    )
    act.tell(
        people, _("请尽快发布%(project)s的编班排课计划") % {"project": project}, url="/classes/", urgent=True
    )
    act.changed(project, after={"reminded": len(people)})
    return len(people)


def timetable_complaints(training_class: TrainingClass, lessons: list[Values]) -> list[tuple[int, str]]:
    """What is wrong with a timetable: pairs of the lesson's index and the complaint."""
    found = []
    order = sorted(range(len(lessons)), key=lambda index: lessons[index]["starts_at"])
    for index in order:
        found += [(index, text) for text in _lesson_complaints(training_class, lessons[index])]
    found += _overlaps(order, lessons)
    return sorted(found)


def _overlaps(order: list[int], lessons: list[Values]) -> Iterator[tuple[int, str]]:
    """Each lesson that starts before another one, begun earlier, has ended; `order` is that of their starts."""
    longest: int | None = None
    for index in order:
        lesson = lessons[index]
        if longest is not None and lesson["starts_at"] < lessons[longest]["ends_at"]:
            yield (
                index,
                _("“%(b)s”与“%(a)s”时间重叠") % {"a": lessons[longest]["topic"], "b": lesson["topic"]},
            )
        if longest is None or lesson["ends_at"] > lessons[longest]["ends_at"]:
            longest = index


def _lesson_complaints(training_class: TrainingClass, lesson: Values) -> list[str]:
    starts, ends = lesson["starts_at"], lesson["ends_at"]
    if ends <= starts:
        return [_("“%(topic)s”的结束时间不晚于开始时间") % lesson]
    first, last = timezone.localdate(starts), timezone.localdate(ends)
    if first < training_class.starts_on or last > training_class.ends_on:
        return [
            _("“%(topic)s”不在班期%(start)s至%(end)s之内")
            % {"topic": lesson["topic"], "start": training_class.starts_on, "end": training_class.ends_on}
        ]
    return []


def _check_dates(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Invalid(_("结束日期不能早于开班日期。"), field="ends_on")


def _require_draft(training_class: TrainingClass) -> None:
    if training_class.state != ClassState.DRAFT:
        raise RuleBroken(
            _("“%(name)s”已发布，请先撤回后再修改。") % {"name": training_class}, code="published"
        )
