"""Putting balances right again from the movements, which are the truth."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from portal.operations.act import Act
from portal.operations.registry import operation
from quotas import ledger


@operation("quotas.rebuild", gettext_lazy("按变动明细重建名额余额"), system=True)
def rebuild_balances(act: Act, subject: None) -> int:
    """Set every balance that differs from its movements to their sums; return how many. Only the command may."""
    wrong = ledger.discrepancies()
    ledger.rebuild(quota.pk for quota, _sums in wrong)
    act.list_rows(
        {"quota": quota.pk, "before": [quota.received, quota.passed, quota.held], "after": list(sums)}
        for quota, sums in ((quota, (s.received, s.passed, s.held)) for quota, s in wrong)
    )
    return len(wrong)
