"""The browser of the journey tests: Debian's Chromium, drawing Chinese with the project's own font package."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from portal.runtime.system_packages import install_with_apt

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def browser_environment(env: dict[str, str]) -> dict[str, str]:
    """Return the variables by which the browser tests find Chromium and its fonts.

    Without a browser, and without the right to install one, says loudly that those tests will not run:
    `PORTAL_NO_BROWSER` then deselects them.
    """
    program = find_chromium() or (install_with_apt(["chromium"]) and find_chromium())
    if not program:
        line = "没有 Chromium：浏览器测试不会运行 NO BROWSER: the browser tests are deselected. apt-get install chromium"
        sys.stderr.write(f"\n{'!' * 100}\n{line}\n{'!' * 100}\n\n")
        return {"PORTAL_NO_BROWSER": line}
    return {"PORTAL_CHROMIUM": program, "PORTAL_BROWSER_FONTS": str(write_fonts_conf(Path(env["STATE_DIR"])))}


def find_chromium() -> str | None:
    """Return the path of Chromium, None when it is not installed."""
    named = os.environ.get("PORTAL_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def write_fonts_conf(state: Path) -> Path:
    """Write the FONTCONFIG_FILE for Chromium: the system's fonts and the project's Chinese ones."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "The package pylopdf-fonts-zh-cn is not installed: run bin/test, which installs it."
        )
    conf = state / "browser-fonts.conf"
    conf.write_text(FONTS_CONF.format(fonts=Path(spec.origin).parent, cache=state / "font-cache"))
    return conf
