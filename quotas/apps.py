"""Plugs quotas in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotasConfig(AppConfig):
    name = "quotas"
    verbose_name = _("名额")

    def ready(self) -> None:
        from portal.rulebook.hooks import on_phase_closed
        from quotas import imports, plugs  # noqa: F401 - importing registers them
        from quotas.services import checking, releasing, splitting, tables  # noqa: F401 - declares the operations

        on_phase_closed(plugs.PHASE)(releasing.release_after_closing)
