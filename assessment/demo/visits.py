"""The demo's inspections in the year: every project is visited by its end, findings answered, results circulated."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from assessment.models import Circular, Inspection, InspectionPoint, Method
from assessment.services.circulating import circulate
from assessment.services.following_up import answer_point, close_inspection, settle_point
from assessment.services.inspections import VisitPlan, eligible_inspectors, plan_inspections
from assessment.services.visiting import PointDraft, VisitRecord, record_visit, submit_visit
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.models import Program, Project

CIRCULATED_ON = date(2021, 8, 20)
# One in so many visits finds something that the base must answer; one in so many answers is still to come.
FINDING_EVERY, SILENT_EVERY = 2, 7
FINDINGS = (
    "个别半天签到不全，请补齐并说明。",
    "课程表有两处调整未报备，请补报。",
    "档案中缺少宣传简报。",
    "学员成果未按要求归档。",
)


@demo_stage(300, "演示视导", year=True)
def inspect_all(demo: Demo) -> None:
    """Each project is visited in the middle of its first class."""
    program = Program.objects.select_related("rulebook", "office__parent").get(demo=True)
    rows = program.projects.filter(inspections=None, base__isnull=False).select_related(
        "base", "program__rulebook"
    )
    for index, project in enumerate(rows.order_by("code")):
        day = _day_of(project)
        if demo.reached(day):
            _visit(demo, program, project, day, index)
    visited = Inspection.objects.visited().filter(project__program=program)
    if demo.reached(CIRCULATED_ON) and visited.exists() and not Circular.objects.exists():
        demo.at(CIRCULATED_ON)
        circulate(
            demo.system,
            program,
            title="2020年项目视导情况通报（演示）",
            text="视导组对全部项目进行了视导，总体组织有序、管理规范；部分项目档案资料不够完整，请各基地对照整改。",
            inspections=list(visited),
            organizations=list(Organization.objects.active().of(Kind.BASE)),
        )


def _day_of(project: Project) -> date:
    first = project.classes.published().order_by("starts_on").first()  # type: ignore[attr-defined]
    return min(first.starts_on + timedelta(days=3), YEAR_ENDS) if first else YEAR_ENDS


def _visit(demo: Demo, program: Program, project: Project, day: date, index: int) -> None:
    own = Membership.objects.current().filter(organization=project.base).values("user")
    people = list(eligible_inspectors(program).exclude(pk__in=own))
    if not people:
        return
    inspector = people[index % len(people)]
    demo.at(day - timedelta(days=2))
    plan = VisitPlan(day, Method.values[index % 2], [inspector])
    (made,) = plan_inspections(demo.system, program, projects=[project], plan=plan)
    demo.at(day, 11)
    actor = _actor(inspector)
    made = Inspection.objects.select_related(
        "project__program__rulebook", "project__program__office", "base"
    ).get(pk=made.pk)
    record_visit(actor, made, version=made.version, record=_record(demo, program, day, index))
    submit_visit(actor, Inspection.objects.select_related(*PATHS).get(pk=made.pk))
    if index % SILENT_EVERY != SILENT_EVERY - 1 and demo.reached(day + timedelta(days=6)):
        _follow_up(demo, made, day)


PATHS = ("project__program__rulebook", "project__program__office__parent", "base")


def _record(demo: Demo, program: Program, day: date, index: int) -> VisitRecord:
    items = program.rulebook.inspection_items.all()
    marks = {
        each.pk: ((Decimal(each.points) * demo.rng.randint(80, 100) / 100).quantize(Decimal("0.1")), "")
        for each in items
    }
    points = [PointDraft("学员参与度高，课堂组织有序。", demands=False)]
    if index % FINDING_EVERY == 0:
        points.append(PointDraft(FINDINGS[index // FINDING_EVERY % len(FINDINGS)]))
    return VisitRecord(
        day, "组织管理规范，培训按方案实施，学员反映良好。（演示）", "进一步完善过程性档案。", marks, points
    )


def _follow_up(demo: Demo, made: Inspection, day: date) -> None:
    base = Membership.objects.current().filter(role=Role.BASE_ADMIN, organization=made.base)
    keeper = base.select_related("user", "organization").first()
    office = (
        Membership.objects.current().filter(role=Role.PROGRAM_MANAGER).select_related("user", "organization")
    )
    manager = Actor.of(office.order_by("pk")[0])
    if keeper is None:
        return
    points = InspectionPoint.objects.filter(inspection=made, state="open").select_related(
        "inspection__base", "inspection__project__program__office__parent"
    )
    for point in points:
        demo.at(day + timedelta(days=5))
        answer_point(Actor.of(keeper), point, answer="已按要求整改并补齐材料。")
        demo.at(day + timedelta(days=6))
        settle_point(manager, point, accept=True)
    close_inspection(manager, Inspection.objects.select_related(*PATHS).get(pk=made.pk))


def _actor(user: User) -> Actor:
    held = user.memberships.filter(ended_at=None).select_related("user", "organization")
    roles = (Role.EXPERT, Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER, Role.PROVINCIAL_OFFICER)
    return Actor.of(next(each for role in roles for each in held if each.role == role))
