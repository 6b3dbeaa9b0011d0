"""Many new rows at once: made after one pattern, keyed from the table's sequence, sent by COPY. Each costs a fraction of
its usual price, to both sides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models.base import ModelState
from django.db.models.lookups import Lookup

M = TypeVar("M", bound=models.Model)

_NULL = r"\N"
# Lines that are sent at a time.
_CHUNK = 200
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


class Blank(Generic[M]):
    """Makes new instances of one model that share some values: defaults and relations are worked out once for all.

    What `fill` makes is what calling the model with the values makes, without signals and without a look at the values.
    """

    def __init__(self, model: type[M], **shared: Any) -> None:
        pattern = model(**shared)
        fields = model._meta.concrete_fields
        self._model = model
        self._related = dict(pattern._state.fields_cache)
        self._columns = {name: value for name, value in vars(pattern).items() if name != "_state"}
        self._keys = {each.name: each.attname for each in fields if each.is_relation}
        self._fresh: dict[str, Callable[[], Any]] = {
            each.attname: each.default
            for each in fields
            if each.has_default() and callable(each.default) and each.attname not in shared
        }

    def fill(self, values: Mapping[str, Any]) -> M:
        """A new instance; related records by the field's name are stored already. Raises TypeError for other names."""
        made = self._model.__new__(self._model)
        columns = vars(made)
        columns |= self._columns
        columns |= {name: default() for name, default in self._fresh.items()}
        state = columns["_state"] = ModelState()
        related = state.fields_cache = dict(self._related)
        columns |= values
        for name, key in self._keys.items():
            if name in values:
                related[name] = found = columns.pop(name)
                columns[key] = found and found.pk
        if len(columns) > len(self._columns) + 1:
            raise TypeError(f"{self._model.__name__} has no {set(columns) - set(self._columns) - {'_state'}}")
        return made


def array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL writes it, for a parameter: one text is much cheaper to say and to parse than its values."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"' if isinstance(value, str) else text


class Among(Lookup):
    """Whether a column is one of some values, sent as one array: `in`, whose every value is a parameter, is slow to say.

    Among(F("teacher"), keys)
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, array(self.rhs)]


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
    columns = [map(_text if field.unique else _Texts().__getitem__, _values(field, rows)) for field in fields]
    _send(model, fields, _Stream(map("\t".join, zip(*columns, strict=True))))
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
    given: Iterable[Any] = map(itemgetter(field.attname), map(vars, rows))
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        _stamp(field, rows)
    elif type(field).pre_save is not models.Field.pre_save:
        given = (field.pre_save(row, True) for row in rows)
    if type(field) in _PLAIN:
        return given
    if isinstance(field, models.JSONField):
        return _encoded(field, list(given))
    return (field.get_db_prep_save(value, connection) for value in given)


def _stamp(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> None:
    """What is written in one statement is of one moment."""
    now = field.pre_save(rows[0], True)
    for row in rows:
        setattr(row, field.attname, now)


def _encoded(field: models.JSONField[Any, Any], given: Sequence[Any]) -> Iterable[str]:
    """Their JSON: what many rows share is encoded once."""
    encode = (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode
    shared = {id(value): value for value in given}
    texts = {key: encode(value) for key, value in shared.items()}
    return (texts[id(value)] for value in given)


class _Texts(dict[Any, str]):
    """What values of one column are in COPY's text format: most columns repeat few."""

    def __missing__(self, value: Any) -> str:
        text = self[value] = _text(value)
        return text


def _text(value: Any) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        # Few texts hold any of the four; looking is much cheaper than translating.
        odd = "\\" in value or "\n" in value or "\t" in value or "\r" in value
        return value.translate(_ESCAPES) if odd else value
    if isinstance(value, (bool, int, float, Decimal, date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be copied into the database")


class _Stream:
    """Lines as a file, made while it is read: the database takes in the first before the last are written."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.error: Exception | None = None

    def read(self, _size: int) -> str:
        try:
            return "".join([line + "\n" for line in islice(self._lines, _CHUNK)])
        except Exception as error:
            self.error = error
            raise


def _send(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], lines: _Stream) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(each.column)) for each in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(statement, lines)
    except DatabaseError:
        if lines.error:
            raise lines.error from None
        raise
