"""Plugs finance in."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    name = "finance"
    verbose_name = _("经费")

    def ready(self) -> None:
        from finance import notice, papers, plugs, rules  # noqa: F401 - importing registers them
        from finance.services import (  # noqa: F401 - declares the operations
            budget_reviews,
            budgets,
            categories,
            checking,
            expenses,
            final_account_reviews,
            final_accounts,
            funds,
            transfers,
            vouchers,
        )
        from portal.rulebook.sections import section
        from programs.hooks import opening_guards

        opening_guards(funds.budget_guard)

        section(
            "expense_categories",
            _("费用科目"),
            load=notice.load_expense_categories,
            preview=notice.preview_expense_categories,
            order=50,
            edit_url=lambda rulebook: reverse("finance:expense_categories", args=[rulebook.pk]),
        )
        section(
            "vouchers",
            _("决算凭证"),
            load=notice.load_vouchers,
            preview=notice.preview_vouchers,
            order=55,
        )
