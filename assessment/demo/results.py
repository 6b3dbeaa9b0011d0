"""The demo's results: published after each class, certificates given, forms finished, taken into the national system."""

from __future__ import annotations

from datetime import timedelta

from assessment.models import ClassGrading, ClassResults, GradingState
from assessment.services.certificates import issue_certificates
from assessment.services.national import mark_imported
from assessment.services.opinions import SUGGESTED, return_forms, write_opinions
from assessment.services.performance import reckon
from assessment.services.results import publish_results
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.models import Program, TrainingClass

# So long after its end a class's results are published; one in so many bases is slow with what follows.
DAYS_AFTER, SLOW_EVERY = 5, 9


@demo_stage(500, "演示培训结果与证书", year=True)
def publish_all(demo: Demo) -> None:
    """Each class whose grades are final: results, certificates, the form's second part, the national system."""
    closed = ClassGrading.objects.filter(state=GradingState.CLOSED).values("training_class")
    rows = TrainingClass.objects.filter(pk__in=closed, results=None, project__program__demo=True)
    found = rows.select_related("project__program__rulebook", "project__program__office__parent", "base")
    for index, each in enumerate(found.order_by("ends_on", "pk")):
        day = min(each.ends_on + timedelta(days=DAYS_AFTER), YEAR_ENDS)
        if not demo.reached(day):
            continue
        demo.at(day)
        made = publish_results(demo.system, each)
        if index % SLOW_EVERY != SLOW_EVERY - 1:
            _finish(demo, made)


@demo_stage(600, "演示绩效汇总", year=True)
def reckon_all(demo: Demo) -> None:
    """The performance summary as it stands at the end of what is played."""
    if not ClassResults.objects.exists():
        return
    demo.at(min(demo.until, YEAR_ENDS), 17)
    rows = Program.objects.select_related("rulebook", "office__parent")
    reckon(demo.system, rows.get(demo=True))


def _finish(demo: Demo, made: ClassResults) -> None:
    if made.passed:
        issue_certificates(demo.system, made)
    if write_opinions(demo.system, made, template=str(SUGGESTED)):
        return_forms(demo.system, made)
    mark_imported(demo.system, made, note="演示导入。")
