"""Reporting to a class: by QR, by list, and who did not come. Source: CQ20-5.1, CQ20-6.3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import tokens
from enrollment.arrival_hooks import arrival_guards
from enrollment.models import Arrival, ArrivalMethod, CheckIn, Enrollment, OutcomeKind
from enrollment.rules.arrival import window_of
from enrollment.services.outcomes import drop_outcomes, keep_outcomes
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from portal.papers.models import MOST_COPIES
from portal.rulebook.facts import fact
from portal.rulebook.models import Clause
from programs.models import ClassState, TrainingClass
from programs.scopes import RUNNERS, runs_class

PURPOSE = "check_in"
COPIES = fact("recommendation_form_copies", gettext_lazy("推荐表一式几份"), 1, least=1, most=MOST_COPIES)


@operation(
    "enrollment.check_in",
    gettext_lazy("登记报到"),
    roles=RUNNERS,
    scope=runs_class(),
    clauses=["CQ20-5.1", "CQ20-6.3"],
    system=True,
)
def check_in(act: Act, training_class: TrainingClass, *, arrivals: Mapping[int, int]) -> int:
    """Write down that people of the class have come; return how many are new or changed.

    `arrivals` maps enrolment keys to the number of originals of the recommendation form each has handed in. Who came
    after being written down as absent is present from now on. Raises Invalid for people who are not of the class.
    """
    _require_taking(act, training_class)
    people = _people(training_class, arrivals)
    known = set(_stored(training_class, people).values_list("enrollment", flat=True))
    fresh = [key for key in people if key not in known]
    CheckIn.objects.bulk_create(
        [_arrived(act, training_class, key, ArrivalMethod.LIST, arrivals[key]) for key in fresh],
        ignore_conflicts=True,
    )
    # Read after the insert: who scanned at the same moment has a row without forms by now.
    rows = _stored(training_class, people).order_by("pk").select_for_update()
    moved = [each for each in rows if _differs(each, arrivals[each.enrollment_id])]
    before = {each.enrollment_id: (each.state, each.form_copies) for each in moved}
    for each in moved:
        if each.state != Arrival.PRESENT:
            each.method, each.at = ArrivalMethod.LIST, act.now
            each.by, each.by_name = act.actor.user, act.actor.name
        each.state, each.form_copies = Arrival.PRESENT, arrivals[each.enrollment_id]
    CheckIn.objects.bulk_update(moved, ["state", "form_copies", "method", "at", "by", "by_name"])
    drop_outcomes([each.enrollment_id for each in moved], OutcomeKind.NO_SHOW)
    act.changed(training_class, after={"arrived": len(fresh), "corrected": len(moved)})
    act.list_rows(
        {
            "enrollment": key,
            "name": people[key].teacher.name,
            "forms": arrivals[key],
            "was": list(before.get(key, ())),
        }
        for key in [*fresh, *before]
    )
    return len(fresh) + len(moved)


@operation(
    "enrollment.scan_in",
    gettext_lazy("扫码报到"),
    roles=[Role.TRAINEE],
    scope=oneself("teacher.user"),
    clauses=["CQ20-5.1"],
)
def scan_in(act: Act, enrollment: Enrollment, *, token: str) -> CheckIn:
    """A trainee reports by the code on the class teacher's screen. Again changes nothing.

    Raises Invalid for a code that is over, forged or another class's.
    """
    if tokens.read(PURPOSE, token) != enrollment.training_class_id or enrollment.training_class is None:
        raise Invalid(_("这是另一个班级的二维码，您不在该班名单中。"), code="other_class")
    _require_taking(act, enrollment.training_class)
    _people(enrollment.training_class, [enrollment.pk])
    made = _arrived(act, enrollment.training_class, enrollment.pk, ArrivalMethod.QR, 0)
    with transaction.atomic():
        CheckIn.objects.bulk_create([made], ignore_conflicts=True)
        found = CheckIn.objects.select_for_update().get(enrollment=enrollment)
        if found.state == Arrival.NO_SHOW:
            raise RuleBroken(_("您已被记为未报到，请联系班主任更正。"), code="no_show")
    act.changed(enrollment, after={"arrival": found.state, "at": timezone.localtime(found.at)})
    return found


@operation(
    "enrollment.record_no_shows",
    gettext_lazy("记录未报到"),
    roles=RUNNERS,
    scope=runs_class(),
    clauses=["CQ20-6.1"],
    system=True,
)
def record_no_shows(act: Act, training_class: TrainingClass) -> int:
    """Once reporting is over, write down who did not come, for later rules; return how many. Safe to run twice."""
    window = window_of(training_class, training_class.rulebook)
    if window.closes_at is None or act.now <= window.closes_at:
        raise RuleBroken(_("报到尚未截止，不能记录未报到。"), code="check_in_open")
    TrainingClass.objects.select_for_update().get(pk=training_class.pk)
    missing = list(_roster(training_class).filter(check_in=None).select_related("teacher"))
    CheckIn.objects.bulk_create(
        (
            CheckIn(
                enrollment=each,
                training_class=training_class,
                state=Arrival.NO_SHOW,
                method=ArrivalMethod.DEADLINE,
                at=act.now,
                by=act.actor.user,
                by_name=act.actor.name,
            )
            for each in missing
        ),
        ignore_conflicts=True,
    )
    rows = _stored(training_class, {each.pk: each for each in missing}).filter(state=Arrival.NO_SHOW)
    absent = set(rows.values_list("enrollment", flat=True))
    missing = [each for each in missing if each.pk in absent]
    citation = window.rule.citation if window.rule else None
    clause = Clause.objects.filter(code=citation.clause).first() if citation else None
    keep_outcomes(act, {each.pk: (OutcomeKind.NO_SHOW, "") for each in missing}, clause)
    act.changed(training_class, after={"no_shows": len(missing)})
    act.list_rows({"enrollment": each.pk, "name": each.teacher.name} for each in missing)
    return len(missing)


@operation(
    "enrollment.correct_arrival",
    gettext_lazy("更正为未报到"),
    roles=RUNNERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-6.1"],
)
def correct_arrival(act: Act, enrollment: Enrollment, *, reason: str) -> CheckIn:
    """Take back that someone has come. Raises RuleBroken once attendance or grades rest on it."""
    if not reason.strip():
        raise Invalid(_("请填写更正理由。"), field="reason")
    found = CheckIn.objects.select_for_update().filter(enrollment=enrollment).first()
    if found is None or found.state != Arrival.PRESENT:
        raise WrongState(_("此学员没有已报到的记录。"))
    complaints = [text for guard in arrival_guards for text in guard(enrollment)]
    if complaints:
        raise RuleBroken("；".join(complaints), code="arrival_used")
    found.delete()
    act.reason = reason
    act.changed(enrollment, before={"arrival": Arrival.PRESENT, "at": found.at}, after={"arrival": ""})
    return found


def copies_asked(training_class: TrainingClass) -> int:
    """How many originals of the recommendation form the notice asks for. Source: CQ20-6.3."""
    return COPIES.of(training_class.rulebook)


def _require_taking(act: Act, training_class: TrainingClass) -> None:
    if training_class.state != ClassState.OPEN:
        raise WrongState(
            _("“%(name)s”%(state)s，只有已开班的班级可以办理报到。")
            % {"name": training_class, "state": training_class.get_state_display()}
        )
    window = window_of(training_class, training_class.rulebook)
    if act.now < window.opens_at:
        when = timezone.localtime(window.opens_at).strftime("%Y年%m月%d日")
        raise RuleBroken(_("报到自%(when)s起办理。") % {"when": when}, code="too_early")


def _roster(training_class: TrainingClass) -> QuerySet[Enrollment]:
    return Enrollment.objects.on_roster().filter(training_class=training_class)


def _people(training_class: TrainingClass, keys: Iterable[int]) -> dict[int, Enrollment]:
    wanted = set(keys)
    found = {
        each.pk: each for each in _roster(training_class).filter(pk__in=wanted).select_related("teacher")
    }
    if len(found) < len(wanted):
        raise Invalid(_("有%(count)d人不在本班报名成功的名单中。") % {"count": len(wanted) - len(found)})
    return found


def _stored(training_class: TrainingClass, people: Mapping[int, Enrollment]) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(training_class=training_class, enrollment__in=[*people])


def _differs(found: CheckIn, copies: int) -> bool:
    return found.state != Arrival.PRESENT or found.form_copies != copies


def _arrived(
    act: Act, training_class: TrainingClass, key: int, method: ArrivalMethod, copies: int
) -> CheckIn:
    return CheckIn(
        enrollment_id=key,
        training_class=training_class,
        state=Arrival.PRESENT,
        method=method,
        form_copies=copies,
        at=act.now,
        by=act.actor.user,
        by_name=act.actor.name,
    )
