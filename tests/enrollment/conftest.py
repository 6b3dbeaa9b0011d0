"""The day after the notice, unless a test sets another; a programme whose bureau and college have seats."""

from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.enrollment.support import Scene, make_scene
from tests.programs.world import DAY_AFTER_THE_NOTICE, clock_at, set_clock
from tests.shared import shares


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, DAY_AFTER_THE_NOTICE)


@pytest.fixture(autouse=True)
def _files_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(scope="module")
def shared_scene(shared_database: None, request: pytest.FixtureRequest) -> Scene | None:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_scene() if shares(request) else None


@pytest.fixture
def scene(db: None, shared_scene: Scene | None) -> Scene:
    return deepcopy(shared_scene) or make_scene()
