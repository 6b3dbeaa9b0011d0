"""Plugs accounts in: traces of sign-ins, the schema's names, the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    verbose_name = _("用户与角色")

    def ready(self) -> None:
        from portal.accounts import schema, signals  # noqa: F401 - importing registers
        from portal.accounts.delegation import CARERS, INVITERS
        from portal.accounts.roles import Role
        from portal.ui.registry import Group, NavEntry, nav

        managers = frozenset({*INVITERS, Role.SECURITY_ADMIN})
        nav(
            NavEntry(
                Group.PEOPLE,
                _("用户与角色"),
                "accounts:users",
                "users-group",
                managers | frozenset(CARERS),
                80,
            ),
            NavEntry(Group.PEOPLE, _("邀请"), "accounts:invitations", "user-plus", managers, 81),
        )
