"""The grade scale: read from the notice, changed on screen, amended after publication."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from assessment.models import GradeLevel
from assessment.notice.scale import load_grades, preview_grades
from assessment.services.scale import FIELDS, TABLE, edit_grades
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

GOOD = {"code": "good", "name": "良好", "passing": True, "cap": Decimal("0.3"), "clause": None}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook) -> list[dict[str, Any]]:
    return [row | {"clause": None} for row in TABLE.stored(rulebook).values("code", *FIELDS)]


def url(rulebook: Rulebook) -> str:
    return reverse("assessment:grades", args=[rulebook.pk])


def test_the_notice_gives_three_grades_the_best_for_a_fifth(rulebook: Rulebook) -> None:
    found = list(rulebook.grade_levels.values_list("name", "passing", "cap"))
    assert found == [("优秀", True, Decimal("0.2")), ("合格", True, None), ("不合格", False, None)]


def test_loading_again_keeps_the_rows(rulebook: Rulebook) -> None:
    before = list(GradeLevel.objects.values("pk", "name", "cap"))
    given = [
        {"code": "excellent", "name": "优秀", "passing": True, "cap": "0.2", "clause": "CQ20-5.2"},
        {"code": "pass", "name": "合格", "passing": True, "clause": "CQ20-5.2"},
        {"code": "fail", "name": "不合格", "passing": False, "clause": "CQ20-5.2"},
    ]
    load_grades(rulebook, given)
    assert list(GradeLevel.objects.values("pk", "name", "cap")) == before


def test_the_preview_says_the_share_in_per_cent() -> None:
    rows = [{"name": "优秀", "passing": True, "cap": "0.2"}, {"name": "合格", "passing": True}]
    assert preview_grades(rows) == ["优秀（不超过20%）", "合格"]


def test_a_draft_gets_a_grade_between(manager: Actor, rulebook: Rulebook) -> None:
    wanted = rows(rulebook)
    edit_grades(manager, rulebook, version=rulebook.version, rows=[wanted[0], GOOD, *wanted[1:]])
    assert [each.name for each in GradeLevel.objects.all()] == ["优秀", "良好", "合格", "不合格"]


@pytest.mark.parametrize("cap", [Decimal("0"), Decimal("-0.1"), Decimal("1.5")])
def test_a_cap_that_is_no_share_is_refused(manager: Actor, rulebook: Rulebook, cap: Decimal) -> None:
    with pytest.raises(Invalid, match="“良好”的比例上限"):
        edit_grades(manager, rulebook, version=rulebook.version, rows=[*rows(rulebook), GOOD | {"cap": cap}])


def test_somebody_must_be_able_to_pass(manager: Actor, rulebook: Rulebook) -> None:
    with pytest.raises(Invalid, match="无人可以结业"):
        edit_grades(manager, rulebook, version=rulebook.version, rows=[GOOD | {"passing": False}])
    with pytest.raises(Invalid, match="不足100%"):
        edit_grades(manager, rulebook, version=rulebook.version, rows=[GOOD])
    edit_grades(manager, rulebook, version=rulebook.version, rows=[GOOD | {"cap": Decimal(1)}])
    assert GradeLevel.objects.get().name == "良好"


def test_after_publication_the_change_is_dated_and_reasoned(manager: Actor, rulebook: Rulebook) -> None:
    Rulebook.objects.update(published_at=clock.now())
    rulebook = Rulebook.objects.get()
    wanted = rows(rulebook)
    wanted[0]["cap"] = Decimal("0.155")
    with pytest.raises(Invalid, match="理由"):
        edit_grades(manager, rulebook, version=rulebook.version, rows=wanted)
    rulebook = Rulebook.objects.get()
    edit_grades(manager, rulebook, version=rulebook.version, rows=wanted, why=Why("省级要求"))
    made = Amendment.objects.get()
    assert made.before["excellent"].startswith("优秀（不超过20%）")
    assert made.after["excellent"] == "优秀（不超过15.5%）"


def test_another_office_may_not(rulebook: Rulebook) -> None:
    with pytest.raises(NotAllowed):
        edit_grades(make_manager(), rulebook, version=rulebook.version, rows=[GOOD])


def test_the_page_shows_and_takes_per_cent(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    assert url(rulebook) in client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    assert 'value="20.0"' in client.get(url(rulebook)).content.decode()
    posted = rows(rulebook)
    posted[0]["cap"] = "25"
    assert client.post(url(rulebook), rows_form(rulebook, posted, stored=3)).status_code == 302
    caps = dict(GradeLevel.objects.values_list("code", "cap"))
    assert caps == {"excellent": Decimal("0.25"), "pass": None, "fail": None}
    posted[0]["cap"] = "120"
    rulebook.refresh_from_db()
    assert client.post(url(rulebook), rows_form(rulebook, posted, stored=3)).status_code == 422
