"""Plugs operations in."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "portal.operations"
    verbose_name = _("操作与审计")

    def ready(self) -> None:
        from portal.accounts.roles import Role
        from portal.operations import guard
        from portal.ui.registry import Group, NavEntry, nav

        nav(
            NavEntry(
                Group.SYSTEM, _("审计日志"), "operations:audit", "history", frozenset({Role.AUDIT_ADMIN}), 10
            ),
            NavEntry(
                Group.SYSTEM,
                _("权限矩阵"),
                "operations:permissions",
                "shield-lock",
                frozenset({Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}),
                20,
            ),
        )
        post_migrate.connect(guard.install_after_migrate, sender=self, dispatch_uid="audit_guard")
