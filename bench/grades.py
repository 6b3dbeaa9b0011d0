"""Grades: one workbook of 100 classes × 50 trainees taken through the import, beside COPY of the same rows.

The limit reads the same bytes with calamine and then copies, ready made, the rows that our import wrote into the tables
where they stand, with their keys, checks and indexes: no sandbox, no rules, no encryption. Taking alone is told beside the
copying alone. Ours and the limit take turns three times in the same run and are told as medians.
Everything happens in transactions that are rolled back, and the uploaded files are removed. The trainees are made for the
purpose in classes of a base of the demo.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from bench.imports import Measure, Written, undone

CLASSES, PEOPLE, REPEATS = 100, 50, 3
EXCELLENT = PEOPLE // 5
REGION, PHONE = "110102", "197"


def make_classes(program: Any) -> tuple[Any, list[Any]]:
    """CLASSES open classes of one base, each with PEOPLE trainees who have come; the base's administrator."""
    from portal.accounts.models import Membership
    from portal.accounts.roles import Role
    from portal.operations.actor import Actor
    from programs.models import ClassState, TrainingClass

    held = Membership.objects.current().filter(role=Role.BASE_ADMIN).select_related("user", "organization")
    actor = Actor.of(held.order_by("pk")[0])
    project = program.projects.order_by("pk")[0]
    classes = TrainingClass.objects.bulk_create(
        TrainingClass(
            project=project,
            base=actor.organization,
            number=1000 + index,
            name=f"演示测算班{index}",
            starts_on=date(2020, 11, 1),
            ends_on=date(2020, 11, 10),
            place="演示",
            capacity=PEOPLE,
            taken=PEOPLE,
            contact_name="演示",
            contact_phone="023-10000000",
            state=ClassState.OPEN,
        )
        for index in range(CLASSES)
    )
    make_trainees(project, classes)
    return actor, classes


def make_trainees(project: Any, classes: list[Any]) -> None:
    from enrollment.models import Arrival, ArrivalMethod, CheckIn, Enrollment, EnrollmentState, Nomination
    from portal import clock
    from portal.organizations.models import Organization
    from portal.people.models import Teacher
    from quotas.models import Quota

    now, quota = clock.now(), Quota.objects.filter(project=project).first() or Quota.objects.all()[0]
    school = Organization.objects.filter(kind="school").order_by("pk")[0]
    places = [found for found in classes for _seat in range(PEOPLE)]
    teachers = Teacher.objects.bulk_create(_teacher(index, school) for index in range(len(places)))
    shared = {"project": project, "organization": quota.organization, "school": school, "created_at": now}
    nominations = Nomination.objects.bulk_create(
        Nomination(program=project.program, teacher=each, quota=quota, training_class=found, **shared)
        for each, found in zip(teachers, places, strict=True)
    )
    rows = Enrollment.objects.bulk_create(
        Enrollment(
            nomination=each,
            teacher=each.teacher,
            training_class=each.training_class,
            state=EnrollmentState.CONFIRMED,
            **shared,
        )
        for each in nominations
    )
    CheckIn.objects.bulk_create(
        CheckIn(
            enrollment=each,
            training_class=each.training_class,
            state=Arrival.PRESENT,
            method=ArrivalMethod.LIST,
            at=now,
            by_name="演示",
        )
        for each in rows
    )


