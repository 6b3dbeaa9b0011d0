"""What surveys say: per question, per survey, per class, base and project. Never of fewer than RESULTS_FROM answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import SystemRandom

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from assessment.models import Option, Question, QuestionKind, Survey, SurveyKind, SurveyState
from assessment.models.survey import READERS, SurveyQuerySet
from portal.operations.actor import Actor

# With fewer answers, people who know one another guess who said what; five is what offices of statistics and the
# evaluations of universities ask for. It protects persons, so it is no fact of a notice that an office could lower.
RESULTS_FROM = 5
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Evaluation:
    """How many of a class were asked and answered; `mean` is their satisfaction, 0 to 100, None when it is not shown."""

    invited: int = 0
    answered: int = 0
    mean: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        """How many of a hundred answered."""
        return (Decimal(100 * self.answered) / self.invited).quantize(CENT) if self.invited else None


@dataclass(frozen=True)
class Answered:
    """One question's result: options with count and share in per cent, the mean of its weights, or what was written."""

    question: Question
    options: list[tuple[Option, Decimal]] = field(default_factory=list)
    mean: Decimal | None = None
    texts: list[str] = field(default_factory=list)


def hidden_because(actor: Actor, survey: Survey, answered: int) -> str:
    """Why the actor does not see the survey's results, in words; "" when they do."""
    if not actor.is_system and actor.role not in READERS:
        return _("为保护匿名，班主任只能看到填答人数，结果由培训基地和项目办查看。")
    if survey.state != SurveyState.CLOSED:
        return _("问卷截止后公布结果。填答期间逐份公布会暴露后填的人，因此只显示填答人数。")
    if answered < RESULTS_FROM:
        return _("共%(count)d人填答。不足%(least)d份不公布结果，以免推知个人的回答。") % {
            "count": answered,
            "least": RESULTS_FROM,
        }
    return ""


def results_of(survey: Survey) -> list[Answered]:
    """The result of each question, for a survey whose results may be shown. Three queries."""
    rows = survey.questions.prefetch_related("options", "texts")
    return [_answered(each) for each in rows]


def evaluations(classes: Iterable[int], kind: str = SurveyKind.EVALUATION) -> dict[int, Evaluation]:
    """By the key of the class its evaluation (or the latest survey of another `kind`); only classes that have one.

    Two queries. The mean is None until the survey is closed with RESULTS_FROM answers at least.
    """
    rows = (
        Survey.objects.filter(training_class__in=[*classes], kind=kind).counted().order_by("closes_at", "pk")
    )
    return {each.training_class_id: evaluation_of(each) for each in with_means(rows)}


def evaluation_of(survey: Survey) -> Evaluation:
    """The same of one survey that `with_means` read."""
    invited, answered = survey.invited, survey.answered
    shown = survey.state == SurveyState.CLOSED and answered >= RESULTS_FROM
    mean: Decimal | None = survey.mean if shown else None
    return Evaluation(invited, answered, mean.quantize(CENT) if mean is not None else None)


def with_means(rows: QuerySet[Survey]) -> QuerySet[Survey]:
    """The surveys with `mean`: all weights chosen, divided by how many. For internal use: it knows no threshold."""
    number = DecimalField(max_digits=12, decimal_places=4)
    weighed = Option.objects.filter(question__survey=OuterRef("pk"), weight__isnull=False).order_by()
    total = ExpressionWrapper(Sum(F("weight") * F("count")), output_field=number)
    mean = weighed.values("question__survey").annotate(n=Sum("count"), total=total).filter(n__gt=0)
    return rows.annotate(  # type: ignore[no-redef]
        mean=Subquery(
            mean.values(mean=ExpressionWrapper(F("total") / F("n"), output_field=number))[:1],
            output_field=number,
        )
    )


@dataclass(frozen=True)
class Compared:
    """One line of a comparison: a class, base or project with its surveys taken together."""

    label: str
    surveys: int
    invited: int
    answered: int
    mean: Decimal


BY: dict[str, Callable[[Survey], tuple[int, str]]] = {
    "class": (lambda row: (row.training_class_id, row.training_class.name)),
    "base": (lambda row: (row.training_class.base_id, row.training_class.base.label)),
    "project": (lambda row: (row.training_class.project_id, str(row.training_class.project))),
}


def compare(rows: SurveyQuerySet, by: str) -> list[Compared]:
    """The closed surveys of `rows` by class, base or project, best first. One query.

    Surveys with too few answers are left out of every sum, so that no difference of two sums shows them. The mean of
    several is weighed by their answers.
    """
    closed = rows.filter(state=SurveyState.CLOSED).order_by("pk")
    found = with_means(closed.counted().select_related("training_class__base", "training_class__project"))
    groups: dict[tuple[int, str], list[Survey]] = defaultdict(list)
    for each in found:
        if evaluation_of(each).mean is not None:
            groups[BY[by](each)].append(each)
    lines = [_line(label, group) for (_key, label), group in groups.items()]
    return sorted(lines, key=lambda line: (-line.mean, line.label))


def _line(label: str, group: Sequence[Survey]) -> Compared:
    answered = sum(each.answered for each in group)
    weighed = sum(((each.mean or Decimal()) * each.answered for each in group), Decimal())
    invited = sum(each.invited for each in group)
    return Compared(label, len(group), invited, answered, (weighed / answered).quantize(CENT))


def _answered(question: Question) -> Answered:
    if question.kind == QuestionKind.TEXT:
        texts = [each.text for each in question.texts.all()]
        return Answered(question, texts=SystemRandom().sample(texts, len(texts)))
    options = list(question.options.all())
    shares = [(each, _percent(each.count, question.answered)) for each in options]
    return Answered(question, options=shares, mean=_mean(options))


def _mean(options: Sequence[Option]) -> Decimal | None:
    weighed = [(each.weight, each.count) for each in options if each.weight is not None]
    total = sum(times for _weight, times in weighed)
    if not total:
        return None
    return (sum((weight * times for weight, times in weighed), Decimal()) / total).quantize(CENT)


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else Decimal("0.0")
