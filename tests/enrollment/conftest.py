"""The day after the notice, unless a test sets another; a programme whose bureau and college have seats."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.enrollment.support import Scene, make_scene
from tests.programs.world import moment, set_clock


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(10, 24))


@pytest.fixture(autouse=True)
def _files_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()
