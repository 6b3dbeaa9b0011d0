"""Plugs finance in."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    name = "finance"
    verbose_name = _("经费")

    def ready(self) -> None:
        from finance import notice
        from finance.services import categories  # noqa: F401 - declares the operations
        from portal.rulebook.sections import section

        section(
            "expense_categories",
            _("费用科目"),
            load=notice.load_expense_categories,
            preview=notice.preview_expense_categories,
            order=50,
            edit_url=lambda rulebook: reverse("finance:expense_categories", args=[rulebook.pk]),
        )
