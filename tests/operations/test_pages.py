"""The audit register, its entry and the permission matrix: each for its own administrator."""

from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry, Outcome
from tests.factories import make_actor

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def make_entry(**fields: Any) -> AuditEntry:
    given = {
        "business_at": timezone.now(),
        "operation": "test.act",
        "label": "试验操作",
        "actor_name": "演示甲",
    }
    return AuditEntry.objects.create(**given | fields)


@pytest.fixture
def auditor() -> Client:
    return signed_in(make_actor(Role.AUDIT_ADMIN))


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.PROGRAM_MANAGER])
def test_only_the_audit_administrator_reads_the_audit(role: Role) -> None:
    entry = make_entry()
    client = signed_in(make_actor(role))
    assert client.get("/audit/").status_code == 403
    assert client.get(f"/audit/{entry.pk}/").status_code == 403
    assert client.get("/api/v1/audit/").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "person=乙",
        "subject=渝中",
        "outcome=refused",
        "ip=10.1.2",
        "q=渝中",
        "since={today}&until={today}&person=乙",
    ],
)
def test_the_register_finds_by_person_subject_outcome_address_and_day(auditor: Client, query: str) -> None:
    make_entry()
    make_entry(actor_name="演示乙", subject_label="渝中演示学校", outcome=Outcome.REFUSED, ip="10.1.2.3")
    today = timezone.localdate().isoformat()
    shown = text(auditor.get(f"/audit/?{query.format(today=today)}"))
    assert "演示乙" in shown
    assert "演示甲" not in shown


def test_days_outside_the_range_are_left_out(auditor: Client) -> None:
    make_entry()
    assert "演示甲" not in text(auditor.get("/audit/?until=2000-01-01"))
    assert "演示甲" not in text(auditor.get("/audit/?since=2999-01-01"))


def test_the_register_exports_what_is_filtered(auditor: Client) -> None:
    make_entry(subject_label="=1+1")
    make_entry(actor_name="演示乙")
    response = auditor.post("/audit/?person=甲", {"register": "operations.audit", "do": "export"})
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell is not None]
    assert "演示甲" in cells
    assert "演示乙" not in cells
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert AuditEntry.objects.filter(operation="ui.export").exists()


def test_an_entry_shows_before_and_after_in_words(auditor: Client) -> None:
    entry = make_entry(
        subject_type="organizations.organization",
        subject_id="1",
        before={"name": "旧名"},
        after={"name": "新名"},
        rows=[{"row": number} for number in range(502)],
        role="bureau_clerk",
    )
    shown = text(auditor.get(f"/audit/{entry.pk}/"))
    for words in ("机构名称", "旧名", "新名", "区县经办人", "另有 2 行未显示"):
        assert words in shown


def test_an_entry_without_changes_says_so(auditor: Client) -> None:
    entry = make_entry(after={"name": None}, before={}, role="old_role")
    assert "old_role" in text(auditor.get(f"/audit/{entry.pk}/"))
    assert "没有记录字段变更" in text(auditor.get(f"/audit/{make_entry().pk}/"))


def test_the_register_costs_the_same_with_one_and_with_three(auditor: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get("/audit/")
        return len(captured)

    make_entry()
    count()
    with_one = count()
    make_entry()
    make_entry()
    assert count() == with_one


def test_the_api_gives_the_audit_to_its_administrator(auditor: Client) -> None:
    make_entry()
    make_entry(actor_name="演示乙")
    [found] = auditor.get("/api/v1/audit/?person=乙").json()["results"]
    assert found["label"] == "试验操作"
    assert auditor.delete(f"/api/v1/audit/{found['id']}/").status_code == 405


def test_the_security_administrator_reads_the_matrix() -> None:
    shown = text(signed_in(make_actor(Role.SECURITY_ADMIN)).get("/audit/permissions/"))
    assert "rulebook.load_notice" in shown
    assert "载入通知" in shown
    assert signed_in(make_actor(Role.PROGRAM_MANAGER)).get("/audit/permissions/").status_code == 403


def test_the_command_prints_the_matrix() -> None:
    out = StringIO()
    call_command("permissions", "--markdown", stdout=out)
    lines = out.getvalue().splitlines()
    assert all(line.count(" | ") == lines[0].count(" | ") for line in lines[2:])
    line = next(line for line in lines if "`rulebook.move_clock`" in line)
    assert line.startswith("| 调整演示时间 | `rulebook.move_clock` | 全部 |")
    assert line.count("●") == 2
    out = StringIO()
    call_command("permissions", stdout=out)
    assert "rulebook.edit_phase  修改进程  本项目办的计划  项目办管理员" in out.getvalue()
