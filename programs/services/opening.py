"""Opening and finishing a class: what must hold, and the change. Source: CQ20-3.5, CQ20-3.6, CQ20-5.1."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, WrongState
from portal.messages.outbox import Digest
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.rulebook.findings import Finding, require
from portal.rulebook.kinds import judge, rules_for
from programs import hooks
from programs.cases import ClassCase
from programs.models import ClassState, TrainingClass
from programs.scopes import runs_class
from programs.services.owing import owe
from programs.services.people import office_people
from programs.states import TRAINING_CLASS

OPENERS = (Role.BASE_ADMIN, Role.CLASS_TEACHER)
PLAN = "training_plan"
OPENING_RULES = ("programs.plan_approved", "programs.notice_issued")
FINISHING_RULES = ("programs.deliverable_count",)
PHASE = "training"


@operation(
    "programs.open_class",
    gettext_lazy("开班"),
    roles=OPENERS,
    scope=runs_class(),
    phase=PHASE,
    clauses=["CQ20-5.1", "CQ20-3.5"],
    system=True,
)
def open_class(act: Act, training_class: TrainingClass) -> TrainingClass:
    """Open a published class on or after its first day.

    Raises RuleBroken with the clause when its plan is not approved or another guard blocks, WrongState before the day.
    """
    if training_class.state == ClassState.PUBLISHED and not training_class.has_started(act.today):
        raise WrongState(
            _("开班日期是%(day)s，请在当天或之后办理开班。") % {"day": training_class.starts_on},
            code="too_early",
        )
    findings = opening_findings(training_class)
    require(findings)
    _moved(act, training_class, "open", findings)
    for opened in hooks.class_opened:
        opened(act, training_class)
    return training_class


@operation(
    "programs.finish_class",
    gettext_lazy("结班"),
    roles=OPENERS,
    scope=runs_class(),
    phase="closing",
    clauses=["CQ20-3.6"],
    system=True,
)
def finish_class(act: Act, training_class: TrainingClass) -> TrainingClass:
    """Finish an open class on or after its last day; what is then owed is due by the end date.

    Raises RuleBroken when a guard blocks, WrongState before the last day.
    """
    if training_class.state == ClassState.OPEN and act.today < training_class.ends_on:
        raise WrongState(
            _("结束日期是%(day)s，请在当天或之后办理结班。") % {"day": training_class.ends_on},
            code="too_early",
        )
    findings = finishing_findings(training_class)
    require(findings)
    return _moved(act, training_class, "finish", findings)


@operation(
    "programs.reopen_class",
    gettext_lazy("重新开放已结班班级"),
    roles=OFFICE,
    scope=within("project.program.office"),
)
def reopen_class(act: Act, training_class: TrainingClass, *, reason: str) -> TrainingClass:
    """Take a finished class back to open, so that the base can correct what it recorded."""
    if not reason.strip():
        raise Invalid(_("请填写理由。"), field="reason")
    act.reason = reason
    return _moved(act, training_class, "reopen", [])


def opening_findings(training_class: TrainingClass) -> list[Finding]:
    """What is to be said of opening the class now: the notice's rules, then the guards of other apps."""
    rules = rules_for(training_class.rulebook, *OPENING_RULES)
    found = judge(rules, class_case(training_class))
    return [*found, *(each for guard in hooks.opening_guards for each in guard(training_class))]


def finishing_findings(training_class: TrainingClass) -> list[Finding]:
    """What is to be said of finishing the class now."""
    rules = rules_for(training_class.rulebook, *FINISHING_RULES)
    found = judge(rules, class_case(training_class))
    return [*found, *(each for guard in hooks.finishing_guards for each in guard(training_class))]


def class_case(training_class: TrainingClass) -> ClassCase:
    """The class as the rules see it. Four queries."""
    owed = {each.requirement.code: each for each in training_class.deliverables.select_related("requirement")}
    plan, notice = (getattr(training_class, name, None) for name in ("plan", "notice"))
    return ClassCase(
        name=training_class.name,
        today=clock.today(),
        has_needs=getattr(training_class, "needs", None) is not None,
        plan=plan.state if plan else "",
        plan_due=owed[PLAN].due_on if PLAN in owed else None,
        has_notice=bool(notice and notice.issued_at),
        handed_in={code: (each.handed_in, each.requirement.minimum) for code, each in owed.items()},
    )


def _moved(act: Act, training_class: TrainingClass, action: str, findings: list[Finding]) -> TrainingClass:
    before = training_class.state
    TRAINING_CLASS.apply(training_class, action)
    owe([training_class])
    warned = [each.message for each in findings if each.verdict == "warn"]
    act.changed(
        training_class, before={"state": before}, after={"state": training_class.state, "warned": warned}
    )
    act.tell(
        office_people(training_class.project.program.office),
        _("%(class)s：%(state)s") % {"class": training_class, "state": training_class.get_state_display()},
        body="；".join(warned),
        url=reverse("programs:class", args=[training_class.pk]),
        digest=_digest(training_class),
    )
    return training_class


def _digest(training_class: TrainingClass) -> Digest:
    """Classes open and finish by the hundred: the office has one message for those that it has not read of."""
    state = training_class.state
    words = _("{count}个班级：%(state)s") % {"state": training_class.get_state_display()}
    return Digest(f"programs.class_{state}", words, f"{reverse('programs:classes')}?state={state}")
