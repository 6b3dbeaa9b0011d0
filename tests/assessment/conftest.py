"""An open class whose trainees have reported, on the morning of its first day."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.assessment.classroom import Classroom, make_classroom
from tests.programs.world import moment, set_clock


@pytest.fixture
def classroom(db: None, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Classroom:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, moment(10, 24))
    made = make_classroom()
    set_clock(monkeypatch, moment(11, 9, 9))
    return made
