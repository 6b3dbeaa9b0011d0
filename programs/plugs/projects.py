"""What programmes plug into the frame: navigation, work that waits, search, figures, the calendar and the switcher."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.rulebook.hooks import chooses_rulebook
from portal.rulebook.models import Rulebook
from portal.ui.registry import (
    Group,
    NavEntry,
    Number,
    ProgramChoice,
    SearchHit,
    WorkItem,
    begun,
    nav,
    numbers,
    programs,
    search,
    work_items,
)
from portal.ui.views import PROGRAM_SESSION_KEY
from programs import queries
from programs.models import ClassState, Program, Project, TrainingClass
from programs.services.classes import PHASE
from programs.services.opening import PHASE as TRAINING

FOUND = 5
CONCERNED = frozenset(
    {
        *OFFICE,
        Role.PROVINCIAL_OFFICER,
        Role.BUREAU_CLERK,
        Role.BUREAU_APPROVER,
        Role.SCHOOL_ADMIN,
        Role.COLLEGE_ADMIN,
        Role.BASE_ADMIN,
        Role.CLASS_TEACHER,
        Role.FINANCE_OFFICER,
        Role.EXPERT,
    }
)

nav(
    NavEntry(Group.PROGRAMS, gettext_lazy("年度计划"), "programs:list", "calendar", CONCERNED, 10),
    NavEntry(Group.PROGRAMS, gettext_lazy("项目台账"), "programs:projects", "list-details", CONCERNED, 20),
    NavEntry(Group.CLASSES, gettext_lazy("班级台账"), "programs:classes", "school", CONCERNED, 10),
)


def current_program(request: HttpRequest) -> Program | None:
    """The programme one works in: the one chosen in the top bar, else the newest one sees."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return None
    rows = queries.seen_programs(actor)
    chosen = request.session.get(PROGRAM_SESSION_KEY)
    return next((each for each in rows if each.pk == chosen), rows[0] if rows else None)


@chooses_rulebook
def rulebook_of(request: HttpRequest) -> Rulebook | None:
    """The rulebook of the programme one works in."""
    found = current_program(request)
    return found.rulebook if found else None


@programs
def program_choices(request: HttpRequest) -> Iterator[ProgramChoice]:
    """The programmes of the switcher. One query."""
    current = current_program(request)
    for each in queries.seen_programs(request.actor):  # type: ignore[attr-defined]
        yield ProgramChoice(each.pk, each.name, each == current)


@work_items
def classes_to_publish(actor: Actor, now: datetime) -> Iterable[WorkItem]:
    """What bases and the office still have to do before classes are published. Two queries a programme."""
    if not actor.has_role(Role.BASE_ADMIN, *OFFICE):
        return
    for program in queries.open_programs(actor):
        phase = program.rulebook.phase(PHASE)
        owing = queries.without_published_class(program)
        if actor.has_role(Role.BASE_ADMIN):
            owing = owing.filter(base=actor.organization)
        count = owing.count()
        if count and phase:
            url = reverse("programs:projects") + "?unpublished=true"
            if actor.has_role(*OFFICE):
                url = reverse("programs:unpublished", args=[program.pk])
            title = _("%(count)d个项目尚未发布编班排课") % {"count": count}
            yield WorkItem(title, url, phase.closes_at, count, phase.citation, _("编班"))


@search
def projects_and_classes(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five projects and five classes. Two queries."""
    from programs.tables.projects import CLASSES, PROJECTS, class_rows, project_rows

    for project in PROJECTS.find(project_rows(actor), text).order_by("code")[:FOUND]:
        yield SearchHit(
            _("项目"), str(project), reverse("programs:project", args=[project.pk]), project.category.name
        )
    for found in CLASSES.find(class_rows(actor), text).order_by("starts_on")[:FOUND]:
        yield SearchHit(_("班级"), found.name, reverse("programs:class", args=[found.pk]), found.base.label)


@begun
def training_begun(actor: Actor, now: datetime) -> bool:
    """Whether a programme that the actor sees is in its training, or behind it. No query beside the frame's and the strip's."""
    phases = [each.rulebook.phase(TRAINING) for each in queries.open_programs(actor)]
    return any(each.opens_at is None or each.opens_at <= now for each in phases if each)


@numbers
def figures(actor: Actor, now: datetime) -> Iterator[Number]:
    """Projects and published classes one sees. Two queries."""
    if actor.role not in CONCERNED:
        return
    projects = Project.objects.visible_to(actor)
    classes = TrainingClass.objects.visible_to(actor).published()
    if actor.has_role(Role.BASE_ADMIN, Role.CLASS_TEACHER):
        projects, classes = projects.filter(base=actor.organization), classes.filter(base=actor.organization)
    yield Number(_("项目"), projects.count(), reverse("programs:projects"))
    yield Number(
        _("已发布班级"), classes.count(), f"{reverse('programs:classes')}?state={ClassState.PUBLISHED}"
    )
