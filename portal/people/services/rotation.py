"""Encrypting anew with the newest key, batch by batch; a run that was stopped goes on where work is left."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from portal import crypto
from portal.operations.act import Act
from portal.operations.registry import operation

BATCH = 1_000

Place = tuple[type[models.Model], crypto.EncryptedTextField]


def encrypted_columns() -> Iterator[Place]:
    """Every encrypted column of every model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, crypto.EncryptedTextField):
                yield model, field


@operation("people.rotate_keys", _("更换加密密钥"), system=True)
def rotate_batch(act: Act, subject: None, *, place: Place, after: int) -> int | None:
    """Encrypt anew the next BATCH rows of one column behind the key `after`; return the last key, None at the end.

    A row that someone saves meanwhile is left to them: they encrypt with the newest key too.
    """
    model, column = place
    tokens = _tokens(model, column, after)
    stale = [(pk, token) for pk, token in tokens if token and not crypto.is_newest(token)]
    act.after |= {"column": f"{model._meta.label}.{column.name}", "rotated": len(stale)}
    with connection.cursor() as cursor:
        cursor.executemany(
            _statement(model, column), [(crypto.rotate(token), pk, token) for pk, token in stale]
        )
    return tokens[-1][0] if tokens else None


def _tokens(
    model: type[models.Model], column: crypto.EncryptedTextField, after: int
) -> list[tuple[int, str]]:
    rows = model._default_manager.filter(pk__gt=after).order_by("pk")
    raw = rows.annotate(token=Cast(F(column.name), models.TextField()))
    return [(pk, token or "") for pk, token in raw.values_list("pk", "token")[:BATCH]]


def _statement(model: type[models.Model], column: crypto.EncryptedTextField) -> str:
    quote = connection.ops.quote_name
    table, name, key = (
        quote(model._meta.db_table),
        quote(str(column.column)),
        quote(str(model._meta.pk.column)),
    )
    return f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s"  # noqa: S608 - names of our models


def newest_key() -> str:
    """The beginning of the newest key's fingerprint, for the operator to compare."""
    return crypto.digest(settings.FIELD_KEYS[0], purpose="key-fingerprint")[:8]
