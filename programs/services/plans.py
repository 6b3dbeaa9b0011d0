"""The survey of needs and the plan of a class: recorded, written, sent for review. Source: CQ20-3.5, CQ20-5.1."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid, WrongState
from portal.files import keep_files
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import hold, save_version
from portal.reviews.services.opening import open_review
from portal.rulebook.findings import Finding, require
from portal.rulebook.kinds import judge, rules_for
from programs.models import ClassState, NeedsSummary, PlanFile, PlanState, TrainingClass, TrainingPlan
from programs.scopes import runs_class
from programs.services.handing_in import Files, deliver
from programs.services.opening import PLAN, class_case
from programs.states import TRAINING_PLAN

KIND = "programs.training_plan"
WRITERS = (Role.BASE_ADMIN, Role.CLASS_TEACHER)
RULES = ("programs.needs_survey", "programs.plan_lead_time")
NEEDS_FIELDS = ("method", "surveyed_on", "respondents", "findings", "response")
PLAN_FIELDS = (
    *("leader", "leader_phone", "chief_expert", "unit_profile"),
    *("goals", "content", "methods", "appraisal", "outcomes"),
    *("resources", "management", "facilities", "logistics", "safety"),
)
MOST_FILES = 10
Values = dict[str, Any]


@operation(
    "programs.record_needs",
    gettext_lazy("登记训前需求调研"),
    roles=WRITERS,
    scope=runs_class(),
    clauses=["CQ20-3.5"],
    system=True,
)
def record_needs(
    act: Act, training_class: TrainingClass, *, values: Values, version: int = 0
) -> NeedsSummary:
    """Record what the survey of needs found; `version` is 0 the first time.

    Raises Invalid for a day to come or nobody asked, Conflict when it was changed meanwhile, WrongState once the class
    has opened.
    """
    _require_published(training_class)
    _check_needs(act, values)
    stored = NeedsSummary.objects.filter(training_class=training_class).first()
    if stored is None:
        made = NeedsSummary.objects.create(training_class=training_class, recorded_at=act.now, **values)
        act.changed(made, after=values)
        return made
    before = {name: getattr(stored, name) for name in values}
    save_version(stored, version, recorded_at=act.now, **values)
    act.changed(stored, before=before, after=values)
    return stored


@operation(
    "programs.save_plan",
    gettext_lazy("编写培训方案"),
    roles=WRITERS,
    scope=runs_class(),
    clauses=["CQ20-5.1"],
    system=True,
)
def save_plan(
    act: Act, training_class: TrainingClass, *, values: Values, version: int = 0, files: Files = ()
) -> TrainingPlan:
    """Write the plan, or go on with it, and add files; `version` is 0 the first time.

    Raises WrongState while it is under review or approved, FileRefused for a file that is no document or picture.
    """
    _require_published(training_class)
    plan = TrainingPlan.objects.select_for_update().filter(training_class=training_class).first()
    before: Values = {}
    if plan is None:
        plan = TrainingPlan.objects.create(training_class=training_class, **values)
    else:
        _require_writable(plan)
        before = {name: getattr(plan, name) for name in values}
        if plan.state == PlanState.REJECTED:
            TRAINING_PLAN.apply(plan, "rewrite")
        save_version(plan, version, **values)
    _attach(act, plan, list(files))
    act.changed(plan, before=before, after=values)
    return plan


@operation(
    "programs.remove_plan_file",
    gettext_lazy("删除方案附件"),
    roles=WRITERS,
    scope=runs_class("plan.training_class"),
    clauses=["CQ20-5.1"],
)
def remove_plan_file(act: Act, file: PlanFile) -> TrainingPlan:
    """Take a file off a plan that is still being written."""
    _require_writable(file.plan)
    act.changed(file.plan, before={"file": file.name})
    file.delete()
    return file.plan


@operation(
    "programs.submit_plan",
    gettext_lazy("报送培训方案"),
    roles=WRITERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-5.1", "CQ20-3.5"],
    system=True,
)
def submit_plan(act: Act, plan: TrainingPlan, *, version: int | None = None) -> TrainingPlan:
    """Send the plan to the office. A late one is taken and marked, unless the notice's rule blocks it.

    Raises RuleBroken when a rule blocks, Conflict for a stale `version` (that of `plan` when none is given), WrongState
    when it is under review already.
    """
    if version is None:
        hold(plan, "version")
    else:
        save_version(plan, version)
    training_class = plan.training_class
    _require_published(training_class)
    case = class_case(training_class)
    require(judge(rules_for(plan.rulebook, *RULES), case))
    late = case.plan_due is not None and act.today > case.plan_due
    first = {} if plan.submitted_at else {"submitted_at": act.now, "late": late}
    before = plan.state
    TRAINING_PLAN.apply(plan, "submit", opinion="", **first)
    title = _("%(class)s培训方案") % {"class": training_class}
    if case.plan_due is not None:
        deliver(act, training_class, PLAN, title=title)
    open_review(act, plan, kind=KIND, origin=training_class.base, title=title)
    act.changed(plan, before={"state": before}, after={"state": plan.state, "late": plan.late})
    return plan


def plan_findings(training_class: TrainingClass) -> list[Finding]:
    """What the rules say of sending the plan now."""
    return judge(rules_for(training_class.rulebook, *RULES), class_case(training_class))


def _check_needs(act: Act, values: Values) -> None:
    if values["surveyed_on"] > act.today:
        raise Invalid(_("调研日期不能晚于今天。"), field="surveyed_on")
    if values["respondents"] < 1:
        raise Invalid(_("调研人数至少1人。"), field="respondents")


def _require_published(training_class: TrainingClass) -> None:
    if training_class.state == ClassState.PUBLISHED:
        return
    if training_class.state == ClassState.DRAFT:
        raise WrongState(_("“%(class)s”尚未发布，请先发布编班排课。") % {"class": training_class})
    raise WrongState(_("“%(class)s”已开班，方案不能再改。") % {"class": training_class})


def _require_writable(plan: TrainingPlan) -> None:
    if plan.state in (PlanState.SUBMITTED, PlanState.APPROVED):
        raise WrongState(
            _("培训方案为“%(state)s”，不能修改。如需修改，请联系项目办退回。")
            % {"state": plan.get_state_display()}
        )


def _attach(act: Act, plan: TrainingPlan, files: list[Any]) -> None:
    if not files:
        return
    if plan.files.count() + len(files) > MOST_FILES:
        raise Invalid(_("附件最多%(most)d个。") % {"most": MOST_FILES}, field="files")
    keep_files(act, PlanFile, files, plan=plan)
