"""Imports: annex 4 with 3,000 people, checked and then taken, beside the bare limit over the same file.

The bare limit reads the same bytes with calamine in one pass and copies the same cells into a table without index or key:
no sandbox, no rules, no records. Both take turns three times in the same run and are told as medians. A bureau of the demo
is given the seats; everything happens in transactions that are rolled back, and the uploaded files are removed.
"""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO, StringIO
from random import Random
from typing import Any

ROWS, REPEATS = 3_000, 3
# No teacher of the demo has an ID number of this region or a telephone that begins so.
REGION, PHONE = "110101", "198"


@dataclass
class Measure:
    """Seconds of each repeat, and the queries of the last."""

    times: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)

    @contextmanager
    def measured(self) -> Iterator[None]:
        from django.db import connection

        count = 0

        def counting(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*args)

        began = time.perf_counter()
        with connection.execute_wrapper(counting):
            yield
        self.times.append(time.perf_counter() - began)
        self.queries = count


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back at the end, after every deferred constraint was checked."""
    from django.db import connection, transaction

    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


def give_seats(program: Any) -> tuple[Any, list[Any]]:
    """The demo's bureau with the most quotas, and these, with seats enough for all rows."""
    from django.db.models import Count, F

    from portal.organizations.kinds import Kind
    from portal.organizations.models import Organization
    from quotas.models import Quota

    bureaus = Organization.objects.filter(kind=Kind.BUREAU, quotas__project__program=program)
    bureau = bureaus.annotate(many=Count("quotas")).order_by("-many", "pk").first()
    if bureau is None:
        raise SystemExit("The database holds no bureau with seats: load the demo first.")
    quotas = Quota.objects.filter(organization=bureau, project__program=program)
    quotas.update(received=F("passed") + F("held") + ROWS)
    return bureau, list(quotas.select_related("project__audience"))


def annex_4(bureau: Any, quotas: list[Any]) -> bytes:
    """The sheet: for each row a new teacher who fits the row's project."""
    from enrollment.sheets import ANNEX_4
    from portal.organizations.kinds import Kind
    from portal.sheets.export import export

    schools = list(bureau.children.filter(kind=Kind.SCHOOL).order_by("pk"))
    rng = Random(2020)
    rows = (
        _row(rng, index, schools[index % len(schools)], quotas[index % len(quotas)].project)
        for index in range(ROWS)
    )
    with export(ANNEX_4, rows) as file:
        return file.read()


def _row(rng: Random, index: int, school: Any, project: Any) -> dict[str, Any]:
    from enrollment.sheets import PERSON_FIELDS
    from portal.people.demo import SEQUENCES, teacher_data
    from portal.people.identity import compose_id

    audience = project.audience
    born = date(1984, 1, 1) + timedelta(days=index // len(SEQUENCES))
    wishes: dict[str, Any] = {
        "subject": (audience.subjects or ["机械制造"])[0],
        "id_number": compose_id(REGION, born, SEQUENCES[index % len(SEQUENCES)]),
        "phone": f"{PHONE}{index:08d}",
        "teaching_since": date(born.year + 23, 9, 1),
    }
    if audience.min_title_level:
        wishes["level"] = audience.min_title_level
    if audience.posts:
        wishes["post"] = audience.posts[index % len(audience.posts)]
    data = teacher_data(rng, school, wishes) | {"school": school.name, "birth_date": born}
    values = {key: data.get(key) for key in PERSON_FIELDS}
    return {"code": project.code, "project": project.name, **values}


def ours(actor: Any, program: Any, data: bytes, preview: Measure, taking: Measure) -> None:
    """Upload, check and take as the page and the worker do. Raises SystemExit unless every row is taken."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from enrollment.imports import KIND
    from portal.sheets.models import ImportBatch
    from portal.sheets.services.running import preview_batch, take_batch
    from portal.sheets.services.uploading import take, upload

    file = SimpleUploadedFile("annex4.xlsx", data)
    with preview.measured():
        batch = upload(actor, None, kind=KIND, file=file, params={"program": str(program.pk)})
        preview_batch(batch.pk)
    try:
        batch = ImportBatch.objects.select_related("organization").get(pk=batch.pk)
        if batch.ready != ROWS:
            raise SystemExit(_trouble(batch))
        with taking.measured():
            take(actor, batch)
            take_batch(batch.pk, actor)
        batch.refresh_from_db()
        if batch.receipt.get("taken") != ROWS:
            raise SystemExit(f"not taken: {batch.state} {batch.problem} {batch.receipt}")
    finally:
        batch.file.delete(save=False)


def _trouble(batch: Any) -> str:
    from portal.sheets.preview import all_findings

    said = [str(each) for each in all_findings(batch)[:5]]
    return f"{batch.ready} of {ROWS} rows ready, {batch.state} {batch.problem}: {said}"


def bare(data: bytes, limit: Measure) -> None:
    """Read the bytes and copy the cells: what no import can be faster than."""
    from django.db import connection
    from python_calamine import load_workbook

    with limit.measured(), connection.cursor() as cursor:
        rows = load_workbook(BytesIO(data)).get_sheet_by_index(0).to_python()
        width = max(map(len, rows))
        columns = ", ".join(f"c{number} text" for number in range(width))
        cursor.execute(f"CREATE TEMPORARY TABLE bare_limit ({columns}) ON COMMIT DROP")
        lines = StringIO(newline="")
        csv.writer(lines).writerows([*row, *[""] * (width - len(row))] for row in rows)
        lines.seek(0)
        cursor.cursor.copy_expert("COPY bare_limit FROM STDIN (FORMAT csv)", lines)


def main() -> int:
    """Print the figures."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings

    from programs.models import Program
    from quotas.demo import clerk_of

    program = Program.objects.select_related("rulebook", "office__parent").filter(demo=True).first()
    if program is None or not settings.DEMO:
        raise SystemExit(
            "Load the demo first, and run with DEMO=1: its clock stands within the nominations' window."
        )
    preview, taking, limit = Measure(), Measure(), Measure()
    for _repeat in range(REPEATS):
        with undone():
            bureau, quotas = give_seats(program)
            data = annex_4(bureau, quotas)
            ours(clerk_of(bureau), program, data, preview, taking)
        with undone():
            bare(data, limit)
    _report(preview, taking, limit)
    return 0


def _report(preview: Measure, taking: Measure, limit: Measure) -> None:
    print(f"annex 4 with {ROWS} people, median of {REPEATS}, seconds (all):")
    for words, each in (
        ("upload and check", preview),
        ("take", taking),
        ("bare: calamine and COPY", limit),
    ):
        every = ", ".join(f"{seconds:.2f}" for seconds in each.times)
        print(f"  {words:26} {each.seconds:6.2f}  ({every})  {each.queries:4d} queries")
    whole = preview.seconds + taking.seconds
    print(f"  both together: {whole:.2f} s, {whole / limit.seconds:.1f} times the bare limit")


if __name__ == "__main__":
    raise SystemExit(main())
