"""Pages of plans, notices and deliverables: the base's way, the office's, the reader's; strangers get 404."""

from typing import Any

import pytest
from django.urls import reverse

from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.ui.registry import WorkItem, work_items
from programs.models import ClassState, Submission, TrainingClass
from programs.services.handing_in import hand_in, send_back
from tests.factories import BaseFactory, make_actor
from tests.programs.audience import Audience
from tests.programs.training import (
    NEEDS,
    PLAN,
    approved,
    fresh,
    noticed,
    owed,
    pdf,
    planned,
    published,
    ready,
    submitted,
)
from tests.programs.world import World, as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


def body(answer: Any) -> bytes:
    """What a file's answer sends, to the end: then it closes its file."""
    return b"".join(answer.streaming_content)


def test_the_base_surveys_writes_and_sends(world: World) -> None:
    made, client = published(world), as_actor(world.base_admin)
    page = client.get(reverse("programs:class", args=[made.pk])).content.decode()
    assert "现在不能开班" in page
    assert "CQ20" in page or "开班前10天" in page
    needs = client.post(reverse("programs:needs", args=[made.pk]), {**NEEDS, "surveyed_on": "2020-10-20"})
    assert needs.status_code == 302
    answer = client.post(
        reverse("programs:plan_edit", args=[made.pk]), {**PLAN, "attachments": [pdf(), pdf()]}
    )
    plan = fresh(made).plan
    assert answer.headers["Location"] == reverse("programs:plan_record", args=[plan.pk])
    assert plan.files.count() == 2
    sent = client.post(reverse("programs:plan_send", args=[plan.pk]), {"version": plan.version}, follow=True)
    assert "等待项目办审核" in sent.content.decode()


def test_what_was_typed_is_not_lost(world: World) -> None:
    made, client = published(world), as_actor(world.base_admin)
    answer = client.post(
        reverse("programs:plan_edit", args=[made.pk]), {**PLAN, "leader": "", "goals": "很长的目标"}
    )
    assert answer.status_code == 422
    assert "很长的目标" in answer.content.decode()


