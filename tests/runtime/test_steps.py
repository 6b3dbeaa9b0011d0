import pytest

from portal.runtime.steps import columns, step, table


def test_a_step_tells_its_name_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with step("迁移", "Migrating"):
        pass
    line = capsys.readouterr().out
    assert line.startswith("• 迁移 Migrating")
    assert line.endswith("0.0 s\n")


def test_a_step_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x"), step("迁移", "Migrating"):
        raise ValueError("x")
    assert "FAILED" in capsys.readouterr().out


def test_columns_stand_in_line_whatever_the_script() -> None:
    lines = table(["角色", "Name"], [["中文名称", "a"], ["b", "cc"]])
    assert [columns(line.rsplit(" ", 1)[0]) for line in lines] == [9, 9, 9, 9]
