"""Accounts of trainees, made while they register: called within enrollment's operation, which audits it."""

from __future__ import annotations

from typing import NamedTuple

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.accounts.services.memberships import hold
from portal.accounts.services.passwords import check_new_password, set_password
from portal.accounts.services.users import save_user
from portal.organizations.models import Organization


class TraineeAccount(NamedTuple):
    user: User
    membership: Membership


def create_trainee_account(
    name: str, phone: str, school: Organization, *, password: str | None = None, username: str = ""
) -> TraineeAccount:
    """Make a person who is a trainee of `school`; without `username` they sign in by their phone number.

    Without `password` the account cannot be signed in to until one is set. Raises Invalid for a user name that is taken
    (the phone already has an account: give them the role by `hold`), a weak password, or an organisation without trainees.
    """
    person = User(username=username or phone, name=name, phone=phone)
    if password is not None:
        check_new_password(password, person)
    user = save_user(person)
    if password is not None:
        set_password(user, password)
    return TraineeAccount(user, hold(user, Role.TRAINEE, school, granted_by=None))