def _teacher(index: int, school: Any) -> Any:
    from portal.people.demo import SEQUENCES
    from portal.people.identity import compose_id
    from portal.people.models import Teacher

    born = date(1980, 1, 1) + timedelta(days=index // len(SEQUENCES))
    made = Teacher(
        name=f"演示{index}",
        id_number=compose_id(REGION, born, SEQUENCES[index % len(SEQUENCES)]),
        phone=f"{PHONE}{index:08d}",
        birth_date=born,
        school=school,
    )
    made.fill_keys()
    return made


def workbook(program: Any, classes: list[Any]) -> bytes:
    """The sheet: of each class a fifth excellent, the others pass."""
    from assessment.sheets import grade_sheet, scale_of
    from enrollment.models import Enrollment
    from portal.sheets.export import export

    people = Enrollment.objects.filter(training_class__in=classes).select_related("teacher", "training_class")
    seen: dict[int, int] = {}

    def rows() -> Any:
        for each in people.order_by("pk"):
            place = seen[each.training_class_id] = seen.get(each.training_class_id, 0) + 1
            yield {
                "class": each.training_class.name,
                "name": each.teacher.name,
                "id_number": each.teacher.id_number,
                "performance_mark": 80 + place % 20,
                "outcome_mark": 75 + place % 25,
                "level": "excellent" if place <= EXCELLENT else "pass",
                "comment": "学习认真",
            }

    with export(grade_sheet(scale_of(program.rulebook)), rows()) as file:
        return file.read()


def ours(actor: Any, program: Any, data: bytes, preview: Measure, taking: Measure) -> Written:
    """Upload, check and take as the page and the worker do; return what was written."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from assessment.imports import KIND
    from portal.sheets.models import ImportBatch
    from portal.sheets.services.running import preview_batch, take_batch
    from portal.sheets.services.uploading import take, upload

    written, file = watched(), SimpleUploadedFile("grades.xlsx", data)
    with preview.measured():
        batch = upload(actor, None, kind=KIND, file=file, params={"program": str(program.pk)})
        preview_batch(batch.pk)
    try:
        batch = ImportBatch.objects.select_related("organization").get(pk=batch.pk)
        if batch.ready != CLASSES * PEOPLE:
            raise SystemExit(f"{batch.ready} rows ready, {batch.state} {batch.problem}")
        with taking.measured():
            take(actor, batch)
            take_batch(batch.pk, actor)
        batch.refresh_from_db()
        if batch.receipt.get("taken") != CLASSES * PEOPLE:
            raise SystemExit(f"not taken: {batch.state} {batch.problem} {batch.receipt}")
        written.note()
    finally:
        batch.file.delete(save=False)
    return written


def watched() -> Written:
    """The tables that an import of grades writes, from now on."""
    from django.db import connection

    from assessment.models import ClassGrading, Grade, LevelTally
    from portal.jobs.models import Job
    from portal.operations.models import AuditEntry
    from portal.sheets.models import ImportBatch, PreviewPage

    made = Written()
    with connection.cursor() as cursor:
        for model in (Job, ImportBatch, PreviewPage, ClassGrading, LevelTally, Grade, AuditEntry):
            table = model._meta.db_table
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - our own names
            (made.last[table],) = cursor.fetchone()
    return made


def bare(data: bytes, written: Written, reading: Measure, copying: Measure) -> None:
    """Read the bytes; copy the rows that we wrote, ready made, to where we wrote them."""
    from django.db import connection
    from python_calamine import load_workbook

    with reading.measured():
        load_workbook(BytesIO(data)).get_sheet_by_index(0).to_python()
    with copying.measured(), connection.cursor() as cursor:
        for table, lines in written.tables.items():
            lines.seek(0)
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", lines)


def main() -> int:
    """Print the figures."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.urls import reverse

    from portal import clock
    from programs.models import Program

    program = Program.objects.select_related("rulebook", "office__parent").filter(demo=True).first()
    if program is None or not settings.DEMO:
        raise SystemExit("Load the demo first, and run with DEMO=1.")
    phase = program.rulebook.phase("closing")
    if phase is not None and phase.opens_at is not None:
        at = phase.opens_at + timedelta(days=30)
        clock.now = lambda: at  # type: ignore[assignment]
    # A worker that has been running knows its addresses; the first to ask imports every page.
    reverse("assessment:grade_list")
    preview, taking, reading, copying = Measure(), Measure(), Measure(), Measure()
    for _repeat in range(REPEATS):
        with undone():
            actor, classes = make_classes(program)
            data = workbook(program, classes)
            # What the made-up people's keys would be checked for at commit is neither ours nor the limit's to wait for.
            connection.check_constraints()
            with undone():
                written = ours(actor, program, data, preview, taking)
            with undone():
                bare(data, written, reading, copying)
    _report(preview, taking, reading, copying)
    return 0


def _report(preview: Measure, taking: Measure, reading: Measure, copying: Measure) -> None:
    print(f"grades of {CLASSES} classes × {PEOPLE} trainees, median of {REPEATS}, seconds (all):")
    for words, each in (
        ("upload and check", preview),
        ("take", taking),
        ("limit: calamine", reading),
        ("limit: COPY of the same rows", copying),
    ):
        every = ", ".join(f"{seconds:.2f}" for seconds in each.times)
        print(f"  {words:32} {each.seconds:6.2f}  ({every})  {each.queries:4d} queries")
    whole, limit = preview.seconds + taking.seconds, reading.seconds + copying.seconds
    print(f"  taking: {copying.seconds / taking.seconds:.0%} of COPY's speed")
    print(f"  all: {whole:.2f} s beside {limit:.2f} s, {limit / whole:.0%} of the limit")


if __name__ == "__main__":
    raise SystemExit(main())
