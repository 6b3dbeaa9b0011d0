"""Loaded before the settings are read (PYTEST_PLUGINS): each xdist process gets a database number of its own in Valkey."""

import os


def _own_redis_database() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    address = os.environ["REDIS_URL"]
    if worker.startswith("gw") and "?db=" not in address:
        os.environ["REDIS_URL"] = f"{address}?db={int(worker[2:]) + 1}"


_own_redis_database()
