"""Plugs organizations in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "portal.organizations"
    verbose_name = _("机构")

    def ready(self) -> None:
        from portal.organizations import imports, plugs  # noqa: F401 - importing registers them
