"""Putting teachers forward, correcting and taking back. Source: CQ20-2.2, 2.3, 3.2, 6.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import Candidate
from enrollment.models import Nomination, NominationSheet, NominationState
from enrollment.services import seats
from enrollment.services.clashes import told_of_clashes
from enrollment.services.judging import findings_for, require_scan
from enrollment.states import NOMINATION
from portal.accounts.roles import Role
from portal.bulk import Blank, copy_in
from portal.errors import Conflict, Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.reviews.services.closing import withdraw_reviews
from portal.reviews.services.opening import open_reviews
from portal.rulebook.findings import Finding, require, worst
from programs.models import Program, Project, TrainingClass
from quotas.models import Quota

NOMINATORS = (Role.SCHOOL_ADMIN, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.COLLEGE_ADMIN)
KIND = "enrollment.nomination"
# Substitutes are reviewed as long as classes have not begun, others only until the notice's day.
SUBSTITUTE = "enrollment.substitute"
PHASE = "nomination"


class Proposal(NamedTuple):
    """One person whom an organisation wants to put forward."""

    teacher: Teacher
    project: Project
    training_class: TrainingClass | None = None
    note: str = ""


@dataclass(frozen=True)
class Standing:
    """An organisation taking part in a programme: what an act of nominating is about."""

    program: Program
    organization: Organization

    @property
    def rulebook(self) -> object:
        return self.program.rulebook


@operation(
    "enrollment.nominate",
    gettext_lazy("推荐学员"),
    roles=NOMINATORS,
    scope=within("organization"),
    phase=PHASE,
    clauses=["CQ20-2.2", "CQ20-2.3", "CQ20-3.2", "CQ20-6.1"],
)
def nominate(act: Act, standing: Standing, *, proposals: Sequence[Proposal]) -> list[Nomination]:
    """Put people forward and send them to the first reviewer: a school's to its bureau, others' to the office.

    Bureaus and colleges whose notice asks for a stamped scan submit a sheet instead (services.sheets).
    Raises RuleBroken with the findings of the first person whom a rule refuses; then nobody is nominated.
    """
    if standing.organization.kind != Kind.SCHOOL:
        require_scan(standing.program.rulebook, has_scan=False)
    made = draft_nominations(act, standing.program, standing.organization, proposals)
    send(act, made)
    act.changed(standing.organization, after={"nominated": len(made), "program": standing.program.name})
    act.list_rows(
        {"teacher": each.teacher.pk, "name": each.teacher.name, "project": each.project.code} for each in made
    )
    return made


@operation(
    "enrollment.withdraw",
    gettext_lazy("撤回推荐"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.2"],
)
def withdraw(act: Act, nomination: Nomination, *, reason: str) -> Nomination:
    """Take back a nomination that is not approved yet; its seat is free again."""
    if not reason.strip():
        raise Invalid(_("请填写撤回理由。"), field="reason")
    if nomination.state == NominationState.APPROVED:
        raise RuleBroken(_("此人已通过资格审核，如不能参训请办理“更换学员”。"), code="approved")
    before = nomination.state
    # The review first, as reviewers lock it first: the two never wait for each other in a ring.
    withdraw_reviews(act, [nomination])
    NOMINATION.apply(nomination, "withdraw", opinion=reason, decided_at=act.now)
    seats.release_seats(act, [nomination], reason=_("撤回推荐"))
    act.reason = reason
    act.changed(nomination, before={"state": before}, after={"state": nomination.state})
    return nomination


@operation(
    "enrollment.resubmit",
    gettext_lazy("更正后重新报送"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.2"],
)
def resubmit(act: Act, nomination: Nomination, *, note: str = "") -> Nomination:
    """Send a returned nomination again, judged anew. It kept its seat."""
    if nomination.state != NominationState.RETURNED:
        raise RuleBroken(_("只有被退回修改的推荐才能重新报送。"), code="not_returned")
    found = findings_for(nomination.rulebook, [_again(nomination)], act.today)[0]
    require(found)
    nomination.note = note or nomination.note
    keep_findings(nomination, found)
    nomination.save(update_fields=["note", "findings", "verdict"])
    send(act, [nomination])
    act.changed(nomination, before={"state": NominationState.RETURNED}, after={"state": nomination.state})
    return nomination


def candidates_of(organization: Organization, proposals: Sequence[Proposal]) -> list[Candidate]:
    """Proposals with the quota whose seats they would take. One query."""
    quotas = seats.own_quotas(organization, {each.project.pk for each in proposals})
    return [
        Candidate(each.teacher, each.project, quotas.get(each.project.pk), each.training_class)
        for each in proposals
    ]


def draft_nominations(
    act: Act,
    program: Program,
    organization: Organization,
    proposals: Sequence[Proposal],
    *,
    sheet: NominationSheet | None = None,
) -> list[Nomination]:
    """Write proposals that the rules let pass as drafts that hold their seats; a constant number of queries.

    For use inside an operation. Raises RuleBroken when a rule refuses one or a seat is gone meanwhile, Conflict when
    somebody else nominates one of them at the same moment.
    """
    _refuse_strangers(organization, proposals)
    candidates = candidates_of(organization, proposals)
    findings = findings_for(program.rulebook, candidates, act.today)
    for found in findings:
        require(found)
    blank = Blank(Nomination, program=program, organization=organization, sheet=sheet, created_at=act.now)
    made = [
        _draft(blank, proposal, candidate, kept)
        for proposal, candidate, kept in zip(proposals, candidates, _kept(findings), strict=True)
    ]
    seats.hold_seats(act, made)
    with told_of_clashes():
        return copy_in(made)


def send(act: Act, nominations: Sequence[Nomination]) -> None:
    """Send drafts or returned nominations to their first reviewer. For use inside an operation.

    Raises Conflict when one of them was taken back or lapsed meanwhile: its seat is not held any more.
    """
    by_school = [each for each in nominations if each.organization.kind == Kind.SCHOOL]
    others = [each for each in nominations if each.organization.kind != Kind.SCHOOL]
    for rows, action in ((by_school, "send_to_bureau"), (others, "submit")):
        keys = [each.pk for each in rows]
        sent = NOMINATION.apply_to(Nomination.objects.filter(pk__in=keys), action, submitted_at=act.now)
        if sent != len(rows):
            raise Conflict(_("所选推荐中有的刚被撤回或已失效，请刷新后重新报送。"))
        for each in rows:
            each.state, each.submitted_at = NOMINATION.target(each.state, action) or each.state, act.now
    _open(act, [each for each in nominations if each.substitute_for_id is None], KIND)
    _open(act, [each for each in nominations if each.substitute_for_id is not None], SUBSTITUTE)


def _open(act: Act, nominations: Sequence[Nomination], kind: str) -> None:
    open_reviews(act, nominations, kind=kind, origin=lambda each: each.organization, title=_title)


def _title(nomination: Nomination) -> str:
    return f"{nomination.teacher.name}（{nomination.school.label}）· {nomination.project.name}"


def _refuse_strangers(organization: Organization, proposals: Sequence[Proposal]) -> None:
    strangers = [each.teacher for each in proposals if not organization.covers(each.teacher.school)]
    if strangers:
        names = "、".join(each.name for each in strangers[:10])
        raise RuleBroken(
            _("只能推荐本单位及下属学校的教师，以下人员不属于：%(names)s") % {"names": names}, code="stranger"
        )


def _draft(
    blank: Blank[Nomination], proposal: Proposal, candidate: Candidate, kept: dict[str, Any]
) -> Nomination:
    return blank.fill(
        {
            "project": proposal.project,
            "training_class": proposal.training_class,
            "teacher": proposal.teacher,
            "school": proposal.teacher.school,
            "quota": _certain(candidate.quota, proposal),
            "note": proposal.note,
            **kept,
        }
    )


def _kept(judged: Iterable[Sequence[Finding]]) -> Iterator[dict[str, Any]]:
    """What each nomination keeps of what the rules said; where they said the very same it is made once and shared."""
    known: dict[tuple[int, ...], dict[str, Any]] = {}
    for found in judged:
        key = tuple(map(id, found))
        if key not in known:
            known[key] = _plain(found)
        yield known[key]


def _plain(found: Sequence[Finding]) -> dict[str, Any]:
    return {"findings": [each.as_json() for each in found], "verdict": worst(found).value}


def _certain(quota: Quota | None, proposal: Proposal) -> Quota:
    if quota is None:
        raise RuleBroken(
            _("本单位没有项目%(project)s的名额。") % {"project": proposal.project.code}, code="no_quota"
        )
    return quota


def _again(nomination: Nomination) -> Candidate:
    return Candidate(
        nomination.teacher,
        nomination.project,
        nomination.quota,
        nomination.training_class,
        replaces=nomination.substitute_for,
        nomination_id=nomination.pk,
    )


def keep_findings(nomination: Nomination, found: Sequence[Finding]) -> None:
    """Store on the nomination what the rules said of it."""
    for name, value in _plain(found).items():
        setattr(nomination, name, value)
