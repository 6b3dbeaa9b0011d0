"""Setting a real deployment up, and showing the demo's sign-ins."""

import json
import stat
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from portal.accounts.demo import demo_accounts, forget_demo_accounts, remember_demo_account
from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, Role
from portal.accounts.services.administrators import create_administrator
from portal.errors import Conflict, Invalid
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("create_administrators", *arguments)
    return capsys.readouterr().out


def test_an_empty_portal_gets_its_root_and_three_administrators(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--organization", "演示市教育委员会")
    root = Organization.objects.get()
    assert (root.name, root.kind) == ("演示市教育委员会", "municipality")
    assert {Role(each.role) for each in Membership.objects.filter(organization=root)} == SEPARATED
    for line in out.splitlines():
        username, password = line.split("用户名：")[1].split("  一次性密码：")
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert user.must_change_password
        assert password not in str(AuditEntry.objects.values())
    assert len(out.splitlines()) == 3


def test_a_second_run_makes_nothing_new(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    assert "没有需要新建" in run(capsys)
    assert User.objects.count() == 3


def test_a_missing_administrator_is_made_and_one_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    root = OrganizationFactory()
    former = MembershipFactory(
        role=Role.AUDIT_ADMIN, organization=root, user=UserFactory(username="auditadmin")
    )
    assert len(run(capsys).splitlines()) == 2
    out = run(capsys, "--replace", "audit_admin")
    assert "auditadmin2" in out
    former.refresh_from_db()
    assert former.ended_at is not None
    assert not User.objects.get(pk=former.user_id).is_active


def test_only_the_three_are_made_and_each_once() -> None:
    root = OrganizationFactory()
    with pytest.raises(Invalid):
        create_administrator(SYSTEM, root, role=Role.PROVINCIAL_OFFICER)
    create_administrator(SYSTEM, root, role=Role.AUDIT_ADMIN)
    with pytest.raises(Conflict):
        create_administrator(SYSTEM, root, role=Role.AUDIT_ADMIN)


def test_what_cannot_be_set_up_is_said_and_undone() -> None:
    with pytest.raises(CommandError):
        call_command("create_administrators", "--organization", " ")
    assert not Organization.objects.exists()


def test_the_demos_sign_ins_are_printed_as_json(
    capsys: pytest.CaptureFixture[str], settings: LazySettings, tmp_path: Path
) -> None:
    settings.DEMO, settings.STATE_DIR, settings.PUBLIC_URL = True, tmp_path, "http://demo.example"
    held = MembershipFactory()
    remember_demo_account(held, "old")
    remember_demo_account(held, "Word-1", url="/quotas/")
    call_command("demo_accounts")
    assert json.loads(capsys.readouterr().out) == [
        {
            "role": "区县经办人",
            "organisation": held.organization.name,
            "user": held.user.username,
            "password": "Word-1",
            "url": "http://demo.example/quotas/",
        }
    ]
    assert stat.S_IMODE((tmp_path / "demo_accounts.json").stat().st_mode) == 0o600
    forget_demo_accounts()
    assert demo_accounts() == []


def test_only_a_demo_writes_sign_ins_down(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(RuntimeError):
        remember_demo_account(MembershipFactory(), "x")
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_accounts")
