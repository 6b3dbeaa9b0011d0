"""Which system libraries PDF needs, whether this machine has them, and how to get them."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# What the dynamic linker calls them, on Linux and on macOS.
REQUIRED = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
    ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
)
APT_LINE = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
BREW_LINE = "brew install pango"


@cache
def missing() -> tuple[str, ...]:
    """Names of the required libraries that this machine cannot load. Looked up once per process."""
    return tuple(names[0] for names in REQUIRED if not any(map(_loads, names)))


def pdf_available() -> bool:
    """Whether papers can be printed here; the rest of the portal runs without."""
    return not missing()


def remedy() -> str:
    """The one command that installs what is missing."""
    return BREW_LINE if sys.platform == "darwin" else APT_LINE


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
