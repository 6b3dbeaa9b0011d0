from pathlib import Path

import pytest

from portal.runtime import style


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (*style.PACKAGES, "tests", "portal/migrations"):
        (tmp_path / name).mkdir()
    (tmp_path / "portal" / "__init__.py").write_text("")
    (tmp_path / "portal" / "migrations" / "0001.py").write_text("def ignored(x): ...\n")
    (tmp_path / "portal" / "a.py").write_text("def typed(self, x: int, *y: str) -> int:\n    return x\n")
    (tmp_path / "quotas" / "b.py").write_text("def short() -> None: ...\n\n\n\n")
    (tmp_path / "tests" / "test_a.py").write_text("1\n" * 9)
    return tmp_path


def test_it_measures_files_functions_types_and_tests(project: Path) -> None:
    found = style.measure(project)
    assert sorted(found.files) == [2, 4]
    assert sorted(lines for lines, _ in found.functions) == [1, 2]
    assert found.row() == ("ours", "3 / 4", "2 / 2", "0.0%", "100.0%", "1.50")


def test_a_long_function_and_a_bare_argument_are_named(project: Path) -> None:
    (project / "finance" / "c.py").write_text("def long(x) -> None:\n" + "    x\n" * style.LONGEST_FUNCTION)
    found = style.measure(project)
    assert found.long_functions == ["finance/c.py:1 long"]
    assert list(found.bare) == ["finance/c.py:1 long"]


def test_a_missed_bound_fails_the_command(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(style, "ROOT", project)
    assert style.main() == 0
    (project / "finance" / "c.py").write_text("def bare(): ...\n" + "\n" * style.LONGEST_FILE)
    assert style.main() == 1
    said = capsys.readouterr().out
    assert "not fully annotated: finance/c.py:1 bare" in said
    assert "a file of 401 lines" in said
