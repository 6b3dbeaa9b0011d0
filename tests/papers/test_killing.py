"""A worker that is really killed: by SIGKILL, in a process of its own, at whatever line it happens to be."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from portal.accounts.roles import Role
from portal.papers.models import IssuedPaper, PaperBatch, PaperState
from portal.papers.services import assembling, downloading, printing, starting
from portal.papers.services.starting import print_papers
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.papers import pdf as look
from tests.papers.conftest import CODE

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("甲一", "乙二", "丙三", "丁四", "戊五", "己六", "庚七", "辛八", "壬九", "癸十")


@contextmanager
def printer(batch: PaperBatch, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process at work on the run, in this test's database."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    environment = {**os.environ, "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}"}
    command = [sys.executable, "-m", "tests.papers.printer", str(batch.pk), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        yield process


def printed(batch: PaperBatch) -> int:
    return printing.progress(batch.pk)[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("form_kind")
def test_what_a_killed_worker_printed_stays_and_the_rest_follows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(starting, "CHUNK", 1)
    bureau = BureauFactory()
    schools = [SchoolFactory(parent=bureau, contact_name=name) for name in NAMES]
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    batch = print_papers(clerk, None, kind=CODE, subjects=[each.pk for each in schools], at_once=True)
    with printer(batch, tmp_path) as process:
        deadline = time.monotonic() + 120
        while not printed(batch) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    done = printed(batch)
    assert 0 < done < len(NAMES)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("part-*.pdf")}
    batch.chunks.filter(done_at=None).update(leased_until=timezone.now() - timedelta(seconds=1))
    while printing.print_free_chunk(batch.pk):
        pass
    pages = look.texts(downloading.result(assembling.assemble(batch.pk)).read_bytes())
    assert [name in page for name, page in zip(NAMES, pages, strict=True)] == [True] * len(NAMES)
    assert IssuedPaper.objects.filter(state=PaperState.VALID).count() == len(NAMES)
    unchanged = [path for path, changed in kept.items() if path.stat().st_mtime_ns == changed]
    assert len(unchanged) >= done
