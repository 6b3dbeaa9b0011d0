"""Plugs people in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "portal.people"
    verbose_name = _("教师")

    def ready(self) -> None:
        from portal.people import imports, plugs  # noqa: F401 - importing registers them
        from portal.people.services import merging  # noqa: F401 - importing registers the follower of merges
