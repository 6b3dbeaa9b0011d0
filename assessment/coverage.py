"""Whether every project was inspected, and how the inspections went. Source: CQ20-6.4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.hooks import Figure, Figures, performance_figures
from assessment.models import VISITED, Inspection, InspectionState, Survey, SurveyKind
from assessment.survey_results import evaluation_of, with_means
from portal.rulebook.findings import Finding
from portal.rulebook.kinds import judge, rule_kind, rules_for
from programs.models import Program, Project

RULE = "assessment.inspection_coverage"
FULL = 100


@dataclass(frozen=True)
class Coverage:
    """How many projects a programme has, how many of them were visited, and how many of the others are planned."""

    total: int = 0
    visited: int = 0
    planned: int = 0

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when every project was visited."""
        return FULL * self.visited // self.total if self.total else 0

    @property
    def missing(self) -> int:
        return self.total - self.visited


@rule_kind(RULE, gettext_lazy("视导全覆盖"))
@dataclass(frozen=True)
class InspectionCoverageRule:
    """At least so many of a hundred projects were inspected before the programme ends. CQ20-6.4."""

    least_percent: int = FULL

    def check(self, case: Coverage) -> str:
        if not case.total or FULL * case.visited >= self.least_percent * case.total:
            return ""
        return _("%(total)d个项目中还有%(missing)d个没有视导（已完成%(percent)d%%，要求%(least)d%%）") % {
            "total": case.total,
            "missing": case.missing,
            "percent": case.percent,
            "least": self.least_percent,
        }


def visits(*states: str) -> Exists:
    """Whether the project has an inspection in one of `states`."""
    return Exists(Inspection.objects.filter(project=OuterRef("pk"), state__in=states))


def coverage(program: Program) -> Coverage:
    """The programme's coverage. One query."""
    rows = program.projects.annotate(seen=visits(*VISITED), due=visits(InspectionState.PLANNED)).order_by()
    counts = rows.aggregate(
        total=Count("pk"),
        visited=Count("pk", filter=Q(seen=True)),
        planned=Count("pk", filter=Q(seen=False, due=True)),
    )
    return Coverage(**counts)


def unvisited(program: Program) -> QuerySet[Project]:
    """The projects that nobody has visited, with `due`: whether a visit is planned."""
    rows = program.projects.annotate(due=visits(InspectionState.PLANNED))
    return rows.filter(~visits(*VISITED)).select_related("base", "category").order_by("code")


def coverage_findings(program: Program) -> list[Finding]:
    """What the notice's rule says of the programme's coverage. Two queries."""
    rules = rules_for(program.rulebook, RULE)
    return judge(rules, coverage(program)) if rules else []


def class_scores(classes: Sequence[int]) -> dict[int, list[Decimal]]:
    """By the key of the class the scores of its own visits, or else of those to its project as a whole. Two queries."""
    rows = Inspection.objects.visited()
    own: dict[int, list[Decimal]] = defaultdict(list)
    for key, score in rows.filter(training_class__in=classes).values_list("training_class", "score"):
        own[key].append(score or Decimal())
    general = rows.filter(training_class=None, project__classes__in=classes)
    whole: dict[int, list[Decimal]] = defaultdict(list)
    for key, score in general.values_list("project__classes", "score"):
        whole[key].append(score or Decimal())
    return {key: own.get(key) or whole[key] for key in classes if key in own or key in whole}


@performance_figures
def inspected(classes: Sequence[int]) -> Figures:
    """`inspection_sum`: the mean score of the class's visits; `inspection_full`: 100 where there was one. Two queries."""
    found: dict[int, dict[str, Figure]] = {}
    for key, scores in class_scores(classes).items():
        mean = (sum(scores, Decimal()) / len(scores)).quantize(Decimal("0.01"))
        found[key] = {"inspection_sum": mean, "inspection_full": FULL}
    return found


@performance_figures
def evaluated(classes: Sequence[int]) -> Figures:
    """`evaluation_sum`: the mean of the class's evaluation for each who answered, `evaluation_full`: 100 for each.

    Only evaluations that may be read. `invited` and `answered` count all. One query.
    """
    rows = Survey.objects.filter(training_class__in=classes, kind=SurveyKind.EVALUATION).counted()
    found: dict[int, dict[str, Figure]] = {}
    for survey in with_means(rows.order_by("pk")):
        figures = evaluation_of(survey)
        found[survey.training_class_id] = {"invited": figures.invited, "answered": figures.answered}
        if figures.mean is not None:
            found[survey.training_class_id] |= {
                "evaluation_sum": figures.mean * figures.answered,
                "evaluation_full": FULL * figures.answered,
            }
    return found


@dataclass(frozen=True)
class BaseScore:
    """How a base's projects were seen: for the choice of bases in the next year."""

    base: str
    projects: int
    visited: int
    mean: Decimal | None


def base_scores(program: Program) -> list[BaseScore]:
    """Each base with the mean score of the visits to it, best first; bases never visited last. Two queries."""
    projects: dict[int, tuple[str, int]] = {}
    rows = program.projects.exclude(base=None).order_by().values_list("base", "base__name")
    for key, name, count in rows.annotate(count=Count("pk")):
        projects[key] = (name, count)
    scores: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for key, project, score in (
        Inspection.objects.visited().filter(project__program=program).values_list("base", "project", "score")
    ):
        scores[key].append((project, score or Decimal()))
    lines = [_base_score(name, count, scores[key]) for key, (name, count) in projects.items()]
    return sorted(lines, key=lambda line: (line.mean is None, -(line.mean or 0), line.base))


def _base_score(name: str, count: int, found: Sequence[tuple[int, Decimal]]) -> BaseScore:
    total = sum((score for _project, score in found), Decimal())
    mean = (total / len(found)).quantize(Decimal("0.01")) if found else None
    return BaseScore(name, count, len({project for project, _score in found}), mean)
