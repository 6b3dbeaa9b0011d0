"""The performance summary of the demo's 66 projects beside its bare aggregate SQL.

The bare limit is one statement that reads the same tables and adds up the same figures by class, base and programme, with
nothing scored or ranked. Beside it stands the summary up to its rows, scored and ranked: like the bare statement it writes
nothing. What keeping them under the day costs, with the audit, is told besides. All take turns in the same run, after one
round that is not counted, and are told as medians.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

REPEATS, LIMIT = 9, 3.0

BARE = """
WITH classes AS (
  SELECT c.id, c.base_id FROM programs_trainingclass c JOIN programs_project p ON p.id = c.project_id
  WHERE p.program_id = %s AND c.state IN ('published', 'open', 'finished')
), nominated AS (
  SELECT coalesce(e.training_class_id, n.training_class_id) AS id, count(*) AS nominated
  FROM enrollment_nomination n LEFT JOIN enrollment_enrollment e ON e.nomination_id = n.id
  WHERE n.state NOT IN ('draft', 'withdrawn', 'lapsed') GROUP BY 1
), people AS (
  SELECT e.training_class_id AS id, count(*) FILTER (WHERE e.registered_at IS NOT NULL) AS registered,
    count(*) FILTER (WHERE e.state = 'confirmed') AS roster, count(*) FILTER (WHERE a.state = 'present') AS attended
  FROM enrollment_enrollment e LEFT JOIN enrollment_checkin a ON a.enrollment_id = e.id
  WHERE e.state IN ('approved', 'registered', 'base_confirmed', 'confirmed') GROUP BY 1
), grades AS (
  SELECT g.training_class_id AS id, count(*) FILTER (WHERE l.passing) AS passed,
    count(*) FILTER (WHERE l.passing AND l.cap IS NOT NULL) AS excellent
  FROM assessment_grade r JOIN assessment_classgrading g ON g.id = r.grading_id
  JOIN assessment_gradelevel l ON l.id = r.level_id WHERE r.final GROUP BY 1
), owed AS (
  SELECT training_class_id AS id, count(*) AS owed,
    count(*) FILTER (WHERE NOT late AND completed_at IS NOT NULL) AS on_time
  FROM programs_deliverable WHERE due_on < %s OR completed_at IS NOT NULL GROUP BY 1
), evaluated AS (
  SELECT s.training_class_id AS id, sum(o.weight * o.count) AS reached, sum(o.count * 100) AS most
  FROM assessment_option o JOIN assessment_question q ON q.id = o.question_id
  JOIN assessment_survey s ON s.id = q.survey_id
  WHERE s.kind = 'evaluation' AND q.answered >= 5 AND o.weight IS NOT NULL GROUP BY 1
), inspected AS (
  SELECT c.id, sum(i.score) AS score, count(*) * 100 AS most
  FROM assessment_inspection i JOIN programs_trainingclass c
    ON c.id = i.training_class_id OR (i.training_class_id IS NULL AND c.project_id = i.project_id)
  WHERE i.state IN ('submitted', 'closed') GROUP BY 1
), money AS (
  SELECT training_class_id AS id, sum(received) AS budget, sum(spent) AS spent
  FROM finance_fundaccount WHERE category_id IS NOT NULL GROUP BY 1
)
SELECT c.base_id, c.id, sum(nominated), sum(registered), sum(roster), sum(attended), sum(passed), sum(excellent),
  sum(owed), sum(on_time), sum(evaluated.reached), sum(evaluated.most), sum(inspected.score), sum(inspected.most),
  sum(budget), sum(spent)
FROM classes c LEFT JOIN nominated USING (id) LEFT JOIN people USING (id) LEFT JOIN grades USING (id)
  LEFT JOIN owed USING (id) LEFT JOIN evaluated USING (id) LEFT JOIN inspected USING (id) LEFT JOIN money USING (id)
GROUP BY GROUPING SETS ((c.base_id, c.id), (c.base_id), ())
"""


def main() -> int:
    """Print the figures; return 1 when the summary takes more than LIMIT times the bare SQL."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from programs.models import Program

    program = Program.objects.select_related("rulebook", "office__parent").filter(demo=True).first()
    if program is None:
        raise SystemExit("Load the demo first, and play its year for figures worth adding up.")
    rounds = [(ours(program), bare(program), kept(program)) for _repeat in range(REPEATS + 1)]
    return report(program, [list(times) for times in zip(*rounds[1:], strict=True)])


def ours(program: Any) -> float:
    """Seconds of the summary: figures, scores, ranks."""
    from assessment.services.performance import scheme_of, summaries

    began = time.perf_counter()
    summaries(program, scheme_of(program.rulebook), lambda done, total: None)
    return time.perf_counter() - began


def kept(program: Any) -> float:
    """Seconds of the whole operation, with its rows and its audit. Rolled back."""
    from django.db import transaction

    from assessment.services.performance import reckon
    from portal.operations.actor import Actor

    with transaction.atomic():
        began = time.perf_counter()
        reckon(Actor.system("bench"), program)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def bare(program: Any) -> float:
    """Seconds of the one statement with its rows fetched."""
    from django.db import connection

    from portal import clock

    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(BARE, [program.pk, clock.today()])
        cursor.fetchall()
        return time.perf_counter() - began


def report(program: Any, times: list[list[float]]) -> int:
    own, limit, whole = (statistics.median(each) * 1000 for each in times)
    print(f"performance summary of {program.projects.count()} projects, median of {REPEATS}:")
    print(
        f"  the summary, scored and ranked  {own:7.1f} ms  {own / limit:.2f} times the bare limit (at most {LIMIT:.0f})"
    )
    print(f"  bare aggregate SQL              {limit:7.1f} ms")
    print(f"  kept under the day, audited     {whole:7.1f} ms  {whole / limit:.2f} times")
    return 0 if own / limit <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
