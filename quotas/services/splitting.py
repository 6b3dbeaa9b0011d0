"""Moving seats between organisations: a bureau to its schools, between equals, from a base. CQ20-2.2, 2.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from programs.models import Project
from quotas import ledger
from quotas.models import MovementKind, Quota
from quotas.services.holders import holders
from quotas.services.planned import shift_cells

BUREAU = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER)


@operation(
    "quotas.split",
    gettext_lazy("分配名额到学校"),
    roles=BUREAU,
    scope=own("organization"),
    phase="nomination",
    clauses=["CQ20-2.2"],
    system=True,
)
def split(act: Act, quota: Quota, *, seats: Mapping[int, int], reason: str = "") -> Quota:
    """Make each school's received seats what `seats[school id]` says; other schools keep theirs.

    Raises RuleBroken when the bureau has fewer free seats than this needs, or a school has used more than it
    would keep; then nothing is moved.
    """
    schools = Organization.objects.active().under(quota.organization).of(Kind.SCHOOL)
    if schools.filter(pk__in=seats).count() != len(seats):
        raise Invalid(_("只能分配给本区县在用的中职学校。"), field="school")
    if any(number < 0 for number in seats.values()):
        raise Invalid(_("名额不能为负数。"), field="seats")
    Quota.objects.bulk_create(
        [Quota(project=quota.project, organization_id=school, parent=quota) for school in seats],
        ignore_conflicts=True,
    )
    rows = Quota.objects.filter(project=quota.project, organization__in=seats)
    locked = ledger.lock([quota.pk, *rows.values_list("pk", flat=True)])
    children = {each.organization_id: each for each in locked.values() if each.parent_id == quota.pk}
    if len(children) != len(seats):
        raise Invalid(_("有的学校在此项目的名额来自其他单位，不能由本单位分配。"), field="school")
    changes = {children[school].pk: number - children[school].received for school, number in seats.items()}
    _pass_both_ways(act, quota, changes, reason)
    _tell(act, quota.project, (school for school in seats if changes[children[school].pk]))
    act.reason = reason
    act.changed(quota, after={"passed": sum(changes.values())})
    act.list_rows({"school": school, "seats": number} for school, number in seats.items())
    return quota


@operation(
    "quotas.transfer",
    gettext_lazy("调剂名额"),
    roles=[*BUREAU, Role.PROGRAM_MANAGER],
    scope=own("giver"),
    phase="nomination",
    clauses=["CQ20-2.1", "CQ20-2.2"],
)
def transfer(act: Act, source: Quota, *, target: Organization, seats: int, reason: str) -> Quota:
    """Move free seats from one organisation to another of the same level. Who gave them may: bureau or office.

    What annex 3 plans is moved along, so that issuing it again does not undo the transfer.
    """
    _require_reason(reason)
    _check_target(source, target, seats)
    taker, _made = Quota.objects.get_or_create(
        project=source.project, organization=target, defaults={"parent": source.parent}
    )
    if taker.parent_id != source.parent_id:
        raise Invalid(_("调入单位在此项目的名额来自其他单位，不能调剂。"), field="target")
    ledger.move_between(act, source, taker, seats, reason=reason)
    _tell(act, source.project, [source.organization_id, target.pk])
    shift_cells([source, taker], {source.pk: -seats, taker.pk: seats})
    act.reason = reason
    act.changed(source, after={"to": target.name, "seats": seats})
    return taker


@operation(
    "quotas.issue_open",
    gettext_lazy("通知名额"),
    roles=[Role.BASE_ADMIN],
    scope=own("base"),
    phase="nomination",
    clauses=["CQ20-2.4"],
    system=True,
)
def issue_open(act: Act, project: Project, *, seats: Mapping[int, int], reason: str = "") -> Project:
    """The base of a project without a fixed quota gives bureaus and colleges their seats."""
    if not project.open_quota:
        raise RuleBroken(_("此项目的名额由项目办统一分配，基地不能另行通知。"), code="not_open")
    takers = Organization.objects.active().under(project.program.office.reach).of(Kind.BUREAU, Kind.COLLEGE)
    if takers.filter(pk__in=seats).count() != len(seats) or any(number < 0 for number in seats.values()):
        raise Invalid(_("只能通知区县教育部门和高职院校，名额不能为负数。"), field="organization")
    Project.objects.select_for_update().get(pk=project.pk)
    Quota.objects.bulk_create(
        [Quota(project=project, organization_id=organization) for organization in seats],
        ignore_conflicts=True,
    )
    stored = {
        each.organization_id: each for each in Quota.objects.filter(project=project, organization__in=seats)
    }
    _refuse_excess(project, stored, seats)
    changes = {stored[key].pk: number - stored[key].received for key, number in seats.items()}
    ledger.receive(act, changes, reason=reason or _("基地另行通知"))
    _tell(act, project, (key for key in seats if changes[stored[key].pk]))
    act.reason = reason
    act.changed(project, after={"seats": sum(seats.values())})
    act.list_rows({"organization": key, "seats": number} for key, number in seats.items())
    return project


def _pass_both_ways(act: Act, quota: Quota, changes: Mapping[int, int], reason: str) -> None:
    """First what schools give back, then what others get: a swap inside the bureau's total needs no free seat."""
    back = {key: number for key, number in changes.items() if number < 0}
    out = {key: number for key, number in changes.items() if number > 0}
    if back:
        ledger.pass_down(act, quota, back, kind=MovementKind.RECLAIM, reason=reason)
    if out:
        ledger.pass_down(act, quota, out, kind=MovementKind.ALLOCATE, reason=reason)


def _check_target(source: Quota, target: Organization, seats: int) -> None:
    if source.organization == target:
        raise Invalid(_("调出与调入单位不能相同。"), field="target")
    same_level = (target.kind, target.parent_id) == (source.organization.kind, source.organization.parent_id)
    if seats < 1 or not target.active or not same_level:
        raise Invalid(_("只能在同级的在用单位之间调剂，且至少1个名额。"), field="target")


def _refuse_excess(project: Project, stored: Mapping[int, Quota], seats: Mapping[int, int]) -> None:
    others = Quota.objects.filter(project=project, parent=None).exclude(organization__in=stored)
    total = (others.aggregate(total=Sum("received"))["total"] or 0) + sum(seats.values())
    if total > project.seats:
        raise RuleBroken(
            _("通知名额合计%(total)d个，超过项目人数%(seats)d人。")
            % {"total": total, "seats": project.seats},
            code="total_exceeded",
        )


def _tell(act: Act, project: Project, organization_ids: Iterable[int]) -> None:
    words = _("%(project)s的名额已下达或调整，请在截止前推荐人选。") % {"project": project}
    act.tell(holders(organization_ids), words, url="/quotas/")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("请填写理由。"), field="reason")
