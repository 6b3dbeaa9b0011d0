"""Asks the web process for its health, as `bin/run` does while it waits and a container's health check does for ever."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

from portal.runtime.processes import address

PATH = "/healthz"
PATIENCE_SECONDS = 5


def is_healthy(env: Mapping[str, str]) -> bool:
    """Tell whether the web process that runs with `env` answers that all is well."""
    host, port = address(env)
    line = http.client.HTTPConnection(_dialled(host), port, timeout=PATIENCE_SECONDS)
    try:
        line.request("GET", PATH, headers={"Host": _allowed_host(env)})
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _dialled(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 (compared, not bound)


def _allowed_host(env: Mapping[str, str]) -> str:
    """Return a name under which the site answers: it refuses others, its own address among them."""
    names = [name.strip().lstrip(".") for name in env.get("ALLOWED_HOSTS", "").split(",")]
    return next((name for name in names if name and name != "*"), "localhost")
