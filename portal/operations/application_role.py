"""The database role that web, worker and beat may use in production: it works with rows and owns nothing.

The owner of the tables could drop the guard of the audit (see `guard`); this role can neither do that nor change, delete
or empty an entry. Migrations run as the owner, and give the role its rights again afterwards.
"""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.psycopg_any import sql

from portal.operations.guard import TABLE

_RIGHTS = (
    "grant usage on schema public to {role}",
    "grant select, insert, update, delete on all tables in schema public to {role}",
    "grant usage, select on all sequences in schema public to {role}",
    "alter default privileges in schema public grant select, insert, update, delete on tables to {role}",
    "alter default privileges in schema public grant usage, select on sequences to {role}",
    "revoke update, delete on {audit} from {role}",
)


def give_rights(role: str, password: str = "", *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Give `role` what the portal's processes need, and no more; doing it again changes nothing.

    With a `password` the role is made when it is missing, which takes the right to create roles; without one it must be
    there already.
    """
    names = {"role": sql.Identifier(role), "audit": sql.Identifier(TABLE), "password": sql.Literal(password)}
    connection = connections[using]
    with connection.cursor() as cursor:
        if password:
            cursor.execute("select 1 from pg_roles where rolname = %s", [role])
            verb = "alter" if cursor.fetchone() else "create"
            login = sql.SQL(verb + " role {role} login password {password}").format(**names)
            cursor.execute(login.as_string(connection.connection))
        for right in _RIGHTS:
            cursor.execute(sql.SQL(right).format(**names).as_string(connection.connection))
