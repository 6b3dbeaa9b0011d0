"""Accounts of people: making, deactivating, reactivating."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.accounts.passwords import temporary_password
from portal.accounts.reach import caring
from portal.accounts.roles import Role
from portal.accounts.services.passwords import check_new_password, set_password
from portal.accounts.services.sessions import end_sessions
from portal.accounts.services.tokens import revoke_all
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.text import normalise

if TYPE_CHECKING:
    from portal.accounts.models import Invitation

# Chinese characters are welcome; spaces and signs that are mistaken on the phone are not.
_USERNAME = re.compile(r"[\w.@+-]{3,64}")


@dataclass(frozen=True)
class NewUser:
    """What a person chooses when they make their account."""

    username: str
    password: str


@dataclass(frozen=True)
class Opened:
    """An account and its one-time password, which is shown only now."""

    user: User
    password: str


@operation("accounts.create_user", gettext_lazy("新建用户"), roles=[Role.SYSTEM_ADMIN])
def create_user(
    act: Act, subject: None, *, username: str, name: str, phone: str = "", email: str = ""
) -> Opened:
    """Make an account without any role, with a one-time password. Granting is the security administrator's.

    Raises Invalid for a user name that is taken or malformed, or a missing name.
    """
    opened = open_account(username=username, name=name, phone=phone, email=email)
    act.changed(opened.user, after={"username": opened.user.username, "name": opened.user.name})
    return opened


def open_account(*, username: str, name: str, phone: str = "", email: str = "") -> Opened:
    """Make an account with a one-time password, inside the caller's operation."""
    user = save_user(User(username=username, name=name, phone=phone, email=email))
    password = temporary_password()
    set_password(user, password, must_change=True)
    return Opened(user, password)


def make_user(account: NewUser, invitation: Invitation) -> User:
    """Make the account of an invited person with the password they chose."""
    person = User(
        username=account.username, name=invitation.name, phone=invitation.phone, email=invitation.email
    )
    check_new_password(account.password, person)
    user = save_user(person)
    set_password(user, account.password)
    return user


def save_user(user: User) -> User:
    """Save a new person without a password. Raises Invalid when the user name is malformed or taken."""
    user.username, user.name, user.phone = (
        normalise(each) for each in (user.username, user.name, user.phone)
    )
    if not _USERNAME.fullmatch(user.username):
        raise Invalid(_("用户名须为3至64个汉字、字母、数字或 . @ + - _，不含空格。"), field="username")
    if not user.name:
        raise Invalid(_("请填写姓名。"), field="name")
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        message = _("用户名“%(name)s”已被使用，请换一个，例如加上单位简称或数字。") % {"name": user.username}
        raise Invalid(message, field="username", code="username_taken") from error
    return user


@operation("accounts.deactivate_user", gettext_lazy("停用用户"), roles=[Role.SYSTEM_ADMIN], scope=caring())
def deactivate_user(act: Act, user: User, *, reason: str) -> User:
    """Shut the account: nobody signs in with it, open sessions and tokens end. Roles stay, for coming back."""
    if not reason.strip():
        raise Invalid(_("请填写停用的理由，例如“离职”。"), field="reason")
    _switch(user, on=False)
    end_sessions(user)
    revoke_all(user)
    act.reason = reason.strip()
    act.changed(user, before={"is_active": True}, after={"is_active": False})
    return user


@operation("accounts.reactivate_user", gettext_lazy("启用用户"), roles=[Role.SYSTEM_ADMIN], scope=caring())
def reactivate_user(act: Act, user: User) -> User:
    """Open the account again. Raises WrongState when it is open."""
    _switch(user, on=True)
    act.changed(user, before={"is_active": False}, after={"is_active": True})
    return user


def _switch(user: User, *, on: bool) -> None:
    if not User.objects.filter(pk=user.pk, is_active=not on).update(is_active=on):
        raise WrongState(_("该用户已处于此状态，请刷新页面查看。"))
    user.is_active = on
