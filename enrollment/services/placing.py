"""Putting an enrolled trainee into a class, or into another."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import STANDING, Enrollment
from enrollment.services.enrolling import leave_place, span, take_places
from portal.accounts.roles import OFFICE, Role
from portal.errors import Conflict, Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from programs.models import ClassState, TrainingClass


@operation(
    "enrollment.place",
    gettext_lazy("编入班级"),
    roles=[Role.BASE_ADMIN, *OFFICE],
    scope=own("project.base") | within("project.program.office"),
    clauses=["CQ20-A1"],
)
def place(act: Act, enrollment: Enrollment, *, training_class: TrainingClass) -> Enrollment:
    """Put the trainee into a published class of the project that has not begun and has room.

    Raises RuleBroken for a full class, Conflict when another class of the trainee runs at the same time.
    """
    if training_class.project_id != enrollment.project_id or training_class.state != ClassState.PUBLISHED:
        raise Invalid(_("只能编入本项目已发布的班级。"), field="training_class")
    if training_class.has_started(act.today):
        raise RuleBroken(_("“%(name)s”已开班，不能再编入学员。") % {"name": training_class}, code="started")
    row = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    if row.state not in STANDING:
        raise RuleBroken(_("此学员已退出或更换，不能编入班级。"), code="not_standing")
    if row.training_class_id == training_class.pk:
        return enrollment
    if not take_places(training_class, 1):
        raise RuleBroken(
            _("“%(name)s”已满（%(capacity)d人）。")
            % {"name": training_class, "capacity": training_class.capacity},
            code="class_full",
        )
    leave_place(row)
    _move(row, training_class)
    act.changed(enrollment, before={"class": row.training_class_id}, after={"class": training_class.name})
    enrollment.training_class, enrollment.during = training_class, span(training_class)
    return enrollment


def _move(row: Enrollment, training_class: TrainingClass) -> None:
    try:
        with transaction.atomic():
            Enrollment.objects.filter(pk=row.pk).update(
                training_class=training_class, during=span(training_class)
            )
    except IntegrityError as error:
        if "enrollment_not_in_two_classes_at_once" not in str(error):
            raise
        raise Conflict(_("此学员已编入另一个同时进行的班级，不能编入。")) from error
