"""A child that is made while its parent moves must not keep the old path."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.organizations.services import records, tree
from tests.factories import BureauFactory, SchoolFactory, make_actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@contextmanager
def other_thread(work: object) -> Iterator[threading.Thread]:
    def run() -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join(20)
    assert not thread.is_alive()


def child_while_parent_moves(office: Actor) -> Organization:
    """Create a base below a school in a transaction that is still open when the school is moved."""
    old, new = (BureauFactory(parent=office.organization.parent) for _each in range(2))
    school = SchoolFactory(parent=old)
    fresh = Organization.objects.get(pk=school.pk)
    move = lambda: tree.move(office, fresh, parent=new, reason="区划调整", version=1)  # noqa: E731
    with transaction.atomic():
        base = records.create(office, school, kind=Kind.BASE, name="基地")
        thread_context = other_thread(move)
        thread = thread_context.__enter__()
        thread.join(1)
    thread_context.__exit__(None, None, None)
    base.refresh_from_db()
    return base


def test_a_child_made_while_its_parent_moves_has_the_new_path() -> None:
    base = child_while_parent_moves(make_actor(Role.PROGRAM_MANAGER))
    assert base.path.startswith(Organization.objects.get(pk=base.parent_id).path)


def test_control_without_the_lock_the_child_keeps_the_old_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "lock_tree", lambda: None)
    monkeypatch.setattr(records, "lock_tree", lambda: None)
    base = child_while_parent_moves(make_actor(Role.PROGRAM_MANAGER))
    assert not base.path.startswith(Organization.objects.get(pk=base.parent_id).path)
