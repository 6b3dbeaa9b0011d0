import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from portal.runtime import up
from portal.runtime.management.commands import prepare

pytestmark = pytest.mark.django_db
ACCOUNTS = [{"role": "学校管理员", "user": "demo", "password": "x", "url": "/"}]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that `prepare` calls, written down instead of run."""
    names: list[str] = []

    def note(name: str, **options: Any) -> None:
        names.append(name)
        if name == "demo_accounts":
            options["stdout"].write(json.dumps(ACCOUNTS))

    monkeypatch.setattr(prepare, "call_command", note)
    return names


def test_outside_a_demo_it_makes_tables_and_fonts(called: list[str], settings: Any, tmp_path: Path) -> None:
    settings.DEMO = False
    call_command("prepare", accounts=tmp_path / "accounts.json")
    assert called == ["migrate", "prepare_fonts"]
    assert not (tmp_path / "accounts.json").exists()


def test_an_empty_demo_is_loaded_and_its_sign_ins_kept_from_others(
    called: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.DEMO = True
    file = tmp_path / "demo_accounts.json"
    call_command("prepare", accounts=file)
    assert called == ["migrate", "prepare_fonts", "load_demo", "demo_accounts"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = up.demo_table({"STATE_DIR": str(tmp_path), "DEMO": "1"})
    assert lines[0].split() == ["角色", "Role", "用户名", "User", "密码", "Password", "首页", "First", "page"]
    assert lines[2].split() == ["学校管理员", "demo", "x", "/"]
    assert up.demo_table({"STATE_DIR": str(tmp_path), "DEMO": "0"}) == []


def test_a_demo_with_people_in_it_is_left_alone(called: list[str], settings: Any) -> None:
    settings.DEMO = True
    get_user_model().objects.create(username="someone")
    call_command("prepare")
    assert called == ["migrate", "prepare_fonts"]


def test_the_running_processes_role_gets_its_rights_after_the_migrations(
    called: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO, settings.APPLICATION_ROLE, settings.APPLICATION_PASSWORD = False, "portal_app", "secret"
    monkeypatch.setattr(prepare, "give_rights", lambda role, password: called.append(f"{role} {password}"))
    call_command("prepare")
    assert called == ["migrate", "portal_app secret", "prepare_fonts"]


def test_the_planner_is_told_of_tables_too_small_for_autovacuum(called: list[str], settings: Any) -> None:
    settings.DEMO = False
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_few_rows AS SELECT generate_series(1, 3) AS id")
        call_command("prepare")
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'of_a_few_rows'")
        assert cursor.fetchone() == (3,)
