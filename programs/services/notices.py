"""The opening notice of a class: drawn up, issued to all whom it concerns, read. Source: CQ20-3.4, CQ20-5.1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Membership, User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import changed_meanwhile, save_version
from portal.rulebook.findings import require
from portal.rulebook.kinds import judge, rules_for
from programs import hooks
from programs.models import ClassState, NoticeReceipt, OpeningNotice, TrainingClass
from programs.scopes import runs_class
from programs.services.opening import class_case

OPENING_NOTICE = "programs.opening_notice"
WRITERS = (Role.BASE_ADMIN, Role.CLASS_TEACHER)
# Who reads for an organisation.
READERS = (Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BUREAU_CLERK, Role.BUREAU_APPROVER)
# Who sees, beside the base, whether it was read.
WATCHERS = (*OFFICE, Role.PROVINCIAL_OFFICER)
RULES = ("programs.plan_approved",)
FIELDS = ("audience", "schedule", "place", "content", "bring", "board", "contact", "signed")
Values = dict[str, Any]


@operation(
    "programs.save_notice",
    gettext_lazy("拟定开班通知"),
    roles=WRITERS,
    scope=runs_class(),
    clauses=["CQ20-3.4"],
    system=True,
)
def save_notice(
    act: Act, training_class: TrainingClass, *, values: Values, version: int = 0
) -> OpeningNotice:
    """Draw up the notice, or go on with it; `version` is 0 the first time. Raises WrongState once it is issued."""
    if training_class.state not in (ClassState.PUBLISHED, ClassState.OPEN):
        raise WrongState(_("“%(class)s”尚未发布或已结束，不能拟定开班通知。") % {"class": training_class})
    notice = OpeningNotice.objects.select_for_update().filter(training_class=training_class).first()
    before: Values = {}
    if notice is None:
        notice = OpeningNotice.objects.create(training_class=training_class, **values)
    else:
        _require_draft(notice)
        before = {name: getattr(notice, name) for name in values}
        save_version(notice, version, **values)
    act.changed(notice, before=before, after=values)
    return notice


@operation(
    "programs.issue_notice",
    gettext_lazy("发出开班通知"),
    roles=WRITERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-3.4", "CQ20-5.1"],
    system=True,
)
def issue_notice(act: Act, notice: OpeningNotice, *, version: int | None = None) -> OpeningNotice:
    """Send the notice to the trainees of the class, their schools and bureaus; return it issued.

    Raises RuleBroken while the plan is not approved, Conflict for a stale `version`, WrongState a second time.
    """
    _require_draft(notice)
    training_class = notice.training_class
    require(judge(rules_for(notice.rulebook, *RULES), class_case(training_class)))
    rows = OpeningNotice.objects.filter(pk=notice.pk, issued_at=None, version=version or notice.version)
    if not rows.update(issued_at=act.now, issued_by=act.actor.name):
        raise changed_meanwhile(notice)
    notice.issued_at, notice.issued_by = act.now, act.actor.name
    sent = address(act, notice)
    act.changed(notice, after={"issued_at": act.now, "addressees": len(sent)})
    return notice


@operation(
    "programs.remind_unread",
    gettext_lazy("提醒阅读开班通知"),
    roles=WRITERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-3.4"],
    system=True,
)
def remind_unread(act: Act, notice: OpeningNotice, *, again: bool = True) -> int:
    """Tell those who have not read the notice once more; return how many addressees.

    Without `again` those who were reminded before are left alone.
    """
    require_issued(notice)
    unread = _unread(notice, again=again)
    _tell(act, notice, unread, _("请阅读开班通知：%(class)s"), urgent=True)
    NoticeReceipt.objects.filter(pk__in=[each.pk for each in unread]).update(reminded_at=act.now)
    act.changed(notice, after={"reminded": len(unread)})
    return len(unread)


@operation(
    "programs.read_notice",
    gettext_lazy("确认已阅开班通知"),
    roles=[Role.TRAINEE, *READERS],
    clauses=["CQ20-3.4"],
)
def read_notice(act: Act, notice: OpeningNotice, *, edition: int | None = None) -> OpeningNotice:
    """Say that one has read it: for oneself as a trainee, for one's organisation otherwise. Again changes nothing.

    `edition` is the one that was read: Raises Conflict when it was corrected meanwhile.
    """
    require_issued(notice)
    if edition is not None and edition != notice.edition:
        raise Conflict(_("开班通知刚刚更正并重新发出，请阅读新的通知后再确认。"))
    mine = NoticeReceipt.objects.filter(notice=notice).addressed_to(act.actor)
    if not mine.exists():
        raise NotAllowed(_("这份开班通知没有发给您或您的单位。"))
    fresh = mine.unread().update(read_at=act.now, read_by=act.actor.name)
    act.changed(notice, after={"read": fresh})
    return notice


def address(act: Act, notice: OpeningNotice, *, changed: str = "") -> list[NoticeReceipt]:
    """Send an issued notice to whoever has not got it yet; return the new receipts. For use inside an operation.

    `changed` says what a corrected notice changes.
    """
    new = [
        NoticeReceipt(notice=notice, organization=each.organization, teacher=each.teacher, sent_at=act.now)
        for each in not_addressed(notice)
    ]
    NoticeReceipt.objects.bulk_create(new, ignore_conflicts=True)
    words = _("开班通知（已更正）：%(class)s") if changed else _("开班通知：%(class)s")
    _tell(act, notice, new, words, urgent=True, changed=changed)
    return new


def not_addressed(notice: OpeningNotice) -> list[hooks.Addressee]:
    """Whom the notice concerns and who has not got it."""
    held = set(notice.receipts.values_list("organization_id", "teacher_id"))
    wanted = {
        (each.organization.pk, each.teacher.pk if each.teacher else None): each
        for provider in hooks.addressees
        for each in provider(notice.training_class)
    }
    return [each for key, each in wanted.items() if key not in held]


def _unread(notice: OpeningNotice, *, again: bool) -> list[NoticeReceipt]:
    """The receipts to remind of, locked: of two who remind at once the second finds them reminded."""
    rows = NoticeReceipt.objects.filter(notice=notice).unread().order_by("pk")
    rows = rows if again else rows.filter(reminded_at=None)
    return list(rows.select_for_update(of=["self"]).select_related("teacher__user"))


def _tell(
    act: Act,
    notice: OpeningNotice,
    receipts: Iterable[NoticeReceipt],
    words: str,
    *,
    urgent: bool,
    changed: str = "",
) -> None:
    rows = list(receipts)
    people = [each.teacher.user for each in rows if each.teacher and each.teacher.user]
    units = [each.organization_id for each in rows if each.teacher_id is None]
    held = Membership.objects.current().filter(role__in=READERS, organization__in=units)
    users = [*people, *User.objects.filter(is_active=True, pk__in=held.values("user_id"))]
    if users:
        starts = notice.training_class.starts_on
        what = _("更正内容：%(what)s\n") % {"what": changed} if changed else ""
        act.tell(
            users,
            words % {"class": notice.training_class},
            body=what + _("%(day)s开班，请阅读通知并确认。") % {"day": f"{starts:%Y年%m月%d日}"},
            url=reverse("programs:notice", args=[notice.pk]),
            urgent=urgent,
        )


def _require_draft(notice: OpeningNotice) -> None:
    if notice.issued_at:
        raise WrongState(_("开班通知已发出，不能直接修改。如有变动，请在通知页面“更正并重新发出”。"))


def require_issued(notice: OpeningNotice) -> None:
    """Raise Invalid for a draft."""
    if notice.issued_at is None:
        raise Invalid(_("开班通知还没有发出。"))
