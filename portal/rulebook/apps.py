"""Plugs rulebook in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RulebookConfig(AppConfig):
    name = "portal.rulebook"
    verbose_name = _("规则手册")

    def ready(self) -> None:
        from portal.rulebook import navigation  # noqa: F401 - importing plugs the pages in
