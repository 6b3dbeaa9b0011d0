"""Counting what implements each clause and which tests hold it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.rulebook import coverage as coverage_module
from portal.rulebook.citing import cited, cites, implements
from portal.rulebook.coverage import Coverage, coverage
from portal.rulebook.marked_tests import count_marked

TESTS = """
import pytest

@pytest.mark.clause("A-1")
def test_one(): ...

@pytest.mark.clause("A-1")
@pytest.mark.clause("A-2")
async def test_two(): ...

@pytest.mark.clause("A-1")
def helper(): ...

@pytest.mark.clause("A-3")
class TestMany:
    def test_three(self): ...
    def test_four(self): ...

@other.mark.clause("A-1")
@pytest.mark.clause(some_name)
@pytest.mark.django_db
def test_five(): ...
"""


def test_marks_are_counted_by_test(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "no_test.py").write_text(TESTS, encoding="utf-8")
    assert count_marked(tmp_path) == {"A-1": 2, "A-2": 1, "A-3": 2}


@pytest.mark.parametrize(
    "value", ['pytest.mark.clause("A-1")', '[pytest.mark.django_db, pytest.mark.clause("A-1")]']
)
def test_a_mark_on_the_module_counts_for_each_test(tmp_path: Path, value: str) -> None:
    text = f"pytestmark = {value}\nother = 3\ndef test_a(): ...\ndef test_b(): ...\n"
    (tmp_path / "test_a.py").write_text(text, encoding="utf-8")
    assert count_marked(tmp_path)["A-1"] == 2


def test_a_mark_inside_a_parameter_counts(tmp_path: Path) -> None:
    text = """
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.clause("A-1")), pytest.param(2)])
def test_a(x): ...
"""
    (tmp_path / "test_a.py").write_text(text, encoding="utf-8")
    assert count_marked(tmp_path)["A-1"] == 1


def test_all_106_clauses_are_listed_with_what_implements_them() -> None:
    rows = {each.clause: each for each in coverage()}
    assert len(rows) == 106
    assert "phase nomination" in rows["CQ20-3.2"].by
    assert "rule enrollment.audience" in rows["CQ20-6.1"].by
    assert rows["CQ20-3.2"].required
    assert rows["HS23-5.1"].is_open


def test_pages_say_what_they_carry_out() -> None:
    @cites("ZZ-1")
    def guide() -> None:
        """A page."""

    implements("sheet zz", "ZZ-1")
    implements("sheet zz", "ZZ-1")
    assert cited("ZZ-1") == [f"{__name__}.{guide.__qualname__}", "sheet zz"]
    assert cited("ZZ-2") == []


def row(clause: str, *, tests: int, required: bool = True) -> Coverage:
    return Coverage(clause, "CQ20", "要求", ("operation x.y",) if tests else (), tests, required)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("clauses", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("CQ20-1.1", tests=2), row("CQ20-2.1", tests=0)]
    monkeypatch.setattr("portal.rulebook.management.commands.clauses.coverage", lambda: rows)


@pytest.mark.usefixtures("two")
def test_the_command_prints_three_ways() -> None:
    assert "共2条：已实现1条，有测试1条，未开始1条。" in said()
    assert "| CQ20-2.1 | CQ20 | 要求 | open | 0 |" in said("--markdown")
    assert [each["tests"] for each in json.loads(said("--json"))] == [2, 0]


@pytest.mark.usefixtures("two")
def test_the_check_names_required_clauses_without_a_test() -> None:
    with pytest.raises(CommandError, match=r"CQ20-2\.1"):
        said("--check", "CQ20")
    with pytest.raises(CommandError, match="没有列出"):
        said("--check", "HS23")


def test_the_check_passes_when_all_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("CQ20-1.1", tests=1), row("CQ20-4.1", tests=0, required=False)]
    monkeypatch.setattr("portal.rulebook.management.commands.clauses.coverage", lambda: rows)
    assert "CQ20-1.1" in said("--check", "CQ20")


def test_required_clauses_are_clauses() -> None:
    known = {each["id"] for each in coverage_module.clause_table()}
    assert coverage_module.required_clauses() <= known
