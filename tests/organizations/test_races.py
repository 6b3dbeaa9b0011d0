"""A child that is made while its parent moves must not keep the old path."""

from threading import Event

import pytest
from django.db import transaction

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.organizations.services import records, tree
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.races import KEPT_AWAY, SURE, at_once, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def child_while_parent_moves(office: Actor) -> Organization:
    """Create a base below a school in a transaction that is still open when the school is moved."""
    old, new = (BureauFactory(parent=office.organization.parent) for _each in range(2))
    school = SchoolFactory(parent=old)
    fresh = Organization.objects.get(pk=school.pk)
    created, moved = Event(), Event()

    @transaction.atomic
    def create() -> None:
        records.create(office, school, kind=Kind.BASE, name="基地")
        created.set()
        moved.wait(KEPT_AWAY)

    def move() -> None:
        assert created.wait(SURE)
        tree.move(office, fresh, parent=new, reason="区划调整", version=1)
        moved.set()

    assert refused(at_once(create, move)) == []
    return Organization.objects.get(kind=Kind.BASE)


def test_a_child_made_while_its_parent_moves_has_the_new_path() -> None:
    base = child_while_parent_moves(make_actor(Role.PROGRAM_MANAGER))
    assert base.path.startswith(Organization.objects.get(pk=base.parent_id).path)


def test_control_without_the_lock_the_child_keeps_the_old_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "lock_tree", lambda: None)
    monkeypatch.setattr(records, "lock_tree", lambda: None)
    base = child_while_parent_moves(make_actor(Role.PROGRAM_MANAGER))
    assert not base.path.startswith(Organization.objects.get(pk=base.parent_id).path)
