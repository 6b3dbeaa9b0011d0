"""Cancelling a class that has not opened. Its people keep their seats and wait for another class. Source: CQ20-3.1."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.reviews.services.closing import withdraw_reviews
from programs import hooks
from programs.models import ClassState, PlanState, TrainingClass, TrainingPlan
from programs.services.owing import forgive
from programs.states import TRAINING_CLASS, TRAINING_PLAN


@operation(
    "programs.cancel_class",
    gettext_lazy("取消班级"),
    roles=[Role.BASE_ADMIN, *OFFICE],
    scope=own("base") | within("project.program.office"),
    clauses=["CQ20-3.1"],
)
def cancel_class(act: Act, training_class: TrainingClass, *, reason: str) -> TrainingClass:
    """Cancel a class before it opens, for good. Its trainees keep their seats without a class; everybody is told.

    Raises WrongState once it has opened, Conflict when somebody else changed it meanwhile.
    """
    if not reason.strip():
        raise Invalid(_("请填写取消理由，有关单位和学员会看到。"), field="reason")
    before = {"state": training_class.state, "taken": training_class.taken}
    _withdraw_plan(act, training_class)
    # People first, the class after them: in the order in which everything else locks them.
    for lock in hooks.class_locks:
        lock(training_class)
    TRAINING_CLASS.apply(training_class, "cancel", taken=0)
    act.reason = reason
    act.changed(training_class, before=before, after={"state": training_class.state, "taken": 0})
    forgive(training_class)
    for follow in hooks.class_cancelled:
        follow(act, training_class)
    if before["state"] == ClassState.PUBLISHED:
        _tell(act, training_class)
    return training_class


def _withdraw_plan(act: Act, training_class: TrainingClass) -> None:
    """End the review of the class's plan. Before anything else: reviewers lock it first, too."""
    plans = TrainingPlan.objects.filter(training_class=training_class, state=PlanState.SUBMITTED)
    withdraw_reviews(act, plans)
    TRAINING_PLAN.apply_to(plans, "withdraw")


def _tell(act: Act, training_class: TrainingClass) -> None:
    """The base, its class teacher and the office."""
    people = User.objects.filter(
        is_active=True,
        memberships__ended_at=None,
        memberships__organization__in=[training_class.base_id, training_class.project.program.office_id],
        memberships__role__in=[Role.BASE_ADMIN, *OFFICE],
    )
    told = {each.pk: each for each in people.distinct()}
    if training_class.class_teacher:
        told[training_class.class_teacher.pk] = training_class.class_teacher
    act.tell(
        told.values(),
        _("%(name)s已取消") % {"name": training_class},
        body=act.reason,
        url=f"/classes/{training_class.pk}/",
        urgent=True,
    )
