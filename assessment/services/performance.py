"""The performance summary of a programme: reckoned in sets, kept with its date for the next year's choice. CQ20-6.4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.hooks import Figure, performance_figures
from assessment.models import PerformanceRun, PerformanceSummary, SummaryLevel
from assessment.scoring import Line, add, ranks, score
from portal.accounts.roles import OFFICE, Role
from portal.errors import RuleBroken
from portal.jobs.models import Job
from portal.jobs.services import Run, job_kind, start_job
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.rulebook.models import Rulebook
from programs.models import Program, TrainingClass

JOB = "assessment.performance"
RECKONERS = (*OFFICE, Role.PROVINCIAL_OFFICER)
ByClass = Mapping[int, Mapping[str, Figure]]
Progress = Callable[[int, int], None]


@operation(
    "assessment.ask_for_performance",
    gettext_lazy("统计绩效汇总"),
    roles=RECKONERS,
    scope=within("office"),
    clauses=["CQ20-6.4"],
)
def ask_for_performance(act: Act, program: Program) -> Job:
    """Start reckoning in the background; the job's page shows how far it is and leads to the summary."""
    act.changed(program, after={"asked": "performance"})
    title = _("%(program)s绩效汇总") % {"program": program}
    return start_job(act.actor, JOB, title=title, program=program.pk)


@job_kind(JOB, gettext_lazy("绩效汇总"))
def reckon_in_background(run: Run) -> str:
    """Reckon once for the job, however often it is delivered; return the summary's address."""
    made = PerformanceRun.objects.filter(job=run.job).first()
    if made is None:
        rows = Program.objects.visible_to(run.actor).select_related("rulebook", "office__parent")
        program = rows.get(pk=run.job.parameters["program"])
        made = reckon(run.actor, program, job=run.job, progress=run.advance)
    return made.get_absolute_url()


@operation(
    "assessment.reckon_performance",
    gettext_lazy("生成绩效汇总"),
    roles=RECKONERS,
    scope=within("office"),
    clauses=["CQ20-6.4"],
    system=True,
)
def reckon(
    act: Act, program: Program, *, job: Job | None = None, progress: Progress | None = None
) -> PerformanceRun:
    """Reckon every class, base and the programme, and keep it under today's date. Raises RuleBroken without a class.

    The same number of queries for any number of classes.
    """
    scheme = scheme_of(program.rulebook)
    rows = summaries(program, scheme, progress or (lambda done, total: None))
    if not rows:
        raise RuleBroken(_("本计划还没有已发布的班级，无法统计绩效。"), code="no_classes")
    run = PerformanceRun.objects.create(
        program=program,
        on=act.today,
        at=act.now,
        by_name=act.actor.name,
        scheme=[line.as_json() for line in scheme],
        job=job,
    )
    for row in rows:
        row.run = run
    PerformanceSummary.objects.bulk_create(rows)
    act.changed(run, after={"classes": rows[0].classes, "rows": len(rows)})
    return run


def scheme_of(rulebook: Rulebook) -> list[Line]:
    """The scheme as it stands now. One query."""
    rows = rulebook.indicators.values("code", "name", "numerator", "denominator", "weight", "target")
    return [Line(**row) for row in rows]


def gather(classes: Sequence[int], progress: Progress) -> ByClass:
    """Every provider's figures, class by class."""
    found: dict[int, dict[str, Figure]] = defaultdict(dict)
    providers = list(performance_figures)
    for number, provider in enumerate(providers, 1):
        for key, figures in provider(classes).items():
            found[key] |= {name: value for name, value in figures.items() if value is not None}
        progress(number, len(providers))
    return found


def summaries(program: Program, scheme: Sequence[Line], progress: Progress) -> list[PerformanceSummary]:
    """What the summary says now, the programme first; not kept yet. None without a class. Nothing is written."""
    classes = dict(_classes(program))
    if not classes:
        return []
    return _summaries(scheme, classes, gather(list(classes), progress))


def _classes(program: Program) -> Iterable[tuple[int, int]]:
    """The keys of the programme's published classes with those of their bases."""
    rows = TrainingClass.objects.published().filter(project__program=program)
    return rows.order_by("pk").values_list("pk", "base_id")


def _summaries(
    scheme: Sequence[Line], classes: Mapping[int, int], figures: ByClass
) -> list[PerformanceSummary]:
    own = [
        PerformanceSummary(
            level=SummaryLevel.CLASS, training_class_id=key, base_id=base, figures=dict(figures.get(key, {}))
        )
        for key, base in classes.items()
    ]
    of_base: dict[int, list[PerformanceSummary]] = defaultdict(list)
    for row in own:
        of_base[row.base_id or 0].append(row)
    bases = [
        PerformanceSummary(
            level=SummaryLevel.BASE, base_id=key, classes=len(rows), figures=add(row.figures for row in rows)
        )
        for key, rows in of_base.items()
    ]
    whole = PerformanceSummary(
        level=SummaryLevel.PROGRAM, classes=len(own), figures=add(row.figures for row in own)
    )
    for level in (own, bases, [whole]):
        _judge(scheme, level)
    return [whole, *bases, *own]


def _judge(scheme: Sequence[Line], rows: Sequence[PerformanceSummary]) -> None:
    """Score the rows of one level and rank them among each other."""
    for row in rows:
        verdict = score(scheme, row.figures)
        row.points, row.score = dict(verdict.points), verdict.score
    for row, place in zip(rows, ranks([row.score for row in rows]), strict=True):
        row.rank = place
