"""The pictures of money: budget, spent and left side by side."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from finance.models import FundAccount
from finance.queries import OverviewRow
from portal.ui.charts import Chart, ChartKind, Series


def account_chart(accounts: Sequence[FundAccount]) -> Chart | None:
    """One class by category; None while there is nothing to show."""
    if not accounts:
        return None
    return Chart(
        _("各科目预算执行情况"),
        ChartKind.BAR,
        _("费用科目"),
        [each.category.name if each.category else "" for each in accounts],
        [
            Series(_("预算"), [each.received for each in accounts]),
            Series(_("已支出"), [each.spent for each in accounts]),
            Series(_("余额"), [each.balance for each in accounts]),
        ],
        _("元"),
    )


def overview_chart(rows: Sequence[OverviewRow]) -> Chart | None:
    """The rows of the overview; None while there is nothing to show."""
    if not rows:
        return None
    return Chart(
        _("预算与支出"),
        ChartKind.BAR,
        _("单位或项目"),
        [each.label for each in rows],
        [
            Series(_("预算"), [each.figures.budgeted for each in rows]),
            Series(_("已支出"), [each.figures.spent for each in rows]),
        ],
        _("元"),
    )
