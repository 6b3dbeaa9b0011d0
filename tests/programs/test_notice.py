"""What a notice file says of programmes is read as it says, twice the same, and refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from portal.errors import Invalid
from portal.operations.act import Act
from portal.rulebook.models import Rulebook
from programs import notice
from programs.models import Category, DeliverableRequirement, Program
from tests.programs.world import SYSTEM, World

pytestmark = pytest.mark.django_db

PLAN: dict[str, Any] = {"code": "plan", "name": "培训方案", "anchor": "start", "offset_days": -10}


def act(draft: World) -> Act:
    from portal import clock

    return Act(SYSTEM, clock.now(), draft.program.rulebook)


@pytest.mark.clause("CQ20-1.1")
def test_the_programme_has_the_ten_categories_of_the_notice(draft: World) -> None:
    """The projects of each category come with annex 2, later."""
    rows = Category.objects.filter(program=draft.program).select_related("clause")
    assert len(rows) == 10
    assert {each.clause.code for each in rows if each.clause} == {"CQ20-1.1"}
    assert [each.position for each in rows] == list(range(1, 11))


def test_the_programme_belongs_to_the_office_and_the_year(draft: World) -> None:
    program = Program.objects.get()
    assert (program.office, program.year, program.level, program.state) == (
        draft.office,
        2020,
        "national",
        "draft",
    )


def test_loading_again_renews_the_same_programme(draft: World) -> None:
    rulebook = draft.program.rulebook
    notice.load_program(act(draft), rulebook, {"year": 2021, "level": "provincial"})
    program = Program.objects.get()
    assert (program.pk, program.year, program.level) == (draft.program.pk, 2021, "provincial")


def test_an_unknown_level_is_refused(draft: World) -> None:
    with pytest.raises(Invalid, match="level “moon”"):
        notice.load_program(act(draft), draft.program.rulebook, {"year": 2020, "level": "moon"})


def test_a_rulebook_without_office_has_no_programme(draft: World) -> None:
    orphan = Rulebook.objects.create(notice=draft.program.rulebook.notice, title="无项目办")
    with pytest.raises(Invalid, match="指明项目办"):
        notice.load_program(act(draft), orphan, {"year": 2020})


def test_categories_and_deliverables_become_those_of_the_file(draft: World) -> None:
    rulebook = draft.program.rulebook
    kept = Category.objects.get(program=draft.program, position=1)
    notice.load_categories(rulebook, [{"code": kept.code, "name": "改名"}])
    assert list(Category.objects.values_list("pk", "name")) == [(kept.pk, "改名")]
    notice.load_deliverables(rulebook, [PLAN])
    assert list(DeliverableRequirement.objects.values_list("code", "minimum")) == [("plan", 1)]


def test_the_preview_says_when_and_how_many() -> None:
    after = PLAN | {"name": "简报", "anchor": "end", "offset_days": 15, "minimum": 2}
    assert notice.preview_deliverables([PLAN, after]) == [
        "培训方案：开班前10天，至少1份",
        "简报：结束后15天，至少2份",
    ]
    assert notice.preview_categories([{"code": "A", "name": "名师"}]) == ["A 名师"]
