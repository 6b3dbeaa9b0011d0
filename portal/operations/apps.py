"""Plugs operations in."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "portal.operations"
    verbose_name = _("操作与审计")

    def ready(self) -> None:
        from portal.operations import guard

        post_migrate.connect(guard.install_after_migrate, sender=self, dispatch_uid="audit_guard")
