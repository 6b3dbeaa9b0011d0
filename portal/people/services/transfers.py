"""A teacher moves to another school: one school asks, the other agrees."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.organizations.models import Organization
from portal.organizations.services.lifecycle import require_reason
from portal.people.identity import clean_number
from portal.people.models import Teacher, Transfer, TransferState
from portal.people.permits import SCHOOLS, answers, asked, other_side
from portal.people.services.records import require_employer
from portal.people.states import TRANSFER
from portal.text import normalise


@operation("people.request_transfer", _("申请教师调出"), roles=SCHOOLS, scope=own("school"))
def request_transfer(act: Act, teacher: Teacher, *, target: Organization, reason: str) -> Transfer:
    """The teacher's school asks `target` to take the teacher over.

    Raises Invalid for a target that cannot, WrongState when a transfer is open already.
    """
    return _request(act, teacher, target, teacher.school, reason)


@operation("people.request_transfer_in", _("申请教师调入"), roles=SCHOOLS, scope=own(""))
def request_transfer_in(
    act: Act, school: Organization, *, document_type: str, number: str, reason: str
) -> Transfer:
    """A school asks for a teacher of another, whom it names by the identity document's number.

    Raises Invalid when no teacher bears the number.
    """
    found = Teacher.objects.with_number(document_type, clean_number(number)).select_related("school").first()
    if found is None:
        message = _("没有登记此证件号的教师。请核对号码；如尚无档案，请直接新增教师。")
        raise Invalid(message, field="number")
    return _request(act, found, school, school, reason)


def _request(act: Act, teacher: Teacher, target: Organization, asker: Organization, reason: str) -> Transfer:
    act.reason = require_reason(reason)
    require_employer(target)
    if target == teacher.school:
        raise Invalid(_("该教师已在“%(school)s”，无需调动。") % {"school": target}, field="target")
    transfer = Transfer(
        teacher=teacher, source=teacher.school, target=target, asked_by=asker, reason=act.reason
    )
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
    except IntegrityError as error:
        message = _("该教师有一项调动正待对方同意。请等对方答复，或由发起学校撤回后重新申请。")
        raise WrongState(message, code="transfer_open") from error
    _tell(act, transfer, other_side(transfer), _("有教师调动待贵校答复：%(teacher)s"))
    act.changed(transfer, after=_sides(transfer))
    return transfer


@operation("people.agree_transfer", _("同意教师调动"), roles=SCHOOLS, scope=answers())
def agree_transfer(act: Act, transfer: Transfer) -> Transfer:
    """The other school agrees; the teacher and the teacher's account belong to the target from now on.

    Raises WrongState or Conflict when the transfer is no longer open or the teacher moved meanwhile.
    """
    require_employer(transfer.target)
    TRANSFER.apply(transfer, "agree", decided_at=act.now)
    here = Teacher.objects.filter(pk=transfer.teacher_id, school=transfer.source_id)
    if not here.update(school=transfer.target, active=True, version=F("version") + 1, updated_at=act.now):
        raise Conflict(_("该教师已不在“%(school)s”，调动不能办理。") % {"school": transfer.source})
    _move_account(transfer)
    _tell(act, transfer, transfer.asked_by, _("对方已同意教师调动：%(teacher)s"))
    act.changed(transfer, before={"school": str(transfer.source)}, after={"school": str(transfer.target)})
    return transfer


def _move_account(transfer: Transfer) -> None:
    user = transfer.teacher.user_id
    if user is None:
        return
    held = Membership.objects.current().filter(user=user, role=Role.TRAINEE)
    if not held.filter(organization=transfer.target).exists():
        held.filter(organization=transfer.source).update(organization=transfer.target)


@operation("people.refuse_transfer", _("不同意教师调动"), roles=SCHOOLS, scope=answers())
def refuse_transfer(act: Act, transfer: Transfer, *, reason: str) -> Transfer:
    """The other school does not agree and says why; nothing moves."""
    act.reason = require_reason(reason)
    TRANSFER.apply(transfer, "refuse", decided_at=act.now)
    _tell(act, transfer, transfer.asked_by, _("对方不同意教师调动：%(teacher)s"))
    act.changed(transfer, before={"state": TransferState.REQUESTED}, after={"state": transfer.state})
    return transfer


@operation("people.withdraw_transfer", _("撤回教师调动"), roles=SCHOOLS, scope=asked())
def withdraw_transfer(act: Act, transfer: Transfer, *, reason: str = "") -> Transfer:
    """The school that asked takes the request back."""
    act.reason = normalise(reason)
    TRANSFER.apply(transfer, "withdraw", decided_at=act.now)
    _tell(act, transfer, other_side(transfer), _("对方已撤回教师调动：%(teacher)s"))
    act.changed(transfer, before={"state": TransferState.REQUESTED}, after={"state": transfer.state})
    return transfer


def _sides(transfer: Transfer) -> dict[str, str]:
    return {"teacher": str(transfer.teacher), "source": str(transfer.source), "target": str(transfer.target)}


def _tell(act: Act, transfer: Transfer, school: Organization, title: str) -> None:
    people = [each for role in SCHOOLS for each in User.objects.holding(role, school)]
    act.tell(people, title % {"teacher": transfer.teacher}, body=act.reason, url=reverse("people:transfers"))
