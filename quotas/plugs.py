"""What quotas plug into the frame: navigation, work that waits, figures, panels on project pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.rulebook.hooks import on_phase_closed
from portal.ui.registry import Group, NavEntry, Number, WorkItem, nav, numbers, work_items
from programs.hooks import Link, Panel, program_links, project_guards, project_panels
from programs.models import Program, Project
from programs.queries import open_programs
from quotas.models import Quota, TableState
from quotas.services.releasing import release_after_closing

BUREAU = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER)
HOLDERS = frozenset(
    {*OFFICE, Role.PROVINCIAL_OFFICER, *BUREAU, Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BASE_ADMIN}
)
PHASE = "nomination"

on_phase_closed(PHASE)(release_after_closing)
nav(NavEntry(Group.QUOTAS, gettext_lazy("名额台账"), "quotas:list", "ticket", HOLDERS, 10))


@work_items
def quotas_waiting(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Tables to issue, seats to split, open projects to notify. Two queries a programme."""
    if actor.role not in HOLDERS:
        return
    for program in open_programs(actor):
        phase = program.rulebook.phase(PHASE)
        shared: dict[str, Any] = {
            "due": phase.closes_at if phase else None,
            "citation": phase.citation if phase else None,
            "kind": _("名额"),
        }
        yield from _office(actor, program, shared)
        yield from _bureau(actor, program, shared)
        yield from _base(actor, program, shared)


@numbers
def free_seats(actor: Actor, now: datetime) -> Iterator[Number]:
    """The seats one's own organisation received and still has free. One query."""
    if actor.role not in HOLDERS or actor.organization is None or actor.has_role(Role.BASE_ADMIN):
        return
    rows = Quota.objects.visible_to(actor).order_by()
    own = (
        rows.filter(parent=None)
        if actor.has_role(*OFFICE, Role.PROVINCIAL_OFFICER)
        else rows.filter(organization=actor.organization)
    )
    sums = own.aggregate(given=Sum("received"), spare=Sum(F("received") - F("passed") - F("held")))
    url = reverse("quotas:list")
    yield Number(_("下达名额"), sums["given"] or 0, url)
    yield Number(_("剩余名额"), sums["spare"] or 0, f"{url}?has_free=true")


@program_links
def tables_of(actor: Actor, program: Program) -> Iterator[Link]:
    """The way from a programme to its quota tables."""
    if actor.role in HOLDERS:
        yield Link(_("名额分配表（附件3）"), reverse("quotas:tables", args=[program.pk]))


@project_panels
def project_quotas(actor: Actor, project: Project) -> Iterator[Panel]:
    """Who has how many seats of the project. One query."""
    if actor.role not in HOLDERS:
        return
    rows = Quota.objects.visible_to(actor).filter(project=project, parent=None).select_related("organization")
    may_notify = project.open_quota and actor.has_role(Role.BASE_ADMIN) and project.base == actor.organization
    context = {"quotas": list(rows), "project": project, "may_notify": may_notify}
    yield Panel(_("名额"), "quotas/_project_panel.html", context)


@project_guards
def issued_seats_bind(project: Project, values: dict[str, Any]) -> Iterator[str]:
    """A project keeps at least the seats that were issued, and with them the way in which they were. One query."""
    issued = project.quotas.filter(parent=None).aggregate(total=Sum("received"))["total"] or 0
    if issued > values.get("seats", project.seats):
        yield _("已下达%(seats)d个名额，人数不能少于此数；请先收回名额") % {"seats": issued}
    if issued and values.get("open_quota", project.open_quota) != project.open_quota:
        yield _("已下达%(seats)d个名额，不能改变名额的下达方式；请先收回名额") % {"seats": issued}


def _office(actor: Actor, program: Program, shared: dict[str, Any]) -> Iterator[WorkItem]:
    if not actor.has_role(Role.PROGRAM_MANAGER):
        return
    waiting = program.quota_tables.filter(state=TableState.DRAFT).count()
    if waiting or not program.quota_tables.exists():
        url = reverse("quotas:tables", args=[program.pk])
        yield WorkItem(_("名额分配表待编制、下达"), url, count=waiting or 1, **shared)


def _bureau(actor: Actor, program: Program, shared: dict[str, Any]) -> Iterator[WorkItem]:
    if not actor.has_role(*BUREAU):
        return
    used = F("passed") + F("held")
    rows = Quota.objects.filter(organization=actor.organization, project__program=program, received__gt=used)
    count = rows.count()
    if count:
        title = _("%(count)d个项目的名额待分配到学校或直接推荐") % {"count": count}
        yield WorkItem(
            title, f"{reverse('quotas:list')}?has_free=true&kind={Kind.BUREAU}", count=count, **shared
        )


def _base(actor: Actor, program: Program, shared: dict[str, Any]) -> Iterator[WorkItem]:
    if not actor.has_role(Role.BASE_ADMIN):
        return
    rows = Project.objects.filter(program=program, open_quota=True, base=actor.organization, quotas=None)
    for project in rows:
        url = reverse("quotas:notify", args=[project.pk])
        yield WorkItem(_("%(project)s的名额待通知") % {"project": project}, url, **shared)
