"""What must hold of a class: the rule kinds of CQ20-3.5, 5.1 and 5.3. Pure; a case carries all they look at."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook.kinds import rule_kind
from programs.cases import ClassCase
from programs.models import PlanState


@rule_kind("programs.needs_survey", gettext_lazy("已做训前需求调研"))
@dataclass(frozen=True)
class NeedsSurveyRule:
    """The needs of the trainees were surveyed before the plan is sent in. CQ20-3.5."""

    def check(self, case: ClassCase) -> str:
        return "" if case.has_needs else _("尚未登记训前需求调研，请先调研并登记结果，据此完善方案")


@rule_kind("programs.plan_lead_time", gettext_lazy("培训方案按期报送"))
@dataclass(frozen=True)
class PlanLeadTimeRule:
    """The plan is sent in by the day that the requirement `training_plan` sets. CQ20-5.1."""

    def check(self, case: ClassCase) -> str:
        if case.plan_due is None or case.today <= case.plan_due:
            return ""
        words = {"due": case.plan_due, "days": (case.today - case.plan_due).days}
        return _("培训方案应于%(due)s前报送，已逾期%(days)d天") % words


_PLAN_WORDS = {
    "": gettext_lazy("培训方案尚未报送"),
    PlanState.DRAFT: gettext_lazy("培训方案尚未报送"),
    PlanState.SUBMITTED: gettext_lazy("培训方案正在审核"),
    PlanState.RETURNED: gettext_lazy("培训方案被退回，尚未重新报送"),
    PlanState.REJECTED: gettext_lazy("培训方案审核不通过"),
}


@rule_kind("programs.plan_approved", gettext_lazy("培训方案审核通过"))
@dataclass(frozen=True)
class PlanApprovedRule:
    """A class opens only after its plan was approved. CQ20-5.1."""

    def check(self, case: ClassCase) -> str:
        if case.plan == PlanState.APPROVED:
            return ""
        return _("%(why)s，审核通过后方可开班") % {"why": _PLAN_WORDS[case.plan]}


@rule_kind("programs.notice_issued", gettext_lazy("已发开班通知"))
@dataclass(frozen=True)
class NoticeIssuedRule:
    """Trainees were told by an opening notice. CQ20-3.4."""

    def check(self, case: ClassCase) -> str:
        return "" if case.has_notice else _("尚未发出开班通知，学员和派出单位还不知道报到安排")


@rule_kind("programs.deliverable_count", gettext_lazy("材料份数符合要求"))
@dataclass(frozen=True)
class DeliverableCountRule:
    """As many copies of the requirement `requirement` were handed in as are asked for. CQ20-5.3."""

    requirement: str
    name: str

    def check(self, case: ClassCase) -> str:
        done, wanted = case.handed_in.get(self.requirement, (0, 0))
        if done >= wanted:
            return ""
        words = {"name": self.name, "done": done, "wanted": wanted}
        return _("%(name)s已报送%(done)d份，要求至少%(wanted)d份") % words
