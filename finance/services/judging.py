"""What the rules say of money: one place for pages, the API, the demo and the guards. Source: CQ20-4.1, 4.2, 5.5."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from finance.models import ExpenseCategory
from finance.rules import SpendingCase
from portal.rulebook.findings import Finding, Verdict
from portal.rulebook.kinds import judge, rules_for
from portal.rulebook.models import Rulebook

WORDS = ("finance.forbidden_words", "finance.doubtful_words")
# The rule that a category's own row of the notice is.
CATEGORY = "finance.category"


def judge_spending(rulebook: Rulebook, wanted: Sequence[tuple[ExpenseCategory, str]]) -> list[list[Finding]]:
    """What is to be said of charging each (category, words). One query, when the categories come with their clauses."""
    rules = rules_for(rulebook, *WORDS)
    return [
        [category_finding(category), *judge(rules, SpendingCase(category.code, words))]
        for category, words in wanted
    ]


def category_finding(category: ExpenseCategory) -> Finding:
    """Whether the notice lets money go to `category`, citing the category's own clause."""
    citation = category.clause.citation if category.clause else None
    if category.allowed:
        return Finding(CATEGORY, Verdict.PASS, _("“%(name)s”可以列支") % {"name": category.name}, citation)
    words = _("“%(name)s”不得列入专项经费") % {"name": category.name}
    return Finding(CATEGORY, Verdict.BLOCK, words, citation)
