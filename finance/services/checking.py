"""Putting accounts right again from their movements, which are the truth."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from finance import ledger
from portal.operations.act import Act
from portal.operations.registry import operation


@operation("finance.rebuild", gettext_lazy("按变动明细重建经费余额"), system=True)
def rebuild_accounts(act: Act, subject: None) -> int:
    """Set every account that differs from its movements to their sums; return how many. Only the command may."""
    wrong = ledger.discrepancies()
    ledger.rebuild(account.pk for account, _sums in wrong)
    act.list_rows(
        {
            "account": account.pk,
            "before": [str(getattr(account, name)) for name in ledger.COLUMNS],
            "after": [str(getattr(sums, name)) for name in ledger.COLUMNS],
        }
        for account, sums in wrong
    )
    return len(wrong)
