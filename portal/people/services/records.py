"""Teachers' records come into being, are kept, and go out of use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.names import mask_id, mask_phone
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.operations.versions import save_version
from portal.organizations.employers import EMPLOYERS
from portal.organizations.models import Organization
from portal.organizations.services.lifecycle import require_reason
from portal.people.checks import OWN_FIELDS, clean_data, complete_from_itself, require_sound
from portal.people.models import Teacher
from portal.people.permits import KEEPERS, keeps

# Columns that follow from others, written whenever the others are.
_KEYS = ("id_digest", "sort_key", "initials")
_DERIVED = ("birth_date", "gender", "title_level", "stage")
_MASKS = {"id_number": mask_id, "phone": mask_phone}


def audited(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` as the audit may hold it: numbers masked."""
    return {field: _MASKS[field](value) if field in _MASKS else value for field, value in data.items()}


@contextmanager
def told_if_taken() -> Iterator[None]:
    """Turn the database's refusal of a second record for one person into words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(_("同一身份证件号或教师个人标识码刚被他人登记。请刷新后查看已有档案。")) from error


def require_employer(school: Organization) -> None:
    """Raise Invalid unless teachers may belong to `school`."""
    if school.kind not in EMPLOYERS or not school.active:
        message = _("“%(school)s”不是在用的中职学校或高职院校，不能登记教师。请重新选择工作单位。")
        raise Invalid(message % {"school": school}, field="school")


@operation("people.create_teacher", _("新增教师"), roles=KEEPERS, scope=within(""), system=True)
def create_teacher(act: Act, school: Organization, /, **data: Any) -> Teacher:
    """Make the record of a teacher of `school` from any of DATA_FIELDS.

    Raises Invalid for a wrong value or a person who has a record already. Source: domain facts §5.1.
    """
    require_employer(school)
    teacher = Teacher(school=school, **clean_data(data))
    complete_from_itself(teacher)
    require_sound(teacher, act.today)
    with told_if_taken():
        teacher.save(force_insert=True)
    act.changed(teacher, after=audited({"school": school.name, **clean_data(data)}))
    return teacher


@operation("people.update_teacher", _("修改教师信息"), roles=(*KEEPERS, Role.TRAINEE), scope=keeps())
def update_teacher(act: Act, teacher: Teacher, /, *, version: int, **data: Any) -> Teacher:
    """Set any of DATA_FIELDS; a trainee any of OWN_FIELDS of the own record.

    Raises Invalid for a wrong value, Conflict when someone changed the record meanwhile.
    """
    if act.actor.is_trainee and set(data) - set(OWN_FIELDS):
        raise NotAllowed(_("姓名、证件号和工作单位由学校维护。如有错误，请联系本校管理员更正。"))
    before = {field: getattr(teacher, field) for field in {**data, **dict.fromkeys(_DERIVED)}}
    for field, value in clean_data(data).items():
        setattr(teacher, field, value)
    complete_from_itself(teacher)
    require_sound(teacher, act.today)
    changed = {field: getattr(teacher, field) for field in before if getattr(teacher, field) != before[field]}
    teacher.fill_keys()
    with told_if_taken():
        save_version(teacher, version, **changed, **_stamps(act, teacher))
    act.changed(teacher, before=audited({field: before[field] for field in changed}), after=audited(changed))
    return teacher


def _stamps(act: Act, teacher: Teacher) -> dict[str, Any]:
    return {**{key: getattr(teacher, key) for key in _KEYS}, "updated_at": act.now}


@operation("people.deactivate_teacher", _("教师离岗"), roles=KEEPERS, scope=keeps())
def deactivate_teacher(act: Act, teacher: Teacher, *, reason: str, version: int) -> Teacher:
    """The teacher left the school for good (retired, resigned). The record and its history stay."""
    return _set_active(act, teacher, False, reason, version)


@operation("people.reactivate_teacher", _("教师复岗"), roles=KEEPERS, scope=keeps())
def reactivate_teacher(act: Act, teacher: Teacher, *, reason: str, version: int) -> Teacher:
    """The teacher is back at the school."""
    require_employer(teacher.school)
    return _set_active(act, teacher, True, reason, version)


def _set_active(act: Act, teacher: Teacher, active: bool, reason: str, version: int) -> Teacher:
    act.reason = require_reason(reason)
    if teacher.active == active:
        raise WrongState(_("该教师的在岗状态已是如此，无需重复办理。请刷新后查看。"))
    save_version(teacher, version, active=active, updated_at=act.now)
    act.changed(teacher, before={"active": not active}, after={"active": active})
    return teacher
