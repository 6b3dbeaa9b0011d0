"""What a refused upload leaves in the store goes after a day; what a record names stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from portal.jobs.tasks import sweep_orphaned_files
from portal.orphans import KEPT, sweep_orphans
from portal.sheets.models import ImportBatch
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

Store = Callable[..., str]
OLD = KEPT.total_seconds() + 60


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def store(files: Path) -> Store:
    def stored(name: str, *, age: float = OLD) -> str:
        name = default_storage.save(name, ContentFile(b"content"))
        then = time.time() - age
        os.utime(files / name, (then, then))
        return name

    return stored


def batch_with(number: str, **names: str) -> ImportBatch:
    return ImportBatch.objects.create(number=number, kind="tests", size=7, uploader=UserFactory(), **names)


def test_what_no_record_names_is_removed_after_a_day(store: Store) -> None:
    scan, upload = store("scans/a.pdf"), store("imports/a.xlsx")
    fresh = store("scans/fresh.pdf", age=KEPT.total_seconds() - 60)
    assert sweep_orphaned_files() == 2
    assert [default_storage.exists(each) for each in (scan, upload, fresh)] == [False, False, True]


def test_what_any_column_names_stays(store: Store) -> None:
    batch_with("B1", file=store("imports/upload.xlsx"), marked=store("imports/marked.xlsx"))
    assert sweep_orphans() == 0
    assert default_storage.exists("imports/upload.xlsx")
    assert default_storage.exists("imports/marked.xlsx")


def test_folders_that_no_column_uploads_into_are_left_alone(store: Store) -> None:
    kept = store("papers/0123/papers.pdf")
    assert sweep_orphans() == 0
    assert default_storage.exists(kept)


def test_a_run_removes_only_so_many_and_the_next_goes_on(store: Store) -> None:
    for number in range(5):
        store(f"scans/{number}.pdf")
    assert [sweep_orphans(2) for _run in range(4)] == [2, 2, 1, 0]
