"""What plans, openings and deliverables plug into the frame: navigation, work that waits, the card of a class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.rulebook.facts import DAYS, fact
from portal.ui.registry import Group, NavEntry, WorkItem, nav, work_items
from portal.ui.tallies import Tally, tally
from programs import hooks
from programs.hooks import Panel
from programs.models import (
    ANNOUNCED,
    ClassState,
    Deliverable,
    NoticeReceipt,
    OpeningNotice,
    PlanState,
    Submission,
    SubmissionState,
    TrainingClass,
)
from programs.services.notices import READERS
from programs.services.opening import PLAN

BASE = frozenset({Role.BASE_ADMIN, Role.CLASS_TEACHER})
WATCHERS = frozenset({*OFFICE, Role.PROVINCIAL_OFFICER})
AHEAD = fact("deliverable_work_days", gettext_lazy("应交材料到期前几天列入待办"), 14, group=DAYS)
OPENING = fact("opening_work_days", gettext_lazy("开班前几天列入待办"), 3, group=DAYS)

nav(
    NavEntry(Group.CLASSES, gettext_lazy("培训方案"), "programs:plans", "writing", BASE | WATCHERS, 20),
    NavEntry(
        Group.CLASSES, gettext_lazy("应交材料"), "programs:owed_list", "list-check", BASE | WATCHERS, 30
    ),
    NavEntry(
        Group.CLASSES,
        gettext_lazy("应交材料进度"),
        "programs:owed_matrix",
        "table",
        WATCHERS | {Role.BASE_ADMIN},
        40,
    ),
)


@work_items
def base_owes(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Deliverables due or returned, classes to open or finish, plans to correct. Two queries."""
    if actor.role not in BASE or actor.organization is None:
        return
    today = timezone.localdate(now)
    owed = Deliverable.objects.filter(
        training_class__base=actor.organization, training_class__state__in=ANNOUNCED
    )
    last = AHEAD.days_after(today, "training_class__project__program__rulebook")
    soon, plan = Q(completed_at=None, due_on__lte=last), Q(requirement__code=PLAN)
    found = tally(
        owed,
        "due_on",
        due=soon & ~plan & Q(returned=0),
        returned=~plan & Q(returned__gt=0),
        plans=soon & plan & Q(training_class__state=ClassState.PUBLISHED),
    )
    yield from _due(found["due"], found["returned"])
    yield from _plans(found["plans"])
    yield from _classes(actor, now)


def _due(due: Tally, returned: Tally) -> Iterator[WorkItem]:
    url, kind = reverse("programs:owed_list"), gettext_lazy("材料")
    if due.count:
        title = _("%(count)d项应交材料即将到期或已逾期") % {"count": due.count}
        yield WorkItem(title, f"{url}?status=owed", _end(due.first), due.count, kind=kind)
    if returned.count:
        title = _("%(count)d项材料被退回，请修改后重新报送") % {"count": returned.count}
        yield WorkItem(title, f"{url}?status=returned", None, returned.count, kind=kind)


def _plans(due: Tally) -> Iterator[WorkItem]:
    if due.count:
        url = f"{reverse('programs:owed_list')}?status=owed"
        title = _("%(count)d个班级的培训方案待报送") % {"count": due.count}
        yield WorkItem(title, url, _end(due.first), due.count, kind=gettext_lazy("方案"))


