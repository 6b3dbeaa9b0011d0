"""`bin/manage rotate_field_keys`: encrypt personal data anew with the first key of FIELD_KEYS.

Put the new key first, keep the old ones behind it, restart, run this; when it has finished the old keys can go.
It may be stopped at any moment and run again.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.operations.actor import Actor
from portal.people.services.rotation import Place, encrypted_columns, newest_key, rotate_batch


class Command(BaseCommand):
    help = "用 FIELD_KEYS 中的第一个密钥重新加密个人信息（可随时中断后重新运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        for place in encrypted_columns():
            self._column(place)
        self.stdout.write(f"全部完成。新密钥指纹 {newest_key()}；旧密钥现在可以从 FIELD_KEYS 中删除。")

    def _column(self, place: Place) -> None:
        after: int | None = 0
        while after is not None:
            self.stdout.write(f"{place[0]._meta.verbose_name} · {place[1].verbose_name}：已处理到 {after}")
            after = rotate_batch(Actor.system("rotate_field_keys"), None, place=place, after=after)
