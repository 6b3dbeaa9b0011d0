"""Circulating what inspections found, within bounds. Source: CQ20-6.4 (在一定范围内进行通报)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Circular, CircularCopy, Inspection
from assessment.models.inspection import PLANNERS
from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import Scope, within
from portal.organizations.models import Organization
from portal.text import normalise
from programs.models import Program

# Whose people read what their organisation was sent.
READERS = frozenset(Role) - SEPARATED - {Role.TRAINEE, Role.EXPERT}


@operation(
    "assessment.circulate",
    gettext_lazy("发布视导通报"),
    roles=PLANNERS,
    scope=within("office"),
    clauses=["CQ20-6.4"],
    system=True,
)
def circulate(
    act: Act,
    program: Program,
    *,
    title: str,
    text: str,
    inspections: Sequence[Inspection],
    organizations: Sequence[Organization],
) -> Circular:
    """Send the results of submitted inspections to the organisations chosen; their people are told.

    Raises Invalid without words, inspections or receivers, for a visit that has not taken place, or one of another
    programme, or a receiver out of reach.
    """
    title, text = normalise(title), normalise(text, multiline=True)
    _check(program, title, text, inspections, organizations)
    made = Circular.objects.create(
        program=program, title=title, text=text, by_name=act.actor.name, at=act.now
    )
    made.inspections.set(inspections)
    CircularCopy.objects.bulk_create(CircularCopy(circular=made, organization=each) for each in organizations)
    act.changed(made, after={"inspections": len(inspections), "organizations": len(organizations)})
    act.list_rows({"organization": str(each)} for each in organizations)
    act.tell(_people(organizations), title, url=reverse("assessment:circular", args=[made.pk]))
    return made


def _receives(actor: Actor, circular: Circular) -> bool:
    return circular.copies.filter(organization=actor.organization).exists()


@operation(
    "assessment.read_circular",
    gettext_lazy("签收视导通报"),
    roles=READERS,
    scope=Scope("本单位", _receives),
    clauses=["CQ20-6.4"],
)
def read_circular(act: Act, circular: Circular) -> CircularCopy:
    """Note that the actor's organisation has opened the circular; only the first time counts."""
    copy = circular.copies.get(organization=act.actor.organization)
    if CircularCopy.objects.filter(pk=copy.pk, read_at=None).update(read_at=act.now):
        copy.read_at = act.now
    act.changed(circular, after={"read_by": str(act.actor.organization)})
    return copy


def _check(
    program: Program,
    title: str,
    text: str,
    inspections: Sequence[Inspection],
    organizations: Sequence[Organization],
) -> None:
    if not title:
        raise Invalid(_("请填写通报标题。"), field="title")
    if not text:
        raise Invalid(_("请填写通报正文。"), field="text")
    visited = Inspection.objects.visited().filter(project__program=program)
    keys = {each.pk for each in inspections}
    if not keys or visited.filter(pk__in=keys).count() != len(keys):
        raise Invalid(_("请选择本计划中已提交记录的视导。"), field="inspections")
    reach = program.office.reach
    if not organizations or not all(each.path.startswith(reach.path) for each in organizations):
        raise Invalid(_("请选择管理范围内的接收单位。"), field="organizations")


def _people(organizations: Sequence[Organization]) -> QuerySet[User]:
    held = Membership.objects.current().filter(organization__in=organizations, role__in=READERS)
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return found
