"""Correcting a published result: the office only, with a reason, the cap held. Source: CQ20-3.6, CQ20-5.2."""

from __future__ import annotations

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Certificate, Grade, GradeLevel, Result
from assessment.services import tallying
from assessment.services.certificates import CERTIFICATE
from assessment.services.results import (
    SCHOOLS,
    copy_list,
    count,
    credits_of,
    excellent_levels,
    hours_of,
    staff,
)
from enrollment.models import OutcomeKind
from enrollment.services.outcomes import keep_outcomes
from portal.accounts.roles import OFFICE
from portal.errors import Conflict, Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.papers.services.issuing import revoke_for


@operation(
    "assessment.correct_result",
    gettext_lazy("更正培训结果"),
    roles=OFFICE,
    scope=within("enrollment.project.program.office"),
    clauses=["CQ20-3.6", "CQ20-5.2"],
)
def correct_result(act: Act, result: Result, *, version: int, level: GradeLevel, reason: str) -> Result:
    """Give a trainee another level after publication; hours, list and certificate follow it.

    Raises Invalid without a reason or for a level of another programme, RuleBroken above the cap, Conflict when the
    result was changed meanwhile.
    """
    if not reason.strip():
        raise Invalid(_("请填写更正理由，将留痕并告知学员和单位。"), field="reason")
    if level.rulebook_id != result.rulebook.pk:
        raise Invalid(_("请选择本计划的考核等级。"), field="level")
    before = {"level": str(result.level), "hours": result.hours}
    _move_grade(act, result, level)
    _write(act, result, version, level)
    act.reason = reason.strip()
    act.changed(result, before=before, after={"level": str(level), "hours": result.hours})
    _follow(act, result)
    return result


def _move_grade(act: Act, result: Result, level: GradeLevel) -> None:
    """The grade itself, under the class's lock and counted against the caps."""
    training_class = result.results.training_class
    gradings = tallying.lock_gradings([training_class])
    grading = gradings[training_class.pk]
    capped = list(result.rulebook.grade_levels.exclude(cap=None).select_related("clause__notice"))
    tallying.refresh_caps([grading], capped)
    moved = tallying.deltas_of([(grading.pk, result.level_id)], [(grading.pk, level.pk)])
    tallying.add_to_tallies(gradings, capped, moved)
    Grade.objects.filter(enrollment=result.enrollment_id).update(
        level=level, updated_at=act.now, by_name=act.actor.name
    )
    kind = OutcomeKind.PASSED if level.passing else OutcomeKind.FAILED
    keep_outcomes(act, {result.enrollment_id: (kind, level.name)}, level.clause)


def _write(act: Act, result: Result, version: int, level: GradeLevel) -> None:
    hours = hours_of(result.results.training_class, level)
    values = {
        "level": level,
        "passed": level.passing,
        "excellent": level.pk in excellent_levels(result.rulebook),
        "hours": hours,
        "credits": credits_of(result.rulebook, result.enrollment.teacher.stage, hours),
        "corrected_at": act.now,
    }
    rows = Result.objects.filter(pk=result.pk, version=version)
    if not rows.update(version=F("version") + 1, **values):
        raise Conflict(_("此结果刚被他人更正，请刷新后核对。"))
    for name, value in values.items():
        setattr(result, name, value)
    result.version = version + 1
    count(result.results)


def _follow(act: Act, result: Result) -> None:
    """The certificate of whoever failed is void; the list goes out anew; trainee and school are told."""
    if not result.passed:
        ended = Certificate.objects.standing().filter(result=result)
        keys = list(ended.values_list("pk", flat=True))
        ended.update(revoked_at=act.now)
        revoke_for(CERTIFICATE, keys, reason=_("培训结果已更正为未通过"))
    copy_list(act, result.results)
    url = reverse("assessment:result", args=[result.pk])
    title = _("%(name)s的培训结果已更正") % {"name": result.enrollment.teacher.name}
    user = result.enrollment.teacher.user
    act.tell([user] if user else [], title, body=act.reason, url=url)
    act.tell(staff([result.enrollment.school_id], *SCHOOLS), title, body=act.reason, url=url)
