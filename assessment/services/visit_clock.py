"""What time does to inspections: visits and answers that are due or overdue are called to mind, once each stage.

Nothing changes but messages, and each has a key: a sweep killed anywhere and run again writes none twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Inspection, InspectionPoint, InspectionState, PointState
from portal.accounts.models import Membership
from portal.accounts.roles import OFFICE, Role
from portal.messages.outbox import Letter, post
from portal.rulebook.facts import DAYS, fact, stage
from portal.rulebook.models import Rulebook

AHEAD = fact(
    "inspection_reminder_days",
    gettext_lazy("视导及整改反馈到期前几天提醒"),
    (1, 3),
    group=DAYS,
    hint=gettext_lazy("可填几个，如：1、3"),
    most=30,
)
UNANSWERED = (PointState.OPEN, PointState.RETURNED)


def remind_inspections(now: datetime) -> int:
    """Remind of visits and answers near their day or past it; how many messages are new. A few queries, however many."""
    today = timezone.localdate(now)
    return post([*_visits(today), *_answers(today)])


def word_of(day: date, today: date, rulebook: Rulebook) -> str:
    """Name the reminder of what is due on `day`; "" when none is."""
    if day < today:
        return "over"
    days = stage(day - today, AHEAD.of(rulebook))
    return "" if days is None else f"{days}d"


def _visits(today: date) -> Iterator[Letter]:
    """Each planned visit to its inspectors; when its day is past, to the office too."""
    rows = Inspection.objects.filter(state=InspectionState.PLANNED)
    rows = rows.select_related("project__program__rulebook").prefetch_related("inspectors")
    found = [(each, word_of(each.planned_on, today, each.rulebook)) for each in rows]
    near = [(each, word) for each, word in found if word]
    offices = _holders({each.project.program.office_id for each, _word in near}, *OFFICE)
    for each, word in near:
        people = [one.user_id for one in each.inspectors.all()]
        words = {"project": each.project, "day": each.planned_on}
        title = _("请于%(day)s视导%(project)s") % words
        if word == "over":
            title = _("%(project)s的视导（%(day)s）已过期未提交记录") % words
            people += offices[each.project.program.office_id]
        url = reverse("assessment:inspection", args=[each.pk])
        yield Letter(people, title, url=url, urgent=True, key=f"visit:{each.pk}:{each.planned_on}:{word}")


def _answers(today: date) -> Iterator[Letter]:
    """Each finding that waits for the base's answer; when its day is past, the office is told as well."""
    rows = InspectionPoint.objects.filter(
        state__in=UNANSWERED, inspection__state=InspectionState.SUBMITTED, due_on__isnull=False
    )
    found = [
        each
        for each in rows.select_related("inspection__project__program__rulebook")
        if _stage_of(each, today)
    ]
    bases = _holders({each.inspection.base_id for each in found}, Role.BASE_ADMIN)
    offices = _holders({each.inspection.project.program.office_id for each in found}, *OFFICE)
    for each in found:
        word, inspection = _stage_of(each, today), each.inspection
        words = {"project": inspection.project, "number": each.number, "day": each.due_on}
        title = _("%(project)s：视导问题%(number)d请于%(day)s前反馈整改情况") % words
        people = [*bases[inspection.base_id]]
        if word == "over":
            title = _("%(project)s：视导问题%(number)d逾期未反馈（%(day)s）") % words
            people += offices[inspection.project.program.office_id]
        url = reverse("assessment:inspection", args=[inspection.pk])
        yield Letter(people, title, url=url, urgent=True, key=f"point:{each.pk}:{each.due_on}:{word}")


def _stage_of(point: InspectionPoint, today: date) -> str:
    return word_of(point.due_on, today, point.inspection.rulebook) if point.due_on else ""


def _holders(organizations: set[int], *roles: Role) -> dict[int, list[int]]:
    """The keys of those who hold one of `roles`, by organisation."""
    found: dict[int, list[int]] = defaultdict(list)
    held = Membership.objects.current().filter(
        role__in=roles, organization__in=organizations, user__is_active=True
    )
    for organization, user in held.values_list("organization", "user"):
        found[organization].append(user)
    return found
