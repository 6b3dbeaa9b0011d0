"""Where attendance and grading take part in what classes do."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessment.services.closing import graded_before_finishing
from assessment.timetable import make_sessions
from enrollment.arrival_hooks import arrival_guards
from enrollment.models import Enrollment
from portal.operations.act import Act
from programs.hooks import class_opened, finishing_guards
from programs.models import TrainingClass

finishing_guards(graded_before_finishing)


@class_opened
def sessions_of_opened_class(act: Act, training_class: TrainingClass) -> None:
    """The half-days of the timetable stand as soon as the class is open."""
    make_sessions(training_class)


@arrival_guards
def arrival_is_used(enrollment: Enrollment) -> Iterator[str]:
    """An arrival stays once something rests on it. Two queries."""
    if enrollment.attendances.exists():
        yield _("此学员已有考勤记录，不能更正为未报到")
    if enrollment.training_class and hasattr(enrollment.training_class, "grading"):
        yield _("本班已开始评定成绩，不能更正报到")
