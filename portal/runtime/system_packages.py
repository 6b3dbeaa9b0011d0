"""Libraries that no Python package brings: found, and installed where we may."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

# Debian package → the library by which it is recognised.
PDF_LIBRARIES: Mapping[str, str] = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}


def missing_pdf_packages() -> list[str]:
    """Return the Debian packages that PDF needs and this machine lacks."""
    if sys.platform != "linux":
        return []
    return [package for package, library in PDF_LIBRARIES.items() if not _loads(library)]


def install_with_apt(packages: Sequence[str]) -> bool:
    """Install `packages` when we are root on Debian or Ubuntu; else print the one command. Tell whether it was done."""
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.stderr.write(
            f"缺少系统软件包，请用管理员身份运行 System packages are missing; as root run:\n    {command}\n"
        )
        return False
    sys.stderr.write(f"安装系统软件包 Installing system packages: {' '.join(packages)} …\n")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["sh", "-c", f"({command}) >/dev/null"], check=False, env=env)
    if done.returncode:
        sys.stderr.write(f"安装失败，请手动运行 That failed; run it yourself:\n    {command}\n")
    return done.returncode == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
