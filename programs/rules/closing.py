"""What must be settled of a programme's classes before it ends: rule kinds of three apps over one case. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook.kinds import rule_kind

NAMED = 5


@dataclass(frozen=True)
class UnsettledCase:
    """The names of what is not settled yet, such as classes without results."""

    names: Sequence[str]

    def said(self, words: str) -> str:
        """`words` with `count` and the first `names`; "" when nothing is left."""
        if not self.names:
            return ""
        more = _(" 等") if len(self.names) > NAMED else ""
        return words % {"count": len(self.names), "names": "、".join(self.names[:NAMED]) + more}


@rule_kind("programs.deliverables_accepted", gettext_lazy("结束计划前应交材料均已接收"))
@dataclass(frozen=True)
class DeliverablesAcceptedRule:
    """Everything that finished classes owe has been handed in and accepted."""

    def check(self, case: UnsettledCase) -> str:
        return case.said(_("还有%(count)d项应交材料没有交齐或没有接收：%(names)s"))
