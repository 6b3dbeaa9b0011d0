"""The walk of bad files through the import of annex 4: each refused in words that say what to do, nothing written, and
the same process takes a good file afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enrollment.imports import KIND
from enrollment.models import Nomination, NominationSheet
from portal.errors import FileRefused
from portal.people.models import Teacher
from portal.sheets.models import BatchState
from portal.sheets.services.running import preview_batch
from portal.sheets.services.uploading import upload
from tests.enrollment.support import Scene, pdf, picture
from tests.enrollment.test_imports import HEAD, previewed, row
from tests.imports import book, said, taken
from tests.programs.world import as_actor
from tests.sheets.samples import rezipped, saved
from tests.sheets.test_hostile_files import SHEET, encrypted, far_cell, ole_file

pytestmark = pytest.mark.django_db


def too_long() -> bytes:
    made = openpyxl.Workbook(write_only=True)
    page = made.create_sheet()
    page.append(HEAD)
    for number in range(20_001):
        page.append([number, "演示"])
    return saved(made)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a picture": (lambda: picture().read(), "xlsx"),
    "a pdf": (lambda: pdf().read(), "xlsx"),
    "a csv": (lambda: "姓名,身份证号\n张三,1".encode("gbk"), "另存为"),
    "noise behind the extension": (lambda: b"PK\x03\x04" + os.urandom(300), "重新"),
    "a password": (encrypted, "密码"),
    "an old xls or et": (ole_file, "另存为"),
    "a zip bomb": (lambda: rezipped(book(HEAD), {SHEET: b"<worksheet>" + b" " * 5_000_000}), ""),
    "a cell at XFD1048576": (lambda: far_cell("XFD1048576", 16384, 1048576), "XFD1048576"),
    "20,001 rows": (too_long, "20000"),
    "another table": (lambda: book(["甲", "乙"], ["1", "2"]), "模板"),
}


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Nomination, NominationSheet, Teacher))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", list(FILES))
def test_a_bad_file_is_refused_writes_nothing_and_the_next_good_one_is_taken(scene: Scene, name: str) -> None:
    make, advice = FILES[name]
    before = written()
    file = SimpleUploadedFile("附件4.xlsx", make())
    try:
        batch = upload(
            scene.clerk, None, kind=KIND, file=file, params={"program": str(scene.project.program.pk)}
        )
        preview_batch(batch.pk)
        batch.refresh_from_db()
        assert batch.state == BatchState.REFUSED
        reason = batch.problem
        page = as_actor(scene.clerk).get(reverse("sheets:batch", args=[batch.number])).content.decode()
        assert reason[:8] in page
    except FileRefused as refused:
        reason = str(refused.message)
    assert advice.replace(",", "") in reason.replace(",", "")
    assert written() == before
    good = previewed(scene, row(scene, 1))
    assert (good.ready, taken(scene.clerk, good).state) == (1, BatchState.TAKEN), said(good)


def test_bad_cells_are_told_one_by_one_and_only_sound_rows_are_taken(scene: Scene) -> None:
    """A number for a text, script and controls in names, a formula without its result, the same person twice."""
    phone = int(row(scene, 2)[HEAD.index("手机")])
    batch = previewed(
        scene,
        row(scene, 1),
        row(scene, 2, 手机=phone),
        row(scene, 3, 姓名="李演示\u202e\u200b丁"),
        row(scene, 4, 姓名="<script>alert(1)</script>"),
        row(scene, 5, 姓名='=HYPERLINK("http://x","y")'),
        row(scene, 1),
    )
    page = as_actor(scene.clerk).get(reverse("sheets:batch", args=[batch.number])).content.decode()
    assert "<script>alert(1)" not in page
    assert set(said(batch)) >= {5, 6, 7}, "formula, repeated and odd names are each told"
    done = taken(scene.clerk, batch)
    assert done.state == BatchState.TAKEN
    names = list(Nomination.objects.values_list("teacher__name", flat=True))
    assert {"李演示乙", "李演示丙", "李演示丁"} <= set(names)
    assert not [name for name in names if "=" in name or "\u202e" in name]
