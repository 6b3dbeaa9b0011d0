"""Plugs sheets in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SheetsConfig(AppConfig):
    name = "portal.sheets"
    verbose_name = _("表格导入导出")

    def ready(self) -> None:
        from portal.sheets import jobs, plugs  # noqa: F401 -- jobs registers

        plugs.plug_in()