def _classes(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    found, kind = _of_classes(actor, now), gettext_lazy("开班")
    url = reverse("programs:classes")
    if found["returned"]:
        title = _("%(count)d份培训方案被退回，请修改后重新报送") % {"count": found["returned"]}
        plans = f"{reverse('programs:plans')}?state={PlanState.RETURNED}"
        yield WorkItem(title, plans, _end(found["starts"]), found["returned"], kind=gettext_lazy("方案"))
    if found["late"]:
        title = _("%(count)d个班级经项目办同意补编，请编排并发布") % {"count": found["late"]}
        yield WorkItem(title, url, found["until"], found["late"], kind=gettext_lazy("编班"))
    if found["soon"]:
        title = _("%(count)d个班级待开班") % {"count": found["soon"]}
        address = f"{url}?state={ClassState.PUBLISHED}"
        yield WorkItem(title, address, _end(found["first"]), found["soon"], kind=kind)
    if found["over"]:
        title = _("%(count)d个班级已到结束日期，请办理结班") % {"count": found["over"]}
        yield WorkItem(title, f"{url}?state={ClassState.OPEN}", _end(found["last"]), found["over"], kind=kind)


def _of_classes(actor: Actor, now: datetime) -> dict[str, Any]:
    """How many of the base's classes wait for what, and the first day of each. One query."""
    today = timezone.localdate(now)
    last = OPENING.days_after(today, "project__program__rulebook")
    soon = Q(state=ClassState.PUBLISHED, starts_on__lte=last)
    over = Q(state=ClassState.OPEN, ends_on__lte=today)
    allowed = Q(publishable_until__gte=now)
    late = allowed & (Q(state=ClassState.DRAFT) | Q(state=ClassState.CANCELLED, replacement=None))
    returned = Q(plan__state=PlanState.RETURNED)
    rows = TrainingClass.objects.filter(base=actor.organization).order_by()
    return rows.aggregate(
        soon=Count("pk", filter=soon),
        first=Min("starts_on", filter=soon),
        over=Count("pk", filter=over),
        last=Min("ends_on", filter=over),
        late=Count("pk", filter=late),
        until=Min("publishable_until", filter=late),
        returned=Count("pk", filter=returned),
        starts=Min("starts_on", filter=returned),
    )


@work_items
def office_reviews(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Copies to accept or return, and what is overdue. Two queries. Plans come with the reviews."""
    if not actor.has_role(*OFFICE):
        return
    today, kind = timezone.localdate(now), gettext_lazy("材料")
    url = reverse("programs:owed_list")
    visible = Deliverable.objects.visible_to(actor)
    waiting = Submission.objects.filter(deliverable__in=visible, state=SubmissionState.SUBMITTED)
    count, _first = _counted(waiting.exclude(deliverable__requirement__code=PLAN), "submitted_at")
    if count:
        title = _("%(count)d份材料待审核") % {"count": count}
        yield WorkItem(title, f"{url}?status=submitted", None, count, kind=kind)
    overdue, first = _counted(visible.filter(escalated_at__isnull=False).overdue(today), "due_on")
    if overdue:
        title = _("%(count)d项应交材料逾期未交，请催办") % {"count": overdue}
        due = _end(first)
        yield WorkItem(title, f"{url}?status=overdue", due, overdue, kind=kind)


@work_items
def notices_unread(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Opening notices that the trainee or the organisation has not read. One query."""
    if not actor.is_trainee and actor.role not in READERS:
        return
    rows = NoticeReceipt.objects.addressed_to(actor).unread()
    found = rows.filter(notice__training_class__state__in=[ClassState.PUBLISHED, ClassState.OPEN])
    for each in found.select_related("notice__training_class").order_by("notice__training_class__starts_on")[
        :10
    ]:
        starts = each.notice.training_class.starts_on
        title = _("请阅读开班通知：%(class)s") % {"class": each.notice.training_class}
        url = reverse("programs:notice", args=[each.notice_id])
        yield WorkItem(title, url, clock.start_of(starts), kind=gettext_lazy("开班"))


@hooks.class_panels
def preparation(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """How far the class is prepared: survey, plan, notice, what is owed. Two queries."""
    notice = getattr(training_class, "notice", None)
    if not _watches(actor, training_class):
        if notice and OpeningNotice.objects.visible_to(actor).filter(pk=notice.pk).exists():
            yield Panel(_("开班通知"), "programs/notices/_link.html", {"notice": notice})
        return
    if training_class.state not in ANNOUNCED:
        return
    owed = training_class.deliverables.select_related("requirement").order_by("due_on", "pk")
    context = {
        "training_class": training_class,
        "needs": getattr(training_class, "needs", None),
        "plan": getattr(training_class, "plan", None),
        "notice": notice,
        "writes": training_class.base == actor.organization and actor.role in BASE,
        "published": training_class.state == ClassState.PUBLISHED,
        "owed": [(each, *_shown(each)) for each in owed],
    }
    yield Panel(_("开班准备与应交材料"), "programs/plans/_panel.html", context, (ClassState.PUBLISHED,))


def plan_page(training_class: int) -> str:
    """Where a class's plan is written and sent."""
    return reverse("programs:plan_edit", args=[training_class])


hooks.delivered_at[PLAN] = plan_page


def _watches(actor: Actor, training_class: TrainingClass) -> bool:
    return actor.role in WATCHERS or (actor.role in BASE and training_class.base == actor.organization)


def _shown(owed: Deliverable) -> tuple[str, str, datetime | None]:
    from programs.tables.training import status_of

    code, word = status_of(owed)
    return code, word, None if owed.is_complete else clock.end_of(owed.due_on)


def _end(day: date | None) -> datetime | None:
    return clock.end_of(day) if day else None


def _counted(rows: QuerySet[Any], path: str) -> tuple[int, date | None]:
    """How many rows there are, and the first day of `path` among them. One query."""
    found = rows.order_by().aggregate(count=Count("pk"), first=Min(path))
    return found["count"], found["first"]
