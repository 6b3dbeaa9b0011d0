"""Planning inspections: every project of the programme is visited. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Inspection, Inspector
from assessment.models.inspection import PLANNERS, VISITORS
from assessment.states.surveys import INSPECTION
from portal.accounts.models import Membership, User
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.operations.versions import save_version
from programs.models import Program, Project, TrainingClass


@dataclass(frozen=True)
class VisitPlan:
    """When, how and by whom; `training_class` narrows the visit to one class of the project."""

    planned_on: date
    method: str
    inspectors: Sequence[User] = field(default=())
    training_class: TrainingClass | None = None


@operation(
    "assessment.plan_inspections",
    gettext_lazy("安排视导"),
    roles=PLANNERS,
    scope=within("office"),
    clauses=["CQ20-6.4"],
    system=True,
)
def plan_inspections(
    act: Act, program: Program, *, projects: Sequence[Project], plan: VisitPlan
) -> list[Inspection]:
    """Plan a visit to each of the programme's `projects`; the inspectors are told.

    Raises Invalid for a day that is past, nobody to visit, someone of the base itself, or a class of another project.
    """
    _check(act, program, projects, plan)
    made = Inspection.objects.bulk_create(
        Inspection(
            project=each,
            training_class=plan.training_class,
            base=plan.training_class.base if plan.training_class else each.base,
            method=plan.method,
            planned_on=plan.planned_on,
            planned_by_name=act.actor.name,
        )
        for each in projects
    )
    Inspector.objects.bulk_create(
        Inspector(inspection=each, user=user) for each in made for user in plan.inspectors
    )
    act.changed(program, after={"planned": len(made), "planned_on": plan.planned_on, "method": plan.method})
    act.list_rows({"inspection": each.pk, "project": each.project.code} for each in made)
    _tell(act, plan.inspectors, made)
    return made


@operation(
    "assessment.change_inspection",
    gettext_lazy("调整视导安排"),
    roles=PLANNERS,
    scope=within("project.program.office"),
    clauses=["CQ20-6.4"],
)
def change_inspection(act: Act, inspection: Inspection, *, version: int, plan: VisitPlan) -> Inspection:
    """Change a planned visit. Raises Conflict for a stale version, and as `plan_inspections`."""
    _require_planned(inspection)
    _check(act, inspection.project.program, [inspection.project], plan)
    before = {"planned_on": inspection.planned_on, "method": inspection.method}
    save_version(
        inspection,
        version,
        planned_on=plan.planned_on,
        method=plan.method,
        training_class=plan.training_class,
    )
    inspection.inspectors.exclude(user__in=plan.inspectors).delete()
    there = set(inspection.inspectors.values_list("user", flat=True))
    new = [each for each in plan.inspectors if each.pk not in there]
    Inspector.objects.bulk_create(Inspector(inspection=inspection, user=each) for each in new)
    after = {
        "planned_on": plan.planned_on,
        "method": plan.method,
        "inspectors": [str(each) for each in plan.inspectors],
    }
    act.changed(inspection, before=before, after=after)
    _tell(act, plan.inspectors, [inspection])
    return inspection


@operation(
    "assessment.cancel_inspection",
    gettext_lazy("取消视导"),
    roles=PLANNERS,
    scope=within("project.program.office"),
    clauses=["CQ20-6.4"],
)
def cancel_inspection(act: Act, inspection: Inspection, *, reason: str) -> Inspection:
    """Cancel a planned visit; its project counts as not visited again."""
    if not reason.strip():
        raise Invalid(_("请填写取消理由。"), field="reason")
    INSPECTION.apply(inspection, "cancel")
    act.reason = reason.strip()
    act.changed(inspection, before={"state": "planned"}, after={"state": inspection.state})
    people = User.objects.filter(inspections__inspection=inspection)
    act.tell(people, _("视导已取消：%(project)s") % {"project": inspection.project}, body=reason)
    return inspection


def eligible_inspectors(program: Program) -> QuerySet[User]:
    """Who may visit: active people who hold the role of expert, or one of the office or its authority, in its reach."""
    held = Membership.objects.current().filter(
        role__in=VISITORS, organization__path__startswith=program.office.reach.path
    )
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return found.order_by("name", "pk")


def _check(act: Act, program: Program, projects: Sequence[Project], plan: VisitPlan) -> None:
    if not projects:
        raise Invalid(_("请选择要视导的项目。"), field="projects")
    if plan.planned_on < act.today:
        raise Invalid(_("视导日期已过，请选择今天或以后的日期。"), field="planned_on")
    if plan.training_class and [plan.training_class.project_id] != [each.pk for each in projects]:
        raise Invalid(_("所选班级不属于此项目。"), field="training_class")
    if any(each.program_id != program.pk or each.base_id is None for each in projects):
        raise Invalid(_("所选项目不属于本计划，或还没有承担单位。"), field="projects")
    _check_inspectors(program, projects, plan)


def _check_inspectors(program: Program, projects: Sequence[Project], plan: VisitPlan) -> None:
    keys = {each.pk for each in plan.inspectors}
    if not keys:
        raise Invalid(_("请至少安排一名视导人员。"), field="inspectors")
    if eligible_inspectors(program).filter(pk__in=keys).count() != len(keys):
        raise Invalid(_("视导人员须是本级的专家或项目办、教委人员。"), field="inspectors")
    own = Membership.objects.current().filter(
        user__in=keys, organization__in={each.base_id for each in projects}
    )
    conflict = own.select_related("user", "organization").first()
    if conflict:
        raise Invalid(
            _("%(user)s是%(base)s的人员，不能视导本单位承担的项目，请另行安排。")
            % {"user": conflict.user, "base": conflict.organization},
            field="inspectors",
        )


def _require_planned(inspection: Inspection) -> None:
    """Raise WrongState for a visit that took place or was cancelled."""
    if INSPECTION.target(inspection.state, "submit") is None:
        INSPECTION.apply(inspection, "submit")


def _tell(act: Act, inspectors: Sequence[User], made: Sequence[Inspection]) -> None:
    if len(made) == 1:
        title = _("请于%(day)s视导%(project)s") % {"day": made[0].planned_on, "project": made[0].project}
        url = reverse("assessment:inspection", args=[made[0].pk])
    else:
        title = _("您有%(count)d个项目待视导") % {"count": len(made)}
        url = reverse("assessment:inspections")
    act.tell(inspectors, title, url=url)
