"""The database's own guard of the audit: entries are added, never changed, deleted or emptied, whoever asks by SQL.

The triggers are written here and not through pgtrigger, whose triggers any session may switch off by a setting; `enable
always` keeps them firing under session_replication_role = replica too.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

TABLE = "operations_auditentry"
REFUSAL = "审计记录只能追加，不能修改、删除或清空"

_FUNCTION = f"""
create or replace function audit_refuses_change() returns trigger language plpgsql as $$
begin
    raise exception '{REFUSAL}（% %）', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
"""
_TRIGGERS = {
    "audit_append_only": f"before update or delete on {TABLE} for each row",
    "audit_not_emptied": f"before truncate on {TABLE} for each statement",
}


def install(using: str = DEFAULT_DB_ALIAS, *, truncate: bool = True) -> None:
    """Put the guard in place; doing it again changes nothing. Without `truncate` the table may be emptied as a whole."""
    with connections[using].cursor() as cursor:
        cursor.execute(_FUNCTION)
        for name, when in _TRIGGERS.items():
            if name == "audit_not_emptied" and not truncate:
                cursor.execute(f"drop trigger if exists {name} on {TABLE}")
                continue
            cursor.execute(f"create or replace trigger {name} {when} execute function audit_refuses_change()")
            cursor.execute(f"alter table {TABLE} enable always trigger {name}")


def install_after_migrate(*, using: str, **_arguments: Any) -> None:
    """Receiver of post_migrate: the guard is there after every migrate, even if someone had dropped it."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    # Django's test runner empties every table between transactional tests; nothing else works on such a database.
    install(using, truncate=not str(connection.settings_dict["NAME"]).startswith("test_"))
