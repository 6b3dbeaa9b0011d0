"""Many new rows at once: keys from the table's sequence, then COPY, which costs both sides a fraction of an INSERT."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)

_NULL = r"\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
# Kinds of columns whose values Django hands to the database as they are.
_PLAIN = frozenset(
    {
        models.BigAutoField,
        models.BooleanField,
        models.CharField,
        models.DateField,
        models.DateTimeField,
        models.EmailField,
        models.ForeignKey,
        models.OneToOneField,
        models.PositiveIntegerField,
        models.TextField,
    }
)


def copy_in(rows: Sequence[M]) -> list[M]:
    """Insert new `rows` of one model and return them with their keys: two statements however many.

    The database checks what it checks of any INSERT, and Django's IntegrityError is raised. As with bulk_create there are
    no signals and no `save`. Raises TypeError for a value that is an expression.
    """
    if not rows:
        return []
    model = type(rows[0])
    for row, key in zip(rows, _keys(model, len(rows)), strict=True):
        row.pk = key
    fields = [each for each in model._meta.local_concrete_fields if not each.generated]
    columns = [list(map(_text, _values(field, rows))) for field in fields]
    _send(model, fields, StringIO("".join("\t".join(line) + "\n" for line in zip(*columns, strict=True))))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return list(rows)


def _keys(model: type[models.Model], count: int) -> list[int]:
    statement = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [model._meta.db_table, model._meta.pk.column, count])
        return [key for (key,) in cursor.fetchall()]


def _values(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> Iterable[Any]:
    """The column's values as the database takes them."""
    own = type(field).pre_save is not models.Field.pre_save
    given = (field.pre_save(row, True) for row in rows) if own else map(attrgetter(field.attname), rows)
    if type(field) in _PLAIN:
        return given
    if isinstance(field, models.JSONField):
        return map(partial(json.dumps, cls=field.encoder, ensure_ascii=False), given)
    return (field.get_db_prep_save(value, connection) for value in given)


def _text(value: Any) -> str:
    """The value in COPY's text format."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        # Few texts hold any of the four; looking is much cheaper than translating.
        odd = "\\" in value or "\n" in value or "\t" in value or "\r" in value
        return value.translate(_ESCAPES) if odd else value
    if isinstance(value, (bool, int, float, Decimal, date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be copied into the database")


def _send(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], lines: StringIO) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(each.column)) for each in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(statement, lines)
