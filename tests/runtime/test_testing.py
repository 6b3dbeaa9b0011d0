import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime import browser, testing
from portal.runtime.locks import Lock
from portal.runtime.places import ROOT


def test_a_run_does_not_see_the_callers_portal_settings() -> None:
    env = {"DEMO": "0", "SECRET_KEY": "mine", "HTTPS": "1", "PATH": "/bin", "LANG": "C"}
    assert testing.without_portal_settings(env) == {"PATH": "/bin", "LANG": "C"}


def test_what_killed_runs_left_is_swept_and_living_ones_stay(tmp_path: Path) -> None:
    for name in ("ttp-test-dead", "ttp-test-alive", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "owner.lock").touch()
    alive = Lock(tmp_path / "ttp-test-alive" / "owner.lock")
    alive.take()
    testing.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "ttp-test-alive"]
    alive.close()


def test_kept_clusters_that_nobody_uses_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "KEPT", tmp_path)
    for name, age in (("cluster-old", 2 * testing.DAY), ("cluster-new", 0)):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(
            "portal.runtime.testing.time.time", lambda: (tmp_path / "cluster-new").stat().st_mtime
        )
        stamp = (tmp_path / name).stat().st_mtime - age
        testing.os.utime(tmp_path / name, (stamp, stamp))
    testing.forget_old_clusters()
    assert [path.name for path in tmp_path.iterdir()] == ["cluster-new"]


def test_another_migration_asks_for_another_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "main.lock").write_text("")
    (tmp_path / "portal" / "people" / "migrations").mkdir(parents=True)
    before = testing.fingerprint()
    (tmp_path / "portal" / "people" / "migrations" / "0002_more.py").write_text("")
    assert testing.fingerprint() != before


def test_without_a_browser_it_says_so_loudly_and_marks_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "find_chromium", lambda: None)
    monkeypatch.setattr(browser, "install_with_apt", lambda _packages: False)
    assert "NO BROWSER" in browser.browser_environment({})["PORTAL_NO_BROWSER"]
    assert "!!!!!!!!!!" in capsys.readouterr().err


def test_the_browser_gets_the_fonts_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find_chromium", lambda: "/usr/bin/chromium")
    env = browser.browser_environment({"STATE_DIR": str(tmp_path)})
    conf = Path(env["PORTAL_BROWSER_FONTS"])
    listed = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"],
        env={"FONTCONFIG_FILE": str(conf), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Noto Sans SC" in listed.stdout


def test_browser_tests_are_deselected_aloud_where_there_is_no_browser(tmp_path: Path) -> None:
    conftest = (ROOT / "tests" / "conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_two.py").write_text(
        "import pytest\n\n@pytest.mark.browser\ndef test_page() -> None: ...\n\ndef test_unit() -> None: ...\n"
    )
    env = {**testing.os.environ, "PORTAL_NO_BROWSER": "NO BROWSER HERE"}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(ROOT / "pyproject.toml"),
            f"--rootdir={ROOT}",
            str(tmp_path),
        ],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed, 1 deselected" in done.stdout, done.stdout + done.stderr
    assert "NO BROWSER HERE" in done.stdout
