"""Imports: annex 4 with 3,000 people, checked and then taken, beside two limits over the same file.

Both limits read the same bytes with calamine in one pass: no sandbox, no rules, no encryption, no findings. "Same rows" then
copies, ready made, the rows that our import wrote into the tables where they stand, with their keys and indexes. "Cells"
copies the file's cells into a table of text without index or key. Ours and the limits take turns three times in the same
run and are told as medians; what a commit would check is checked within each of them. A bureau of the demo is given the
seats; everything happens in transactions that are rolled back, and the uploaded files are removed.
"""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO, StringIO
from random import Random
from typing import Any

ROWS, REPEATS = 3_000, 3
TARGET, MOST_QUERIES = 0.5, 30
# No teacher of the demo has an ID number of this region or a telephone that begins so.
REGION, PHONE = "110101", "198"


@dataclass
class Measure:
    """Seconds of each repeat; the queries of the last, and the savepoints around them."""

    times: list[float] = field(default_factory=list)
    queries: int = 0
    savepoints: int = 0

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)

    @contextmanager
    def measured(self) -> Iterator[None]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        began = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            yield
        connection.check_constraints()
        self.times.append(time.perf_counter() - began)
        statements = [each["sql"] for each in captured.captured_queries]
        self.savepoints = sum(each.startswith(("SAVEPOINT", "RELEASE")) for each in statements)
        self.queries = len(statements) - self.savepoints


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


@dataclass
class Written:
    """The rows that an import writes, table by table in an order that keys allow, as COPY gives and takes them."""

    tables: dict[str, StringIO] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_now_on(cls) -> Written:
        from django.db import connection

        from enrollment.models import Nomination, NominationSheet
        from portal.jobs.models import Job
        from portal.operations.models import AuditEntry
        from portal.people.models import Teacher
        from portal.sheets.models import ImportBatch, PreviewPage
        from quotas.models import QuotaMovement

        models = (
            *(Job, ImportBatch, PreviewPage, Teacher, NominationSheet),
            *(Nomination, QuotaMovement, AuditEntry),
        )
        made = cls()
        with connection.cursor() as cursor:
            for table in (each._meta.db_table for each in models):
                cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - our own names
                (made.last[table],) = cursor.fetchone()
        return made

    def note(self) -> None:
        """Keep what was written since."""
        from django.db import connection

        with connection.cursor() as cursor:
            for table, last in self.last.items():
                self.tables[table] = StringIO(newline="")
                rows = f"SELECT * FROM {table} WHERE id > {last} ORDER BY id"  # noqa: S608 - our own names
                cursor.cursor.copy_expert(f"COPY ({rows}) TO STDOUT", self.tables[table])


def ours(actor: Any, program: Any, data: bytes, preview: Measure, taking: Measure) -> Written:
    """Upload, check and take as the page and the worker do; return what was written.

    Raises SystemExit unless every row is taken.
    """
    from django.core.files.uploadedfile import SimpleUploadedFile

    from enrollment.imports import KIND
    from portal.sheets.models import ImportBatch
    from portal.sheets.services.running import preview_batch, take_batch
    from portal.sheets.services.uploading import take, upload

    written = Written.from_now_on()
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
        written.note()
    finally:
        batch.file.delete(save=False)
    return written


def require_open(actor: Any, program: Any) -> None:
    """Raise SystemExit, saying what to do, when the demo's clock stands outside the window of nominations."""
    from enrollment.imports import prepare
    from portal.errors import DomainError

    try:
        prepare(actor, {"program": str(program.pk)})
    except DomainError as refused:
        raise SystemExit(
            f"{refused.message}\nMove the clock first: bin/manage demo_clock 2020-10-25"
        ) from None


def _trouble(batch: Any) -> str:
    from portal.sheets.preview import all_findings

    said = [str(each) for each in all_findings(batch)[:5]]
    return f"{batch.ready} of {ROWS} rows ready, {batch.state} {batch.problem}: {said}"


def same_rows(data: bytes, written: Written, limit: Measure) -> None:
    """Read the bytes and copy the rows that we wrote, ready made, to where we wrote them."""
    from django.db import connection
    from python_calamine import load_workbook

    with limit.measured(), connection.cursor() as cursor:
        load_workbook(BytesIO(data)).get_sheet_by_index(0).to_python()
        for table, lines in written.tables.items():
            lines.seek(0)
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", lines)


def cells(data: bytes, limit: Measure) -> None:
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
    preview, taking, rows, bare = Measure(), Measure(), Measure(), Measure()
    for _repeat in range(REPEATS):
        with undone():
            bureau, quotas = give_seats(program)
            clerk = clerk_of(bureau)
            require_open(clerk, program)
            written = ours(clerk, program, data := annex_4(bureau, quotas), preview, taking)
        with undone():
            same_rows(data, written, rows)
        with undone():
            cells(data, bare)
    _report(preview, taking, rows, bare)
    return 0


def _report(preview: Measure, taking: Measure, rows: Measure, bare: Measure) -> None:
    print(f"annex 4 with {ROWS} people, median of {REPEATS}, seconds (all):")
    for words, each in (
        ("upload and check", preview),
        ("take", taking),
        ("limit: COPY of the same rows", rows),
        ("limit: COPY of the cells", bare),
    ):
        every = ", ".join(f"{seconds:.2f}" for seconds in each.times)
        counts = f"{each.queries:3d} queries" + (
            f", {each.savepoints} for savepoints" if each.savepoints else ""
        )
        print(f"  {words:28} {each.seconds:6.2f}  ({every})" + (f"  {counts}" if each.queries else ""))
    whole = preview.seconds + taking.seconds
    print(f"  preview and take: {whole:.2f} s, {ROWS / whole:.0f} rows/s")
    share, of_cells = (_share(limit, preview, taking) for limit in (rows, bare))
    print(f"  share of the limit: {share:.0%} of the same rows, {of_cells:.0%} of the cells")
    most = max(preview.queries, taking.queries)
    met = share >= TARGET and most <= MOST_QUERIES
    print(f"  target: at least {TARGET:.0%}, at most {MOST_QUERIES} queries: {'met' if met else 'MISSED'}")


def _share(limit: Measure, *ours: Measure) -> float:
    """The median of what each repeat says: the machine's pace changes between them more than within one."""
    spent = [sum(times) for times in zip(*(each.times for each in ours), strict=True)]
    return statistics.median(least / seconds for least, seconds in zip(limit.times, spent, strict=True))


if __name__ == "__main__":
    raise SystemExit(main())
