"""The role as which the portal's processes work: rows yes; the audit's entries and guard no."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.utils import timezone

from portal.operations import guard
from portal.operations.application_role import give_rights
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
ROLE = "portal_test_app"


def note() -> None:
    AuditEntry.objects.create(
        business_at=timezone.now(), operation="x.act", label="试验", actor_name="演示", outcome="done"
    )


@pytest.fixture
def as_role(db: None) -> Iterator[None]:
    """The rest of the test works as the role, in the test's own transaction."""
    note()
    guard.install()
    give_rights(ROLE, "secret")
    give_rights(ROLE, "other")
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("reset role")


@pytest.mark.usefixtures("as_role")
def test_it_reads_and_writes_rows() -> None:
    made = OrganizationFactory()
    Organization.objects.filter(pk=made.pk).update(name="改名")
    made.refresh_from_db()
    assert made.name == "改名"
    made.delete()
    note()
    assert AuditEntry.objects.count() == 2


@pytest.mark.usefixtures("as_role")
@pytest.mark.parametrize(
    "statement",
    [
        "update operations_auditentry set actor_name = 'x'",
        "delete from operations_auditentry",
        "truncate operations_auditentry",
        "drop trigger audit_append_only on operations_auditentry",
        "alter table operations_auditentry disable trigger all",
        "create or replace function audit_refuses_change() returns trigger language plpgsql as $$ begin return old; end $$",
        "drop table operations_auditentry",
        "truncate organizations_organization cascade",
        "set session_replication_role = replica",
    ],
)
def test_it_can_neither_touch_the_audit_nor_take_its_guard_off(statement: str) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().actor_name == "演示"


def test_the_owner_could_take_the_guard_off() -> None:
    """The control: it is the role's lack of rights that refuses."""
    guard.install()
    with connection.cursor() as cursor:
        cursor.execute("drop trigger audit_append_only on operations_auditentry")


def test_a_role_that_is_not_there_is_not_made_without_a_password() -> None:
    with pytest.raises(Error), transaction.atomic():
        give_rights("portal_never_made")
