"""The charts of surveys and inspections: the same on the page and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from assessment.models.template import CHOSEN
from assessment.survey_results import Answered, Compared
from portal.errors import Text
from portal.ui.charts import Chart, ChartKind, Series


def means_chart(results: Sequence[Answered]) -> Chart | None:
    """The mean of each question that has one."""
    scored = [each for each in results if each.mean is not None]
    if not scored:
        return None
    labels = [each.question.text for each in scored]
    return Chart(
        _("各题均分"),
        ChartKind.BAR,
        _("题目"),
        labels,
        [Series(_("均分"), [each.mean for each in scored])],
        _("分"),
    )


def shares_chart(results: Sequence[Answered]) -> Chart | None:
    """How the answers of each chosen question spread, first option to last, in per cent."""
    chosen = [each for each in results if each.question.kind in CHOSEN]
    if not chosen:
        return None
    most = max(len(each.options) for each in chosen)
    series = [Series(_name(chosen, place), [_share(each, place) for each in chosen]) for place in range(most)]
    return Chart(
        _("各题选项分布"), ChartKind.STACKED, _("题目"), [each.question.text for each in chosen], series, "%"
    )


def comparison_chart(word: Text, lines: Sequence[Compared]) -> Chart:
    """Means side by side."""
    series = [Series(_("均分"), [each.mean for each in lines])]
    return Chart(_("评教均分对比"), ChartKind.BAR, word, [each.label for each in lines], series, _("分"))


def _name(chosen: Sequence[Answered], place: int) -> str:
    """The option's word, where all questions have the same, else its place."""
    words = {each.options[place][0].text for each in chosen if place < len(each.options)}
    return words.pop() if len(words) == 1 else _("第%(number)d项") % {"number": place + 1}


def _share(each: Answered, place: int) -> Decimal | None:
    return each.options[place][1] if place < len(each.options) else None
