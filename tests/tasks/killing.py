"""Work killed before each of its writes, and what the database says before and after. For any task.

A killed process writes nothing more and its open transaction is rolled back: `killed_before` lets no write through from
the kill on, and the exception ends the transactions as a lost connection would.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

# How often a job was tried differs when it was killed, and nothing else of it may.
TRIES = {"jobs.Job": {"attempts", "run_number", "done_before"}}
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
# Keys and random codes differ from run to run, and with them the texts that name them.
PASSING = re.compile(r"[0-9a-f]{16,}|\d+")
# Of these only whether there is a value is compared.
VARYING = (models.DateTimeField, models.ForeignKey, models.JSONField, models.BinaryField, models.UUIDField)


class Killed(BaseException):
    """The process died here."""


def our_models() -> list[type[models.Model]]:
    """Every model of the portal's own apps, with the tables between many and many."""
    found = apps.get_models(include_auto_created=True)
    return [each for each in found if (settings.BASE_DIR / each.__module__.split(".")[0]).is_dir()]


@contextmanager
def writes(*, dead_from: int | None = None) -> Iterator[list[str]]:
    """Collect the writes of the block; the one numbered `dead_from` and all after it raise Killed."""
    done: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            if dead_from is not None and len(done) >= dead_from:
                raise Killed
            done.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction.Atomic, "__init__", _with_a_savepoint)
        yield done


_atomic = transaction.Atomic.__init__


def _with_a_savepoint(block: transaction.Atomic, using: str, _savepoint: bool, durable: bool) -> None:
    """Each block of the code ends by itself, as it does where no test's transaction is around it."""
    _atomic(block, using, True, durable)


@contextmanager
def undone(spare: Path) -> Iterator[None]:
    """Take back all that the block writes, files too; `spare` is a place for their copies."""
    files = Path(settings.MEDIA_ROOT)
    files.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(spare, ignore_errors=True)
    shutil.copytree(files, spare)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        shutil.rmtree(files)
        shutil.copytree(spare, files)


def everything() -> dict[str, Any]:
    """A digest of each table, and the files: one bit changed anywhere is a difference. One query."""
    tables = sorted({each._meta.db_table for each in our_models()})
    query = " UNION ALL ".join(
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"  # noqa: S608
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {**dict(cursor.fetchall()), "files": sorted(map(str, _files()))}


def outcome() -> dict[str, Any]:
    """What stands in each table, whatever the keys and the moments: equal for two runs that did the same."""
    found: dict[str, Any] = {
        model._meta.label: Counter(
            tuple(_plain(*pair) for pair in zip(fields, row, strict=True))
            for fields in [list(_compared(model))]
            for row in model._base_manager.values_list(*(each.attname for each in fields))
        )
        for model in our_models()
    }
    return {**found, "files": len(list(_files()))}


def _compared(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    tries = TRIES.get(model._meta.label, ())
    return (
        each for each in model._meta.local_concrete_fields if not each.primary_key and each.name not in tries
    )


def _plain(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, VARYING):
        return value is not None
    return PASSING.sub("#", value) if isinstance(value, str) else str(value)


def _files() -> Iterator[Path]:
    return (each for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file())
