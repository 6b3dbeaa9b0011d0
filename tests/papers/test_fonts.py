"""The fonts are made once, whole, and hold what forms need."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.management import call_command
from fontTools.ttLib import TTFont

from portal.papers import fonts
from portal.papers.charset import everyday


@pytest.fixture
def state(settings: Any, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path / "state & fonts"
    return settings.STATE_DIR


def family(path: Path) -> str:
    with TTFont(path, lazy=True) as font:
        return font["name"].getDebugName(1)


def characters(path: Path) -> set[int]:
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def test_everyday_characters_hold_gb2312_and_the_signs_of_forms() -> None:
    assert {ord(sign) for sign in "啊齄一Aé①□■√—…“”、。￥（"} <= everyday()
    assert ord("䶮") not in everyday()
    assert 7_445 < len(everyday()) < 10_000


def test_small_and_full_fonts_stand_side_by_side_under_their_own_names(state: Path) -> None:
    assert fonts.prepare()
    made = {family(path): path.stat().st_size for path in fonts.folder().glob("*.otf")}
    assert set(made) == {"Portal Serif", "Portal Sans", "Noto Serif SC", "Noto Sans SC"}
    assert made["Portal Serif"] * 3 < made["Noto Serif SC"]


def test_the_small_font_keeps_the_everyday_characters_that_the_full_one_has(state: Path) -> None:
    fonts.prepare()
    full = characters(fonts.folder() / "NotoSerifSC-Regular.otf")
    assert characters(fonts.folder() / "PortalSerif.otf") == everyday() & full
    assert {ord("䶮"), ord("𬱖")} <= full


def test_a_second_run_makes_nothing(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare_fonts")
    before = {path: path.stat().st_mtime_ns for path in fonts.folder().iterdir()}
    call_command("prepare_fonts")
    assert {path: path.stat().st_mtime_ns for path in fonts.folder().iterdir()} == before
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["Made", "Already there"]


def test_an_interrupted_run_is_made_good(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fonts, "renamed", dies)
        with pytest.raises(KeyboardInterrupt):
            fonts.prepare()
    assert not fonts.ready()
    assert fonts.prepare()
    assert family(fonts.folder() / "PortalSans.otf") == "Portal Sans"


def test_two_processes_at_once_make_them_once(state: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: fonts.prepare(), range(4)))
    assert sorted(made) == [False, False, False, True]


def test_new_fonts_are_made_when_the_recipe_changes(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.prepare()
    monkeypatch.setattr(fonts, "RECIPE", "next")
    assert fonts.prepare()


def test_fontconfig_reads_the_project_folder_alone(state: Path) -> None:
    fonts.prepare()
    config = ET.fromstring(fonts.config_file().read_text())  # noqa: S314 -- our own file
    assert [each.text for each in config.iter("dir")] == [str(state / "fonts")]
    assert not list(config.iter("include"))


def test_a_customers_font_is_left_alone(state: Path) -> None:
    fonts.folder().mkdir(parents=True)
    (fonts.folder() / "FangSong.ttf").write_bytes(b"licensed")
    fonts.prepare()
    assert (fonts.folder() / "FangSong.ttf").read_bytes() == b"licensed"


def test_renaming_changes_only_the_names(state: Path) -> None:
    fonts.prepare()
    before = (fonts.folder() / "PortalSans.otf").read_bytes()
    after = TTFont(io.BytesIO(fonts.renamed(before, "Other Name")), lazy=True)
    assert after["name"].getDebugName(6) == "OtherName-Regular"
    assert after.getBestCmap() == TTFont(io.BytesIO(before), lazy=True).getBestCmap()
