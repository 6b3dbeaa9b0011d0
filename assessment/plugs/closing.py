"""Whether the results of all classes are out before a programme ends. Source: CQ20-3.6."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Arrival, Enrollment
from portal.rulebook.findings import Finding
from portal.rulebook.kinds import judge, rule_kind, rules_for
from programs.hooks import closing_guards
from programs.models import ClassState, Program, TrainingClass
from programs.rules.closing import UnsettledCase

RULE = "assessment.results_published"


@rule_kind(RULE, gettext_lazy("结束计划前培训结果均已公布"))
@dataclass(frozen=True)
class ResultsPublishedRule:
    """Every finished class to which somebody came has published its results."""

    def check(self, case: UnsettledCase) -> str:
        return case.said(_("还有%(count)d个班级没有公布培训结果：%(names)s"))


@closing_guards
def results_published(program: Program) -> list[Finding]:
    """三（六）: what the rulebook says of ending the programme as far as results go. Two queries."""
    rules = rules_for(program.rulebook, RULE)
    if not rules:
        return []
    came = Enrollment.objects.on_roster().filter(
        training_class=OuterRef("pk"), check_in__state=Arrival.PRESENT
    )
    rows = TrainingClass.objects.filter(
        Exists(came), project__program=program, state=ClassState.FINISHED, results=None
    )
    names = rows.order_by("project__code", "number").values_list("name", flat=True)
    return judge(rules, UnsettledCase(list(names)))
