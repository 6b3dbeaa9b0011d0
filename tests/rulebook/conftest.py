"""A small notice of our own, with a rule kind, so that these tests hold whatever the real notices say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.rulebook import hooks, kinds, sections
from portal.rulebook.kinds import rule_kind
from portal.rulebook.models import Rulebook
from portal.rulebook.services.loading import load_notice
from tests.factories import ProjectOfficeFactory, make_actor

NOTICE = """
[notice]
number = "试教〔2020〕1号"
title = "关于试验的通知"
issuer = "演示教育委员会"
issued_on = 2020-10-23
text = "一、请于10月31日前报送。"

[program]
title = "2020年试验计划"

[facts]
copies = 3

[[clause]]
id = "TEST20-1"
section = "一"
actor = "bureau"
kind = "deadline"
requirement = "限期报送"
quote = "请于10月31日前报送。"

[[phase]]
code = "nomination"
name = "报送人选"
opens = 2020-10-23
due = 2020-10-31
clause = "TEST20-1"
actors = "区县"

[[rule]]
kind = "test.most"
parameters = { limit = 3, posts = ["校长"] }
severity = "warn"
clause = "TEST20-1"
"""


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test plugs in is taken out again."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(sections, "_sections", {})
    for name in ("_loaded", "_clock_moved", "_choosers"):
        monkeypatch.setattr(hooks, name, [])
    for name in ("_closers", "_reminding"):
        monkeypatch.setattr(hooks, name, type(getattr(hooks, name))(list))


@pytest.fixture(autouse=True)
def most_kind(_own_registries: None) -> type[Any]:
    """The rule kind `test.most`: at most so many, for these posts."""

    @rule_kind("test.most", "人数不超过上限")
    @dataclass(frozen=True)
    class Most:
        limit: int = field(metadata={"label": "人数上限"})
        posts: tuple[str, ...] = ()
        strict: bool = False

        def check(self, case: int) -> str:
            return "" if case <= self.limit else f"共{case}人，超过{self.limit}人"

    return Most


@pytest.fixture
def notices(tmp_path: Path, settings: Any) -> Path:
    """A folder with one notice file, TEST20.toml."""
    (tmp_path / "TEST20.toml").write_text(NOTICE, encoding="utf-8")
    settings.NOTICES_DIR = tmp_path
    return tmp_path


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory())


@pytest.fixture
def rulebook(notices: Path, manager: Actor) -> Rulebook:
    """The rulebook of TEST20, a draft."""
    return load_notice(manager, None, code="TEST20").rulebook
