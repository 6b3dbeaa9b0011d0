"""What inspections plug into the frame, the pages of programmes and classes, and the calendar's reminders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.coverage import RULE, Coverage, coverage, coverage_findings
from assessment.models import Inspection, InspectionPoint, InspectionState, PointState
from assessment.models.inspection import PLANNERS
from assessment.services.circulating import READERS
from assessment.views.inspections import SEERS
from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.rulebook.findings import Citation, Finding
from portal.rulebook.hooks import Reminder, reminds
from portal.rulebook.models import Clause, Phase
from portal.ui.registry import Group, NavEntry, Number, WorkItem, nav, outcomes, work_items
from programs.hooks import Link, Panel, class_panels, closing_guards, program_links, project_panels
from programs.models import Program, ProgramState, Project, TrainingClass
from programs.services.people import office_people

# By whose end every project must have been visited: classes are held in it.
PHASE = "training"

nav(
    NavEntry(
        Group.ASSESSMENT, gettext_lazy("视导台账"), "assessment:inspections", "eye", frozenset(SEERS), 60
    ),
    NavEntry(
        Group.ASSESSMENT, gettext_lazy("视导通报"), "assessment:circulars", "send", frozenset(READERS), 65
    ),
)


@program_links
def coverage_link(actor: Actor, program: Program) -> Iterator[Link]:
    """Coverage, on the programme's page. One query."""
    if actor.role in PLANNERS:
        found = coverage(program)
        label = _("视导覆盖：%(visited)d / %(total)d个项目") % {
            "visited": found.visited,
            "total": found.total,
        }
        yield Link(label, reverse("assessment:coverage", args=[program.pk]))


@closing_guards
def everything_visited(program: Program) -> list[Finding]:
    """六（四）: a programme ends only when every project was visited, if the notice's rule blocks."""
    return coverage_findings(program)


@class_panels
def class_visits(actor: Actor, training_class: TrainingClass) -> Iterable[Panel]:
    """The visits to the class and to its project. One query."""
    rows = Inspection.objects.visible_to(actor).filter(project=training_class.project_id)
    mine = rows.filter(training_class=None) | rows.filter(training_class=training_class)
    return _panel(mine)


@project_panels
def project_visits(actor: Actor, project: Project) -> Iterable[Panel]:
    """The visits to the project. One query."""
    return _panel(Inspection.objects.visible_to(actor).filter(project=project))


def _panel(rows: QuerySet[Inspection]) -> Iterator[Panel]:
    found = list(rows.exclude(state=InspectionState.CANCELLED).order_by("planned_on", "pk"))
    if found:
        yield Panel(_("视导"), "assessment/_visits.html", {"visits": found})


@work_items
def inspection_work(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Projects to visit, visits to make, findings to answer and to check. At most four queries a programme."""
    if actor.role in PLANNERS:
        yield from _coverage_work(actor)
        answered = InspectionPoint.objects.filter(
            state=PointState.ANSWERED, inspection__in=Inspection.objects.visible_to(actor)
        ).count()
        if answered:
            url = f"{reverse('assessment:inspections')}?state={InspectionState.SUBMITTED}"
            yield WorkItem(_("视导问题的整改待核实"), url, None, answered, None, _("视导"))
    if actor.has_role(Role.EXPERT, *PLANNERS):
        yield from _visit_work(actor)
    if actor.has_role(Role.BASE_ADMIN):
        yield from _answer_work(actor)


def _coverage_work(actor: Actor) -> Iterator[WorkItem]:
    programs = Program.objects.visible_to(actor).filter(state=ProgramState.PUBLISHED)
    for program in programs.select_related("rulebook"):
        found = coverage(program)
        if found.missing:
            phase = program.rulebook.phase(PHASE)
            words = {"missing": found.missing, "percent": found.percent}
            title = _("%(missing)d个项目尚未视导（已覆盖%(percent)d%%）") % words
            url = reverse("assessment:coverage", args=[program.pk])
            due = phase.closes_at if phase else None
            yield WorkItem(title, url, due, found.missing, _clause(program), _("视导"))


def _clause(program: Program) -> Citation | None:
    """The clause that the notice's coverage rule rests on."""
    rule = program.rulebook.rules.filter(kind=RULE).select_related("clause__notice").first()
    clause: Clause | None = rule.clause if rule else None
    return clause.citation if clause else None


def _visit_work(actor: Actor) -> Iterator[WorkItem]:
    rows = Inspection.objects.filter(inspectors__user=actor.user_id, state=InspectionState.PLANNED)
    for each in rows.select_related("project").order_by("planned_on")[:20]:
        title = _("视导%(project)s并提交记录") % {"project": each.project}
        url = reverse("assessment:visit", args=[each.pk])
        yield WorkItem(title, url, clock.end_of(each.planned_on), 1, None, _("视导"))


def _answer_work(actor: Actor) -> Iterator[WorkItem]:
    rows = InspectionPoint.objects.filter(
        inspection__base=actor.organization,
        inspection__state=InspectionState.SUBMITTED,
        state__in=(PointState.OPEN, PointState.RETURNED),
    )
    first, count = rows.aggregate(due=Min("due_on"), count=Count("pk")).values()
    if first:
        url = f"{reverse('assessment:inspections')}?state={InspectionState.SUBMITTED}"
        title = _("视导问题待反馈整改情况")
        yield WorkItem(title, url, clock.end_of(first), count, None, _("视导"))


@outcomes
def visited_share(actor: Actor, now: datetime) -> Iterator[Number]:
    """How much of the newest programme was visited. Two queries."""
    if actor.role not in PLANNERS:
        return
    program = Program.objects.visible_to(actor).filter(state=ProgramState.PUBLISHED).first()
    if program:
        found: Coverage = coverage(program)
        url = reverse("assessment:coverage", args=[program.pk])
        yield Number(_("视导覆盖"), f"{found.percent}%", url, f"{found.visited} / {found.total}")


@reminds(PHASE)
def projects_not_visited(phase: Phase, now: datetime) -> Iterator[Reminder]:
    """The office learns which projects nobody has visited. Two queries."""
    program = Program.objects.filter(rulebook=phase.rulebook_id).select_related("office").first()
    found = coverage(program) if program else Coverage()
    if program and found.missing:
        people = list(office_people(program.office).values_list("pk", flat=True))
        title = _("还有%(count)d个项目没有视导") % {"count": found.missing}
        yield Reminder(people, title, url=reverse("assessment:coverage", args=[program.pk]))
