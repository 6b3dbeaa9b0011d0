"""Review chains out of a notice file."""

from typing import Any

import pytest

from portal.errors import Invalid
from portal.reviews import section
from portal.reviews.models import ReviewChain, ReviewStep
from portal.rulebook.sections import sections
from tests.reviews.support import KIND, World

OFFICE = {"name": "项目办审核", "role": "office_reviewer", "where": "project_office", "days": 3}
BUREAU = {"name": "区县审批", "role": "bureau_approver", "where": "bureau"}
CHAIN: dict[str, Any] = {
    "subject_kind": KIND,
    "organization_kind": "school",
    "name": "推荐人选",
    "clause": "TEST-1",
    "phase": "eligibility_review",
    "steps": [BUREAU, OFFICE],
}


@pytest.fixture
def empty(world: World) -> World:
    ReviewChain.objects.all().delete()
    return world


def steps() -> list[tuple[Any, ...]]:
    return list(
        ReviewStep.objects.order_by("chain", "position").values_list(
            "position", "name", "role", "where", "days"
        )
    )


def test_the_section_is_plugged_in() -> None:
    found = next(each for each in sections() if each.key == "review_chains")
    assert (found.table, found.load, found.preview) == ("review_chain", section.load, section.preview)


def test_loading_twice_changes_nothing(empty: World) -> None:
    section.load(empty.rulebook, [CHAIN])
    chain, first = ReviewChain.objects.get(), steps()
    assert (chain.clause, chain.phase, chain.organization_kind) == (
        empty.clause,
        "eligibility_review",
        "school",
    )
    assert first == [
        (1, "区县审批", "bureau_approver", "bureau", None),
        (2, "项目办审核", "office_reviewer", "project_office", 3),
    ]
    section.load(empty.rulebook, [CHAIN])
    assert (ReviewChain.objects.get().pk, steps()) == (chain.pk, first)


def test_what_the_file_no_longer_says_goes(empty: World) -> None:
    section.load(empty.rulebook, [CHAIN, CHAIN | {"organization_kind": "", "clause": ""}])
    section.load(empty.rulebook, [CHAIN | {"steps": [OFFICE]}])
    assert [each[1] for each in steps()] == ["项目办审核"]
    assert ReviewChain.objects.count() == 1


def test_a_chain_or_step_in_use_stays(world: World) -> None:
    world.open(*world.subjects())
    with pytest.raises(Invalid, match="已有审核"):
        section.load(world.rulebook, [CHAIN | {"organization_kind": ""}])
    world.open(*world.subjects(), origin=world.bureau)
    shorter = [CHAIN | {"steps": [OFFICE]}, CHAIN | {"organization_kind": "", "steps": [OFFICE]}]
    ReviewStep.objects.filter(chain__organization_kind="school").exclude(position=1).delete()
    ReviewStep.objects.filter(chain__organization_kind="school").update(position=2)
    with pytest.raises(Invalid, match="已有审核"):
        section.load(world.rulebook, shorter)


def test_the_preview_names_hands_in_order_before_any_clause_is_loaded(db: None) -> None:
    (line,) = section.preview([CHAIN])
    assert line == "推荐人选：区县审批（区县教育行政部门 · 区县审批人） → 项目办审核（项目办 · 项目办审核员）"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"role": "boss"}, "role"),
        ({"where": "moon"}, "where"),
        ({"where": "school"}, "where"),
        ({"days": -1}, "days"),
        ({"days": "3"}, "days"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_step_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"第1个.*{named}"):
        section.preview([CHAIN | {"steps": [OFFICE | change]}])


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (CHAIN | {"organization_kind": "moon"}, "organization_kind"),
        (CHAIN | {"steps": []}, "steps"),
        (CHAIN | {"weight": 1}, "weight"),
        ({"name": "缺少事项", "steps": [OFFICE]}, "subject_kind"),
    ],
)
def test_a_wrong_table_is_named(table: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"第2个.*{named}"):
        section.preview([CHAIN, table])


def test_a_clause_that_is_not_in_the_notice_is_refused(empty: World) -> None:
    with pytest.raises(Invalid, match=r"clause.*TEST-9"):
        section.load(empty.rulebook, [CHAIN | {"clause": "TEST-9"}])
    assert not ReviewChain.objects.exists()
