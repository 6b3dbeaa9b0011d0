"""What becomes of an inspection's findings: the base answers, the office accepts or returns, the visit is closed. CQ20-6.4."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Inspection, InspectionPoint, PointState
from assessment.models.inspection import PLANNERS
from assessment.states.surveys import INSPECTION, POINT
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.text import normalise
from programs.services.people import office_people

UNSETTLED = (PointState.OPEN, PointState.ANSWERED, PointState.RETURNED)


@operation(
    "assessment.answer_point",
    gettext_lazy("反馈整改情况"),
    roles=[Role.BASE_ADMIN],
    scope=own("inspection.base"),
    clauses=["CQ20-6.4"],
)
def answer_point(act: Act, point: InspectionPoint, *, answer: str) -> InspectionPoint:
    """The base says what it did about a finding. An answer after the deadline is taken, and shown as late."""
    words = normalise(answer, multiline=True)
    if not words:
        raise Invalid(_("请填写整改情况。"), field="answer")
    if point.inspection.state != "submitted":
        raise WrongState(_("此视导现在不能反馈。"))
    before = {"state": point.state}
    POINT.apply(point, "answer", answer=words, answered_by_name=act.actor.name, answered_at=act.now)
    act.changed(point.inspection, before=before, after={"point": point.number, "state": point.state})
    title = _("%(project)s：视导问题%(number)d已反馈，请核实") % _words(point)
    act.tell(office_people(point.inspection.project.program.office), title, url=_url(point.inspection))
    return point


@operation(
    "assessment.settle_point",
    gettext_lazy("核实整改"),
    roles=PLANNERS,
    scope=within("inspection.project.program.office"),
    clauses=["CQ20-6.4"],
)
def settle_point(act: Act, point: InspectionPoint, *, accept: bool, opinion: str = "") -> InspectionPoint:
    """Accept the base's answer, or return it with a reason."""
    words = normalise(opinion, multiline=True)
    if not accept and not words:
        raise Invalid(_("请填写退回理由。"), field="opinion")
    before = {"state": point.state}
    POINT.apply(point, "accept" if accept else "return", opinion=words)
    act.reason = words
    act.changed(point.inspection, before=before, after={"point": point.number, "state": point.state})
    if not accept:
        people = User.objects.holding(Role.BASE_ADMIN, point.inspection.base)
        title = _("%(project)s：视导问题%(number)d的整改被退回，请补充") % _words(point)
        act.tell(people, title, body=words, url=_url(point.inspection), urgent=True)
    return point


@operation(
    "assessment.close_inspection",
    gettext_lazy("办结视导"),
    roles=PLANNERS,
    scope=within("project.program.office"),
    clauses=["CQ20-6.4"],
)
def close_inspection(act: Act, inspection: Inspection) -> Inspection:
    """Close a visit whose findings are all settled."""
    open_points = inspection.points.filter(state__in=UNSETTLED).count()
    if open_points:
        raise RuleBroken(
            _("还有%(count)d项问题未反馈或未核实，不能办结。") % {"count": open_points}, code="unsettled"
        )
    INSPECTION.apply(inspection, "close", closed_at=act.now)
    act.changed(inspection, before={"state": "submitted"}, after={"state": inspection.state})
    people = User.objects.holding(Role.BASE_ADMIN, inspection.base)
    act.tell(people, _("%(project)s的视导已办结") % {"project": inspection.project}, url=_url(inspection))
    return inspection


def _words(point: InspectionPoint) -> dict[str, object]:
    return {"project": point.inspection.project, "number": point.number}


def _url(inspection: Inspection) -> str:
    return reverse("assessment:inspection", args=[inspection.pk])
