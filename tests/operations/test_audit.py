"""The audit: append-only even by SQL as the application's own user, and open to the audit administrator alone."""

from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from portal.accounts.roles import Role
from portal.operations import guard
from portal.operations.actor import Actor
from portal.operations.diff import changes, field_word
from portal.operations.history import history_of
from portal.operations.models import AuditEntry, Outcome
from tests.factories import OrganizationFactory, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    organization = OrganizationFactory()
    return AuditEntry.objects.create(
        business_at=timezone.now(),
        operation="test.act",
        label="试验",
        actor_name="演示",
        subject_type="organizations.organization",
        subject_id=str(organization.pk),
        subject_label=organization.name,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "update operations_auditentry set actor_name = 'x'",
        "delete from operations_auditentry",
        "truncate operations_auditentry",
        "set local session_replication_role = replica; delete from operations_auditentry",
        "select set_config('pgtrigger.ignore', '{audit_append_only}', true); delete from operations_auditentry",
    ],
)
def test_sql_cannot_change_delete_or_empty_it(entry: AuditEntry, statement: str) -> None:
    guard.install()
    with pytest.raises(Error, match=guard.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().actor_name == "演示"


def test_without_the_guard_sql_would(entry: AuditEntry) -> None:
    """The control: it is the guard that refuses, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("drop trigger audit_append_only on operations_auditentry")
        cursor.execute("delete from operations_auditentry")
    assert not AuditEntry.objects.exists()


def test_the_guard_comes_back_with_the_next_migrate(entry: AuditEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop trigger audit_append_only on operations_auditentry")
    guard.install_after_migrate(using="default")
    with pytest.raises(Error, match=guard.REFUSAL), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_a_database_without_the_table_yet_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "TABLE", "not_there_yet")
    guard.install_after_migrate(using="default")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDIT_ADMIN])
def test_nobody_but_the_audit_administrator_sees_it(entry: AuditEntry, role: Role) -> None:
    assert not AuditEntry.objects.visible_to(make_actor(role)).exists()


def test_the_audit_administrator_sees_it(entry: AuditEntry) -> None:
    assert AuditEntry.objects.visible_to(make_actor(Role.AUDIT_ADMIN)).get() == entry
    assert AuditEntry.objects.visible_to(Actor.system("worker")).get() == entry


def test_a_record_s_history_leaves_out_refused_attempts(entry: AuditEntry) -> None:
    from portal.organizations.models import Organization

    organization = Organization.objects.get(pk=entry.subject_id)
    AuditEntry.objects.create(
        business_at=timezone.now(),
        operation="test.act",
        label="试验",
        actor_name="旁人",
        outcome=Outcome.REFUSED,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
    )
    assert history_of(organization) == [entry]
    assert str(entry) == f"试验 {organization.name}"


def test_a_diff_uses_the_words_of_the_model() -> None:
    found = changes({"name": "甲", "odd": 1}, {"name": "乙", "new": 2}, "organizations.organization")
    assert [(each.word, each.before, each.after, each.differs) for each in found] == [
        ("机构名称", "甲", "乙", True),
        ("odd", 1, None, True),
        ("new", None, 2, True),
    ]


@pytest.mark.parametrize("model", ["", "no.such", "nothing"])
def test_a_field_of_no_known_model_keeps_its_name(model: str) -> None:
    assert field_word("name", model) == "name"


def test_a_reverse_relation_is_no_field() -> None:
    assert field_word("children", "organizations.organization") == "children"


def test_every_operation_has_a_chinese_label_and_someone_who_may(db: Any) -> None:
    from portal.operations.matrix import matrix

    rows = matrix()
    assert len(rows) > 20
    for row in rows:
        assert any("一" <= letter <= "鿿" for letter in str(row.label)), row.code
        assert row.roles or row.system, row.code
