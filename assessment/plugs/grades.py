"""What attendance and grades plug into the frame: navigation, work that waits, the card of a class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import ClassGrading, GradingState, LeaveRequest, LeaveState, Session
from assessment.queries import attendance as queries
from enrollment.queries.arrival import arrival_counts, unarrived
from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.rulebook.facts import DAYS, fact
from portal.ui.registry import Group, NavEntry, WorkItem, nav, work_items
from programs.hooks import Panel, class_panels, class_records
from programs.models import ClassState, TrainingClass
from programs.scopes import FOLLOWERS, RUNNERS, followed_by

SEERS = frozenset(
    {*FOLLOWERS, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN}
)
DUE_AFTER = fact("grading_due_days", gettext_lazy("结班后几天内提交成绩"), 7, group=DAYS)

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
    """Arrivals, lists, leave and grades that wait for who runs the classes. Five queries, two while none runs."""
    if actor.role not in RUNNERS:
        return
    mine = followed_by(actor)
    # Few classes run at a time: their keys make what is asked of them cheaper.
    keys = mine.filter(state=ClassState.OPEN).order_by().values_list("pk", flat=True)
    running = TrainingClass.objects.filter(pk__in=list(keys))
    yield from _arrivals(running.filter(starts_on__lte=timezone.localdate(now)))
    yield from _lists(running, now)
    leaves = LeaveRequest.objects.filter(
        enrollment__training_class__in=mine, state=LeaveState.PENDING
    ).count()
    if leaves:
        url = f"{reverse('assessment:leaves')}?state={LeaveState.PENDING}"
        yield WorkItem(_("%(count)d份请假申请待审批") % {"count": leaves}, url, count=leaves, kind=_("请假"))
    yield from _grades(actor, running, now)


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


def _grades(actor: Actor, running: QuerySet[TrainingClass], now: datetime) -> Iterator[WorkItem]:
    """Classes that are over and not handed in; for the base's administrator those handed in, too."""
    begun = ClassGrading.objects.exclude(state=GradingState.OPEN).order_by().values("training_class")
    waiting = ClassGrading.objects.filter(state=GradingState.SUBMITTED).order_by().values("training_class")
    over = ~Q(pk__in=begun) & Q(ends_on__lte=timezone.localdate(now))
    handed = Q(pk__in=waiting) if actor.has_role(Role.BASE_ADMIN) else Q(pk__in=[])
    rows = running.filter(over | handed).annotate(
        stage=F("grading__state"), due=DUE_AFTER.days_after("ends_on", "project__program__rulebook")
    )
    for key, name, due, stage in rows.order_by("ends_on").values_list("pk", "name", "due", "stage"):
        submitted = stage == GradingState.SUBMITTED
        words = _("%(class)s：成绩待审定") if submitted else _("%(class)s：成绩待评定并提交")
        url = reverse("assessment:class_grades", args=[key])
        yield WorkItem(words % {"class": name}, url, clock.end_of(due), kind=_("成绩"))


class_records += ["grading"]


@class_panels
def classroom(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """Arrivals, attendance and grading of a class that has opened, for those who follow it. Two queries."""
    if actor.role not in FOLLOWERS or training_class.state not in (ClassState.OPEN, ClassState.FINISHED):
        return
    row = queries.with_class_attendance(followed_by(actor)).filter(pk=training_class.pk).first()
    if row is None:
        return
    grading: ClassGrading | None = getattr(training_class, "grading", None)
    state = GradingState(grading.state if grading else GradingState.OPEN).label
    context = {
        "key": training_class.pk,
        "counts": arrival_counts(training_class),
        "whole": row,
        "rate": queries.class_rate(row),
        "grading": state,
    }
    yield Panel(_("报到、考勤与成绩"), "assessment/class_panel.html", context, (ClassState.OPEN,))
