"""Publishing a class's results anew, after the office has reopened its grades. Source: CQ20-3.6, CQ20-5.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Certificate, ClassResults, Result
from assessment.services.certificates import CERTIFICATE
from assessment.services.results import (
    BUREAUS,
    SCHOOLS,
    bureaus_of,
    copy_list,
    count,
    drawn_results,
    require_graded,
    staff,
)
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.papers.services.issuing import revoke_for
from programs.models import TrainingClass

FIELDS = ("level_id", "passed", "excellent", "hours", "credits", "score", "attendance_rate", "comment")


class Change(NamedTuple):
    """One trainee's result as it was published (None: not yet) and as the grades now say; `row` is the stored one."""

    was: str | None
    row: Result


@operation(
    "assessment.republish_results",
    gettext_lazy("重新公布培训结果"),
    roles=[Role.BASE_ADMIN],
    scope=own("base"),
    clauses=["CQ20-3.6", "CQ20-5.2"],
    system=True,
)
def republish_results(act: Act, training_class: TrainingClass, *, reason: str) -> ClassResults:
    """Make the published results those of the grades as they were closed again; whom it concerns is told.

    No window holds: the office has reopened the grades. Certificates of those who now fail are void. Raises Invalid
    without a reason, RuleBroken while the grades are not closed, WrongState when nothing was published or reopened.
    """
    if not reason.strip():
        raise Invalid(_("请填写重新公布的理由，学员和单位会看到。"), field="reason")
    grading = require_graded(training_class)
    made = ClassResults.objects.select_for_update().filter(training_class=training_class).first()
    if made is None:
        raise WrongState(_("“%(name)s”的结果还没有公布，请直接公布。") % {"name": training_class})
    if grading.closed_at is None or grading.closed_at <= made.last_published_at:
        raise WrongState(
            _("“%(name)s”的成绩自公布后没有重开过。个别学员有误的，请联系项目办更正或重开成绩。")
            % {"name": training_class}
        )
    changes = _written(act, made, training_class)
    ClassResults.objects.filter(pk=made.pk).update(republished_at=act.now)
    made.republished_at = act.now
    count(made)
    act.reason = reason.strip()
    act.changed(training_class, after={"trainees": made.trainees, "passed": made.passed})
    act.list_rows(
        {"enrollment": row.enrollment_id, "was": was, "now": row.level.name} for was, row in changes
    )
    if changes:
        _void_certificates(act, [each.row.pk for each in changes if not each.row.passed])
        _tell(act, made, [each.row for each in changes])
        copy_list(act, made)
    return made


def _written(act: Act, made: ClassResults, training_class: TrainingClass) -> list[Change]:
    """Store what differs; return it. Results of people without a grade any more stay."""
    stored = {each.enrollment_id: each for each in made.rows.select_related("level")}
    changes, fresh = [], []
    for drawn in drawn_results(made, training_class):
        known = stored.get(drawn.enrollment_id)
        if known is None:
            fresh.append(drawn)
        elif any(getattr(known, name) != getattr(drawn, name) for name in FIELDS):
            drawn.pk, drawn.version, drawn.corrected_at = known.pk, F("version") + 1, act.now
            changes.append(Change(known.level.name, drawn))
    Result.objects.bulk_update([each.row for each in changes], [*FIELDS, "version", "corrected_at"])
    return [*changes, *(Change(None, each) for each in Result.objects.bulk_create(fresh))]


def _void_certificates(act: Act, failed: Sequence[int]) -> None:
    ended = Certificate.objects.standing().filter(result__in=failed)
    keys = list(ended.values_list("pk", flat=True))
    Certificate.objects.filter(pk__in=keys).update(revoked_at=act.now)
    revoke_for(CERTIFICATE, keys, reason=_("培训结果已更正为未通过"))


def _tell(act: Act, made: ClassResults, changed: Sequence[Result]) -> None:
    """Trainees whose result is another, their schools and bureaus, and the office."""
    keys = [each.pk for each in changed]
    rows = list(
        made.rows.filter(pk__in=keys).select_related("enrollment__teacher__user", "enrollment__school")
    )
    title = _("“%(name)s”培训结果已重新公布") % {"name": made.training_class}
    for row in rows:
        if row.enrollment.teacher.user is not None:
            url = reverse("assessment:result", args=[row.pk])
            act.tell([row.enrollment.teacher.user], title, body=act.reason, url=url)
    schools = [row.enrollment.school for row in rows]
    office = made.training_class.project.program.office_id
    where = [*{each.pk for each in schools}, *bureaus_of(schools), office]
    url = f"{reverse('assessment:results')}?training_class={made.training_class_id}"
    act.tell(staff(where, *SCHOOLS, *BUREAUS, *OFFICE), title, body=act.reason, url=url)
