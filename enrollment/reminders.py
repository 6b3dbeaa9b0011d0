"""Who is reminded before registration ends: trainees themselves, who sends those without an account, bases. CQ20-3.3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.models import Enrollment, EnrollmentState
from enrollment.services.forms import APPROVERS
from enrollment.services.registration import PHASE
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.rulebook.hooks import Reminder, reminds
from portal.rulebook.models import Phase

BUREAU = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER)


@reminds(PHASE)
def unregistered(phase: Phase, now: datetime) -> Iterator[Reminder]:
    """Trainees with an account are told themselves; of those without, their school and the bureau that sent them learn
    how many there are; each base, how many wait for it. Seven queries, however many people."""
    rows = Enrollment.objects.filter(project__program__rulebook=phase.rulebook_id).order_by()
    waiting = rows.filter(state=EnrollmentState.APPROVED)
    yield from _trainees(waiting)
    silent = waiting.filter(teacher__user=None)
    words = (
        _("还有%(count)d名学员未注册报名"),
        f"{reverse('enrollment:enrollments')}?state={EnrollmentState.APPROVED}",
    )
    yield from _reminders(silent, "school", APPROVERS, words)
    yield from _reminders(silent.exclude(organization=F("school")), "organization", BUREAU, words)
    confirming = (_("还有%(count)d名学员的报名等待确认"), reverse("enrollment:confirmations"))
    registered = rows.filter(state=EnrollmentState.REGISTERED)
    yield from _reminders(registered, "project__base", (Role.BASE_ADMIN,), confirming)


def _trainees(waiting: QuerySet[Enrollment]) -> Iterator[Reminder]:
    """Those who can sign in, by project: to register for a further one, or again what was sent back."""
    people: dict[str, list[int]] = defaultdict(list)
    known = waiting.filter(teacher__user__is_active=True).order_by("project__code", "pk")
    for project, user in known.values_list("project__name", "teacher__user"):
        people[project].append(user)
    for project, users in people.items():
        title = _("您还没有完成“%(project)s”的报名") % {"project": project}
        body = _("请登录后在“我的培训”提交，或用报名卡上的验证码注册；逾期不能再报名。")
        yield Reminder(users, title, body, url=reverse("enrollment:trainee"))


def _reminders(
    rows: QuerySet[Enrollment], path: str, roles: Iterable[Role], words: tuple[str, str]
) -> Iterator[Reminder]:
    counts = dict(rows.values_list(path).annotate(count=Count("pk")))
    held = Membership.objects.current().filter(organization__in=[*counts], role__in=[*roles])
    people: dict[int, list[int]] = {}
    for organization, user in held.values_list("organization", "user"):
        people.setdefault(organization, []).append(user)
    for organization, users in people.items():
        yield Reminder(users, words[0] % {"count": counts[organization]}, url=words[1])