def test_files_are_downloads_and_are_removed(world: World) -> None:
    made, client = published(world), as_actor(world.base_admin)
    client.post(reverse("programs:plan_edit", args=[made.pk]), {**PLAN, "attachments": [pdf()]})
    file = fresh(made).plan.files.get()
    answer = client.get(reverse("programs:plan_file", args=[file.pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert body(answer).startswith(b"%PDF")
    client.post(reverse("programs:plan_file_remove", args=[file.pk]))
    assert not fresh(made).plan.files.exists()


def test_the_office_works_through_its_queue(world: World) -> None:
    reviewer = world.actor(Role.OFFICE_REVIEWER)
    plan = submitted(world, published(world))
    client = as_actor(reviewer)
    assert (
        fresh(plan.training_class).name
        in client.get(reverse("programs:plans") + "?state=submitted").content.decode()
    )
    page = client.get(reverse("programs:plan_record", args=[plan.pk])).content.decode()
    assert "审核" in page
    assert "希望增加实操" in page


def test_the_notice_goes_from_draft_to_receipt(world: World, audience: Audience) -> None:
    made, client = ready(world, published(world)), as_actor(world.base_admin)
    form = client.get(reverse("programs:notice_edit", args=[made.pk]))
    given = {name: form.context["form"][name].value() for name in form.context["form"].fields}
    client.post(reverse("programs:notice_edit", args=[made.pk]), given)
    notice = fresh(made).notice
    client.post(reverse("programs:notice_issue", args=[notice.pk]), {"version": notice.version})
    page = client.get(reverse("programs:notice", args=[notice.pk])).content.decode()
    assert "共3，未读3" in page
    trainee = as_actor(audience.trainee)
    url = reverse("programs:notice", args=[notice.pk])
    assert "确认已阅" in trainee.get(url).content.decode()
    trainee.post(reverse("programs:notice_read", args=[notice.pk]))
    assert "确认阅读" in trainee.get(url).content.decode()
    client.post(reverse("programs:notice_remind", args=[notice.pk]))
    assert notice.receipts.exclude(reminded_at=None).count() == 2


def test_a_notice_is_corrected_on_the_page_and_the_old_one_shown(world: World, audience: Audience) -> None:
    notice, client = noticed(world, approved(world, published(world))), as_actor(world.base_admin)
    url = reverse("programs:notice_correct", args=[notice.pk])
    given = client.get(url).context["form"].initial | {"place": "南校区", "version": 1}
    refused = client.post(url, given)
    assert refused.status_code == 422, "no reason"
    assert client.post(url, given | {"reason": "地点改为南校区"}).status_code == 302
    page = client.get(reverse("programs:notice", args=[notice.pk])).content.decode()
    past = notice.past.get()
    old = reverse("programs:notice_past", args=[past.pk])
    assert old in page
    assert "地点改为南校区" in page
    assert "当时的阅读回执" in client.get(old).content.decode()
    reader = as_actor(audience.trainee)
    assert "当时的阅读回执" not in reader.get(old).content.decode()
    assert reader.get(url).status_code == 404
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory()))
    assert [stranger.get(each).status_code for each in (url, old)] == [404, 404]
    stale = reader.post(reverse("programs:notice_read", args=[notice.pk]), {"version": 1}, follow=True)
    assert "请阅读新的通知" in stale.content.decode()


def test_opening_and_finishing_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = ready(world, published(world)), as_actor(world.base_admin)
    url = reverse("programs:class", args=[made.pk])
    set_clock(monkeypatch, moment(11, 9, 8))
    assert "现在不能开班" not in client.get(url).content.decode()
    client.post(reverse("programs:class_open", args=[made.pk]))
    assert fresh(made).state == ClassState.OPEN
    set_clock(monkeypatch, moment(11, 18, 18))
    client.post(reverse("programs:class_finish", args=[made.pk]))
    TrainingClass.objects.update(state=ClassState.FINISHED)
    office = as_actor(world.manager)
    again = reverse("programs:class_reopen", args=[made.pk])
    assert again in office.get(url).content.decode()
    assert office.post(again, {"reason": ""}).status_code == 422
    office.post(again, {"reason": "更正"})
    assert fresh(made).state == ClassState.OPEN


def test_a_deliverable_goes_back_and_forth(world: World) -> None:
    made, base, office = published(world), as_actor(world.base_admin), as_actor(world.manager)
    url = reverse("programs:owed", args=[owed(made, "summary").pk])
    assert base.post(url, {"title": "总结"}).status_code == 422
    assert base.post(url, {"title": "总结", "attachments": [pdf()]}).status_code == 302
    sent = Submission.objects.get()
    back = reverse("programs:submission_return", args=[sent.pk])
    assert back in office.get(url).content.decode()
    assert office.post(back, {"opinion": ""}).status_code == 422
    office.post(back, {"opinion": "请补充"})
    again = reverse("programs:submission_again", args=[sent.pk])
    assert again in base.get(url).content.decode()
    assert base.post(again, {"title": "总结", "text": "二稿"}).status_code == 302
    office.post(reverse("programs:submission_accept", args=[sent.pk]))
    assert owed(made, "summary").state == "accepted"
    file = sent.files.get()
    answer = base.get(reverse("programs:submission_file", args=[file.pk]))
    assert body(answer).startswith(b"%PDF")


def test_the_matrix_shows_filters_and_exports(world: World) -> None:
    made, office = published(world), as_actor(world.manager)
    hand_in(world.base_admin, made, code="briefing", title="简报", text="x")
    url = reverse("programs:owed_matrix")
    page = office.get(url).content.decode()
    assert made.name in page
    assert "1/2" in page
    assert made.name not in office.get(url + "?status=accepted").content.decode()
    answer = office.get(url + "?export=1")
    assert body(answer)[:2] == b"PK"


@pytest.mark.parametrize("name", ["owed_list", "owed_matrix", "plans"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    world: World, name: str, count: int, django_assert_num_queries: object
) -> None:
    client = as_actor(world.manager)
    for _each in range(count):
        submitted(world, published(world))
    client.get(reverse(f"programs:{name}"))
    with django_assert_num_queries(QUERIES[name]):  # type: ignore[operator]
        assert client.get(reverse(f"programs:{name}")).status_code == 200


QUERIES = {"owed_list": 8, "owed_matrix": 9, "plans": 7}


def test_strangers_get_404(world: World, audience: Audience) -> None:
    made = published(world)
    plan = planned(world, made)
    plan = submitted(world, made) if plan.pk is None else plan
    sent = hand_in(world.base_admin, made, code="summary", title="总结", files=[pdf()])
    other = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)))
    urls = [
        reverse("programs:plan_record", args=[plan.pk]),
        reverse("programs:plan_edit", args=[made.pk]),
        reverse("programs:needs", args=[made.pk]),
        reverse("programs:notice_edit", args=[made.pk]),
        reverse("programs:owed", args=[sent.deliverable_id]),
        reverse("programs:submission_again", args=[sent.pk]),
        reverse("programs:submission_return", args=[sent.pk]),
        reverse("programs:submission_file", args=[sent.files.get().pk]),
    ]
    posts = [
        reverse("programs:plan_send", args=[plan.pk]),
        reverse("programs:submission_accept", args=[sent.pk]),
    ]
    assert [other.get(each).status_code for each in urls] == [404] * len(urls)
    assert [other.post(each).status_code for each in posts] == [404] * len(posts)
    trainee = as_actor(audience.trainee)
    assert trainee.get(urls[0]).status_code == 404
    assert trainee.get(urls[4]).status_code == 404


def waiting(actor: Actor) -> list[WorkItem]:
    return [each for provider in work_items for each in provider(actor, clock.now())]


def titles(actor: Actor) -> str:
    return " ".join(str(each.title) for each in waiting(actor))


def test_work_waits_for_whoever_must_act(
    world: World,
    audience: Audience,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, manager = published(world), world.manager
    assert "1个班级的培训方案待报送" in titles(world.base_admin)
    assert "培训方案审核" not in titles(manager)
    noticed(world, approved(world, made))
    assert "请阅读开班通知" in titles(audience.trainee)
    assert "请阅读开班通知" in titles(audience.clerk)
    sent = hand_in(world.base_admin, fresh(made), code="summary", title="总结", text="x")
    assert "1份材料待审核" in titles(manager)
    send_back(manager, sent, opinion="请补充")
    assert "1项材料被退回" in titles(world.base_admin)
    set_clock(monkeypatch, moment(11, 8))
    assert "1个班级待开班" in titles(world.base_admin)
    assert "应交材料即将到期" in titles(world.base_admin)
    TrainingClass.objects.update(state=ClassState.OPEN)
    set_clock(monkeypatch, moment(11, 18))
    assert "请办理结班" in titles(world.base_admin)
