"""Results of a survey as a workbook. Source: CQ20-3.6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import QuestionKind, Survey
from assessment.models.survey import READERS
from assessment.survey_results import hidden_because, results_of
from portal.errors import RuleBroken
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.sheets import kinds
from portal.sheets.export import export
from portal.sheets.layout import Column, Sheet

RESULTS = Sheet(
    "survey_results",
    gettext_lazy("问卷结果"),
    [
        Column("number", gettext_lazy("题号"), kinds.Integer()),
        Column("question", gettext_lazy("题目"), kinds.Text()),
        Column("kind", gettext_lazy("题型"), kinds.Text()),
        Column("option", gettext_lazy("选项或意见"), kinds.Text()),
        Column("weight", gettext_lazy("分值"), kinds.Decimal()),
        Column("count", gettext_lazy("人数"), kinds.Integer()),
        Column("share", gettext_lazy("占比%"), kinds.Decimal()),
        Column("mean", gettext_lazy("本题均分"), kinds.Decimal()),
    ],
)


@operation(
    "assessment.export_survey",
    gettext_lazy("导出问卷结果"),
    roles=READERS,
    scope=within("training_class.project.program.office") | own("training_class.base"),
    clauses=["CQ20-3.6"],
)
def export_results(act: Act, survey: Survey) -> IO[bytes]:
    """The results of each question, as the page shows them. Raises RuleBroken while they are not shown."""
    require_shown_to(act.actor, survey)
    act.changed(survey, after={"exported": True})
    subtitle = _("%(class)s　%(base)s") % {
        "class": survey.training_class.name,
        "base": survey.training_class.base.name,
    }
    return export(RESULTS, _rows(survey), title=str(survey), subtitle=subtitle)


def require_shown_to(actor: Actor, survey: Survey) -> None:
    """Raise RuleBroken, with the reason, when the actor may not see the survey's results yet."""
    hidden = hidden_because(actor, survey, survey.ballots.filter(answered=True).count())
    if hidden:
        raise RuleBroken(hidden, code="results_hidden")


def _rows(survey: Survey) -> Iterator[list[Any]]:
    for each in results_of(survey):
        head = [each.question.position, each.question.text, each.question.get_kind_display()]
        if each.question.kind == QuestionKind.TEXT:
            yield from ([*head, text, None, None, None, None] for text in each.texts)
        for option, share in each.options:
            yield [*head, option.text, option.weight, option.count, share, each.mean]
