"""What bases owe for each class: read from the notice, changed on screen, amended after publication."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal import clock
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from programs.models import DeliverableRequirement
from programs.services.deliverables import FIELDS, TABLE, edit_deliverables
from tests.factories import make_actor
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

SAFETY = {
    "code": "safety_plan",
    "name": "安全预案",
    "anchor": "start",
    "offset_days": -5,
    "minimum": 1,
    "clause": None,
}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook) -> list[dict[str, Any]]:
    clauses = {each.pk: each for each in rulebook.notice.clauses.all()}
    return [
        row | {"clause": clauses.get(row["clause"])} for row in TABLE.stored(rulebook).values("code", *FIELDS)
    ]


def publish(rulebook: Rulebook) -> Rulebook:
    Rulebook.objects.update(published_at=clock.now())
    return Rulebook.objects.get(pk=rulebook.pk)


def url(rulebook: Rulebook) -> str:
    return reverse("programs:deliverables", args=[rulebook.pk])


def test_the_notice_gives_eight_requirements_with_their_clauses(rulebook: Rulebook) -> None:
    found = {each.code: each for each in rulebook.deliverables.select_related("clause")}
    assert len(found) == 8
    plan = found["training_plan"]
    assert plan.clause is not None
    assert (plan.anchor, plan.offset_days, plan.clause.code[:4]) == ("start", -10, "CQ20")


def test_a_draft_is_changed_added_to_and_shortened_at_once(manager: Actor, rulebook: Rulebook) -> None:
    wanted = rows(rulebook)
    gone = wanted.pop()
    wanted[0]["offset_days"] = -12
    edit_deliverables(manager, rulebook, version=rulebook.version, rows=[*wanted, SAFETY])
    found = {each.code: each for each in DeliverableRequirement.objects.all()}
    assert found["training_plan"].offset_days == -12
    assert found["safety_plan"].position == 8
    assert gone["code"] not in found
    assert not Amendment.objects.exists()


def test_the_audit_says_only_what_changed(manager: Actor, rulebook: Rulebook) -> None:
    wanted = rows(rulebook)
    wanted[0]["offset_days"] = -12
    edit_deliverables(manager, rulebook, version=rulebook.version, rows=wanted)
    entry = AuditEntry.objects.filter(operation="programs.edit_deliverables").get()
    text = str(entry.before) + str(entry.after)
    assert "开班前10天" in text
    assert "开班前12天" in text
    assert "绩效报告" not in text


def test_saving_what_stands_there_changes_nothing(manager: Actor, rulebook: Rulebook) -> None:
    edit_deliverables(manager, rulebook, version=rulebook.version, rows=rows(rulebook))
    assert Rulebook.objects.get().version == rulebook.version


def test_a_new_order_is_a_change(manager: Actor, rulebook: Rulebook) -> None:
    wanted = rows(rulebook)[::-1]
    edit_deliverables(manager, rulebook, version=rulebook.version, rows=wanted)
    assert [each["code"] for each in rows(rulebook)] == [each["code"] for each in wanted]


def test_the_second_of_two_editors_is_told(manager: Actor, rulebook: Rulebook) -> None:
    seen = rulebook.version
    edit_deliverables(manager, rulebook, version=seen, rows=[*rows(rulebook), SAFETY])
    with pytest.raises(Conflict, match="修改应交材料"):
        edit_deliverables(manager, rulebook, version=seen, rows=rows(rulebook)[:1])
    assert DeliverableRequirement.objects.count() == 9


def test_after_publication_a_change_needs_a_reason_and_is_announced(
    manager: Actor, rulebook: Rulebook
) -> None:
    rulebook = publish(rulebook)
    wanted = rows(rulebook)
    wanted[1]["minimum"] = 3
    with pytest.raises(Invalid, match="理由"):
        edit_deliverables(manager, rulebook, version=rulebook.version, rows=wanted)
    assert DeliverableRequirement.objects.get(code="briefing").minimum == 2
    rulebook.refresh_from_db()
    edit_deliverables(manager, rulebook, version=rulebook.version, rows=wanted, why=Why("市教委要求加强宣传"))
    made = Amendment.objects.get()
    assert (made.target, list(made.after)) == ("deliverables", ["briefing"])
    assert "至少3份" in made.after["briefing"]
    assert made.reason == "市教委要求加强宣传"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"anchor": "moon"}, "基准日"), ({"minimum": 0}, "至少要交1份"), ({"code": "briefing"}, "代号重复")],
)
def test_what_cannot_be_is_refused(
    manager: Actor, rulebook: Rulebook, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        edit_deliverables(
            manager, rulebook, version=rulebook.version, rows=[*rows(rulebook), SAFETY | change]
        )
    assert DeliverableRequirement.objects.count() == 8


def test_an_empty_table_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    with pytest.raises(Invalid, match="至少要保留一项"):
        edit_deliverables(manager, rulebook, version=rulebook.version, rows=[])


def test_only_managers_of_the_programme_s_own_office_may(rulebook: Rulebook) -> None:
    for stranger in (make_manager(), make_actor(Role.OFFICE_REVIEWER, rulebook.office)):
        with pytest.raises(NotAllowed):
            edit_deliverables(stranger, rulebook, version=rulebook.version, rows=rows(rulebook))


def test_the_rulebook_leads_to_the_page_and_the_page_saves(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    assert url(rulebook) in client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    shown = client.get(url(rulebook)).content.decode()
    assert "具体培训方案" in shown
    assert "第9项" in shown
    wanted = rows(rulebook)
    posted = [each | {"clause": each["clause"] and each["clause"].pk} for each in wanted]
    posted[4]["DELETE"] = "on"
    response = client.post(url(rulebook), rows_form(rulebook, [*posted, SAFETY], stored=8))
    assert response.status_code == 302
    codes = [each["code"] for each in rows(rulebook)]
    assert codes == [
        *(each["code"] for each in wanted[:4]),
        *(each["code"] for each in wanted[5:]),
        "safety_plan",
    ]


def test_the_page_keeps_what_was_typed_when_it_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    rulebook = publish(rulebook)
    posted = [each | {"clause": each["clause"] and each["clause"].pk} for each in rows(rulebook)]
    form = rows_form(rulebook, [*posted, SAFETY], stored=8)
    response = signed_in(manager).post(url(rulebook), form)
    assert response.status_code == 422
    assert "安全预案" in response.content.decode()
    late = form | {"reason": "补充要求", "rows-5-offset_days": "many"}
    assert signed_in(manager).post(url(rulebook), late).status_code == 422
    assert DeliverableRequirement.objects.count() == 8


def test_others_do_not_get_the_page(rulebook: Rulebook) -> None:
    rulebook = publish(rulebook)
    reviewer = make_actor(Role.OFFICE_REVIEWER, rulebook.office)
    assert signed_in(reviewer).get(url(rulebook)).status_code == 403
    assert signed_in(make_manager()).get(url(rulebook)).status_code == 404
