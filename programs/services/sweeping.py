"""What time does to what is owed: reminders, overdue marks, word to the office; late addressees of notices.

Each step claims its rows in the transaction that tells of them: run twice it tells once, killed it has told nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.accounts.models import Membership
from portal.accounts.roles import OFFICE, Role
from portal.messages.outbox import Letter
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.facts import DAYS, fact
from programs import hooks
from programs.models import (
    ANNOUNCED,
    ClassState,
    Deliverable,
    NoticeReceipt,
    OpeningNotice,
    ProgramState,
)
from programs.services.notices import address

REMIND_BEFORE = fact("deliverable_reminder_days", gettext_lazy("应交材料到期前几天提醒基地"), 3, group=DAYS)
ESCALATE_AFTER = fact(
    "deliverable_escalation_days", gettext_lazy("应交材料逾期几天后报项目办"), 3, group=DAYS
)
REMIND_READERS = fact("notice_reminder_days", gettext_lazy("开班前几天提醒未阅开班通知者"), 3, group=DAYS)
RULEBOOK = "training_class__project__program__rulebook"
NAMED = 8


@operation(
    "programs.remind_owed", gettext_lazy("提醒应交材料"), system=True, clauses=["CQ20-5.3", "CQ20-5.4"]
)
def remind_owed(act: Act, _none: None) -> int:
    """Tell bases what is due soon; return how many deliverables."""
    rows = _claimed(act, to_remind(act.today), "reminded_at")
    _tell_bases(act, rows, _("%(count)d项应交材料即将到期"), urgent=False)
    return len(rows)


@operation(
    "programs.mark_overdue", gettext_lazy("标记逾期材料"), system=True, clauses=["CQ20-5.1", "CQ20-5.4"]
)
def mark_overdue(act: Act, _none: None) -> int:
    """Mark what was due yesterday or before, and tell the bases; return how many deliverables."""
    rows = _claimed(act, to_mark(act.today), "overdue_at")
    _tell_bases(act, rows, _("%(count)d项应交材料已逾期，请立即报送"), urgent=True)
    return len(rows)


@operation("programs.escalate_overdue", gettext_lazy("逾期材料上报项目办"), system=True, clauses=["CQ20-5.4"])
def escalate_overdue(act: Act, _none: None) -> int:
    """Tell the office what is overdue for longer than the notice allows; return how many deliverables."""
    rows = _claimed(act, to_escalate(act.today), "escalated_at")
    url = f"{reverse('programs:owed_matrix')}?status=overdue"
    words = _("%(count)d项应交材料逾期未交，请催办")
    _tell(act, _grouped(rows, lambda each: each.office.pk), OFFICE, words, url, urgent=True)
    return len(rows)


@operation("programs.extend_notice", gettext_lazy("补发开班通知"), system=True, clauses=["CQ20-3.4"])
def extend_notice(act: Act, notice: OpeningNotice) -> int:
    """Send an issued notice to those who joined the class after it; return how many."""
    new = address(act, notice)
    act.changed(notice, after={"addressees": len(new)})
    return len(new)


def notices_to_follow() -> QuerySet[OpeningNotice]:
    """Issued notices of classes that are not finished."""
    return OpeningNotice.objects.filter(
        issued_at__isnull=False, training_class__state__in=[ClassState.PUBLISHED, ClassState.OPEN]
    ).select_related("training_class__project__program__rulebook", "training_class__base")


def notices_to_remind(today: date) -> QuerySet[OpeningNotice]:
    """Those of classes that start soon, with addressees who have neither read nor been reminded."""
    unread = NoticeReceipt.objects.filter(read_at=None, reminded_at=None, sent_at__lt=clock.start_of(today))
    return notices_to_follow().filter(
        training_class__starts_on__gte=today,
        training_class__starts_on__lte=REMIND_READERS.days_after(today, RULEBOOK),
        pk__in=unread.values("notice"),
    )


def to_remind(today: date) -> QuerySet[Deliverable]:
    """What is due soon and was not reminded of."""
    last = REMIND_BEFORE.days_after(today, RULEBOOK)
    return _missing().filter(due_on__gte=today, due_on__lte=last, reminded_at=None)


def to_mark(today: date) -> QuerySet[Deliverable]:
    """What was due yesterday or before, and is not marked."""
    return _missing().filter(due_on__lt=today, overdue_at=None)


def to_escalate(today: date) -> QuerySet[Deliverable]:
    """What is overdue for longer than the notice allows, and the office has not heard of."""
    return _missing().filter(due_on__lt=ESCALATE_AFTER.days_before(today, RULEBOOK), escalated_at=None)


def _missing() -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(
        completed_at=None,
        training_class__state__in=ANNOUNCED,
        training_class__project__program__state=ProgramState.PUBLISHED,
    )


def _claimed(act: Act, rows: QuerySet[Deliverable], mark: str) -> list[Deliverable]:
    """Lock and mark the rows that nobody else is at; return them."""
    found = list(
        rows.select_for_update(of=["self"], skip_locked=True)
        .select_related("training_class__project__program__office", "training_class__base", "requirement")
        .order_by("pk")
    )
    Deliverable.objects.filter(pk__in=[each.pk for each in found]).update(**{mark: act.now})
    act.list_rows({"deliverable": each.pk, "what": str(each)} for each in found)
    return found


def _tell_bases(act: Act, rows: list[Deliverable], words: str, *, urgent: bool) -> None:
    url = reverse("programs:owed_list")
    groups = _grouped(rows, lambda each: each.base.pk)
    _tell(act, groups, [Role.BASE_ADMIN], words, url, urgent=urgent)
    for role, page in dict.fromkeys(hooks.owed_with.values()):
        shared = [each for each in rows if hooks.owed_with.get(each.requirement.code) == (role, page)]
        if shared:
            groups = _grouped(shared, lambda each: each.base.pk)
            _tell(act, groups, [role], words, page(), urgent=urgent)


def _grouped(rows: list[Deliverable], whose: Callable[[Deliverable], int]) -> dict[int, list[Deliverable]]:
    groups: dict[int, list[Deliverable]] = defaultdict(list)
    for each in rows:
        groups[whose(each)].append(each)
    return groups


def _tell(
    act: Act,
    groups: dict[int, list[Deliverable]],
    roles: Iterable[Role],
    words: str,
    url: str,
    *,
    urgent: bool,
) -> None:
    """One letter an organisation, whatever the number of rows. One query."""
    people: dict[int, list[int]] = defaultdict(list)
    held = Membership.objects.current().filter(
        role__in=list(roles), organization__in=list(groups), user__is_active=True
    )
    for organization, user in held.values_list("organization_id", "user_id"):
        people[organization].append(user)
    for organization, found in groups.items():
        title = words % {"count": len(found)}
        act.letters.append(Letter(people[organization], title, _named(found), url, urgent))


def _named(rows: list[Deliverable]) -> str:
    lines = [
        _("%(class)s：%(what)s，截止%(due)s")
        % {"class": each.training_class, "what": each.requirement, "due": each.due_on}
        for each in rows[:NAMED]
    ]
    more = len(rows) - NAMED
    return "\n".join(lines) + (_("\n另有%(count)d项，见清单。") % {"count": more} if more > 0 else "")
