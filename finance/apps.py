"""Plugs finance in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    name = "finance"
    verbose_name = _("经费")

    def ready(self) -> None:
        from finance import notice
        from portal.rulebook.sections import section

        section(
            "expense_categories",
            _("费用科目"),
            load=notice.load_expense_categories,
            preview=notice.preview_expense_categories,
            order=50,
        )
