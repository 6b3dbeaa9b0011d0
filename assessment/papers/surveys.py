"""A survey's results on paper, with the same charts as the page. Source: CQ20-3.6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Survey, SurveyState
from assessment.models.survey import READERS
from assessment.survey_charts import means_chart, shares_chart
from assessment.survey_results import evaluation_of, hidden_because, results_of, with_means
from portal.errors import RuleBroken
from portal.operations.actor import Actor
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.papers.models import PaperBatch
from portal.papers.pictures import picture
from portal.papers.services.starting import print_one

CODE = "survey_results"


def paper_rows() -> QuerySet[Survey]:
    """Closed surveys with what the paper says. One query."""
    rows = Survey.objects.filter(state=SurveyState.CLOSED).select_related(
        "training_class__base", "training_class__project__program"
    )
    return with_means(rows.counted())


def paper_context(surveys: Sequence[Survey]) -> list[Mapping[str, Any]]:
    """The results of each; nothing but the number of answers where these are too few. Three queries a survey."""
    return [_context(each) for each in surveys]


def paper_facts(survey: Survey) -> Facts:
    """What a stranger who scans the paper may see."""
    return Facts(
        title=str(survey),
        number=f"{survey.training_class.project.code}-{survey.pk:05d}",
        issuer=survey.training_class.base.name,
        lines=[(_("填答人数"), str(survey.answered))],
    )


def print_results(actor: Actor, survey: Survey) -> PaperBatch:
    """Print one survey's results now. Raises RuleBroken while they are not to be seen, and as `print_one`."""
    hidden = hidden_because(actor, survey, survey.ballots.filter(answered=True).count())
    if hidden:
        raise RuleBroken(hidden, code="results_hidden")
    return print_one(actor, CODE, survey.pk)


def _context(survey: Survey) -> Mapping[str, Any]:
    figures = evaluation_of(survey)
    hidden = hidden_because(Actor.system("papers"), survey, figures.answered)
    results = [] if hidden else results_of(survey)
    charts = [each for each in (means_chart(results), shares_chart(results)) if each]
    return {
        "survey": survey.title,
        "class": survey.training_class.name,
        "base": survey.training_class.base.name,
        "project": str(survey.training_class.project),
        "program": survey.training_class.project.program.name,
        "opens": survey.opens_at,
        "closes": survey.closes_at,
        "invited": figures.invited,
        "answered": figures.answered,
        "share": figures.share,
        "mean": None if hidden else figures.mean,
        "hidden": hidden,
        "pictures": [{"title": str(each.title), "picture": picture(each)} for each in charts],
        "results": [
            {
                "position": each.question.position,
                "text": each.question.text,
                "mean": each.mean,
                "answered": each.question.answered,
                "options": [(option.text, option.count, share) for option, share in each.options],
                "texts": sorted(each.texts),
            }
            for each in results
        ],
    }


RESULTS = register_kind(
    PaperKind(
        CODE,
        gettext_lazy("问卷结果"),
        "papers/survey_results.html",
        frozenset(READERS),
        paper_rows,
        paper_context,
        paper_facts,
    )
)
