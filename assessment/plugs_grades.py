"""What attendance and grades plug into the frame: navigation, work that waits, the card of a class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment import queries_attendance as queries
from assessment.models import ClassGrading, GradingState, LeaveRequest, LeaveState, Session
from enrollment.queries_arrival import arrival_counts, unarrived
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.ui.registry import Group, NavEntry, WorkItem, nav, work_items
from programs.hooks import Panel, class_panels
from programs.models import ClassState, TrainingClass
from programs.scopes import FOLLOWERS, RUNNERS, followed_by

SEERS = frozenset(
    {*FOLLOWERS, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN}
)
# A class's grades are due so many days after its end; the notice itself names no day.
DUE_AFTER = timedelta(days=7)

nav(
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("考勤与成绩"),
        "assessment:gradings",
        "clipboard-check",
        frozenset(FOLLOWERS),
        10,
    ),
    NavEntry(Group.ASSESSMENT, gettext_lazy("成绩台账"), "assessment:grade_list", "star", SEERS, 20),
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("请假"),
        "assessment:leaves",
        "calendar-event",
        frozenset(FOLLOWERS),
        30,
    ),
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("我的考勤"),
        "assessment:mine",
        "calendar-event",
        frozenset({Role.TRAINEE}),
        10,
    ),
)


@work_items
def classroom_waits(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Arrivals, lists, leave and grades that wait for who runs the classes. Five queries."""
    if actor.role not in RUNNERS:
        return
    mine = followed_by(actor)
    yield from _arrivals(mine.filter(starts_on__lte=timezone.localdate(now)))
    yield from _lists(mine.filter(state=ClassState.OPEN), now)
    leaves = LeaveRequest.objects.filter(
        enrollment__training_class__in=mine, state=LeaveState.PENDING
    ).count()
    if leaves:
        url = f"{reverse('assessment:leaves')}?state={LeaveState.PENDING}"
        yield WorkItem(_("%(count)d份请假申请待审批") % {"count": leaves}, url, count=leaves, kind=_("请假"))
    yield from _grades(actor, mine, now)


def _arrivals(classes: QuerySet[TrainingClass]) -> Iterator[WorkItem]:
    rows: Any = unarrived(classes)
    for key, name, count in rows.values_list("pk", "name", "waiting"):
        title = _("%(class)s：%(count)d名学员待登记报到") % {"class": name, "count": count}
        yield WorkItem(title, reverse("enrollment:check_in", args=[key]), count=count, kind=_("报到"))


def _lists(classes: QuerySet[TrainingClass], now: datetime) -> Iterator[WorkItem]:
    rows = queries.overdue_sessions(classes, now).order_by("ends_at")
    found: dict[int, list[Session]] = {}
    for each in rows.select_related("training_class"):
        found.setdefault(each.training_class_id, []).append(each)
    for key, sessions in found.items():
        words = {"class": sessions[0].training_class.name, "count": len(sessions)}
        one = len(sessions) == 1
        url = reverse("assessment:session", args=[sessions[0].pk])
        title = _("%(class)s：%(count)d个半天尚未点名") % words
        yield WorkItem(
            title,
            url if one else reverse("assessment:attendance", args=[key]),
            sessions[0].ends_at,
            len(sessions),
            kind=_("考勤"),
        )


def _grades(actor: Actor, mine: QuerySet[TrainingClass], now: datetime) -> Iterator[WorkItem]:
    """Classes that are over and not handed in; for the base's administrator those handed in, too."""
    begun = ClassGrading.objects.exclude(state=GradingState.OPEN).order_by().values("training_class")
    waiting = ClassGrading.objects.filter(state=GradingState.SUBMITTED).order_by().values("training_class")
    over = ~Q(pk__in=begun) & Q(ends_on__lte=timezone.localdate(now))
    handed = Q(pk__in=waiting) if actor.has_role(Role.BASE_ADMIN) else Q(pk__in=[])
    rows = mine.filter(over | handed, state=ClassState.OPEN).annotate(stage=F("grading__state"))
    for key, name, ends_on, stage in rows.order_by("ends_on").values_list("pk", "name", "ends_on", "stage"):
        due = timezone.make_aware(datetime.combine(ends_on + DUE_AFTER, time.max))
        submitted = stage == GradingState.SUBMITTED
        words = _("%(class)s：成绩待审定") if submitted else _("%(class)s：成绩待评定并提交")
        url = reverse("assessment:class_grades", args=[key])
        yield WorkItem(words % {"class": name}, url, due, kind=_("成绩"))


@class_panels
def classroom(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """Arrivals, attendance and grading of a class that has opened, for those who follow it. Four queries."""
    if actor.role not in FOLLOWERS or training_class.state not in (ClassState.OPEN, ClassState.FINISHED):
        return
    row = queries.with_class_attendance(followed_by(actor)).filter(pk=training_class.pk).first()
    if row is None:
        return
    grading = ClassGrading.objects.filter(training_class=training_class).first()
    state = GradingState(grading.state if grading else GradingState.OPEN).label
    context = {
        "key": training_class.pk,
        "counts": arrival_counts(training_class),
        "whole": row,
        "grading": state,
    }
    yield Panel(_("报到、考勤与成绩"), "assessment/class_panel.html", context)
