"""The review pages and their API, as reviewers use them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import Review
from portal.reviews.services import decide, delegate
from tests.factories import make_actor
from tests.reviews.support import World

LIST = "/reviews/"


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(world.approver)


def text(response: Any) -> str:
    return str(response.content.decode())


def page_of(review: Review) -> str:
    return reverse("reviews:detail", args=[review.pk])


def test_the_list_begins_with_what_waits_for_me(world: World, browser: Client) -> None:
    mine, done = world.open(*world.subjects(2))
    decide(world.approver, done, verdict="approve")
    page = text(browser.get(LIST))
    assert (mine.title in page, done.title in page) == (True, False)
    decided = text(browser.get(LIST, {"view": "decided"}))
    assert (mine.title in decided, done.title in decided) == (False, True)
    everything = text(browser.get(LIST, {"view": "all"}))
    assert mine.title in everything
    assert done.title in everything
    assert mine.title not in text(browser.get(LIST, {"kind": "tests.phase_with_base"}))


def test_the_submitter_sees_what_became_of_it(world: World) -> None:
    (review,) = world.open(*world.subjects())
    decide(world.approver, review, verdict="return", opinion="请补照片")
    school = signed_in(world.school_admin)
    assert review.title in text(school.get(LIST, {"view": "sent", "state": "returned"}))
    page = text(school.get(page_of(review)))
    assert "请补照片" in page
    assert 'name="verdict"' not in page


def test_a_strangers_review_is_not_there(world: World) -> None:
    (review,) = world.open(*world.subjects())
    stranger = signed_in(make_actor(Role.BUREAU_APPROVER))
    assert stranger.get(page_of(review)).status_code == 404
    assert stranger.get(reverse("reviews:delegate", args=[review.pk])).status_code == 404
    assert stranger.post(reverse("reviews:take-back", args=[review.pk])).status_code == 404


def test_a_reviewer_approves_on_the_page(world: World, browser: Client) -> None:
    (review,) = world.open(*world.subjects())
    page = text(browser.get(page_of(review)))
    assert "区县审批" in page
    assert f'href="/subjects/{review.subject_id}/"' in page
    response = browser.post(page_of(review), {"verdict": "approve", "opinion": "同意", "version": 1})
    assert (response.status_code, response["Location"]) == (302, page_of(review))
    review.refresh_from_db()
    assert review.reviewer == world.office


def test_a_refusal_without_reason_keeps_what_was_chosen(world: World, browser: Client) -> None:
    (review,) = world.open(*world.subjects())
    response = browser.post(page_of(review), {"verdict": "return", "opinion": "", "version": 1})
    assert response.status_code == 422
    assert "写明理由" in text(response)
    assert browser.post(page_of(review), {"verdict": "", "version": 1}).status_code == 422


def test_the_second_reviewer_is_told_on_the_page(world: World, browser: Client) -> None:
    second = make_actor(Role.BUREAU_APPROVER, world.bureau)
    (review,) = world.open(*world.subjects())
    decide(second, review, verdict="reject", opinion="不符")
    response = browser.post(page_of(review), {"verdict": "approve", "version": 1})
    assert response.status_code in {409, 422}
    assert f"{second.name}已于" in text(response)


def test_many_are_approved_after_one_question(world: World, browser: Client) -> None:
    reviews = world.open(*world.subjects(3))
    chosen = {"register": "reviews.queue", "do": "approve", "pk": [each.pk for each in reviews[:2]]}
    question = browser.post(LIST, chosen)
    assert "转入下一步" in text(question)
    done = browser.post(LIST, chosen | {"confirmed": "1", "opinion": "同意"}, follow=True)
    assert "已审核2项" in text(done)
    assert Review.objects.filter(reviewer=world.office).count() == 2


def test_all_that_match_are_returned_with_a_reason(world: World, browser: Client) -> None:
    world.open(*world.subjects(3))
    everything = {"register": "reviews.queue", "do": "return", "all": "1", "confirmed": "1"}
    assert browser.post(LIST, everything | {"opinion": ""}).status_code == 422
    done = browser.post(LIST, everything | {"opinion": "请核对"}, follow=True)
    assert "已审核3项" in text(done)
    assert set(Review.objects.values_list("state", flat=True)) == {"returned"}


def test_what_is_not_mine_is_counted_as_skipped(world: World, browser: Client) -> None:
    reviews = world.open(*world.subjects(2))
    decide(world.approver, reviews[0], verdict="approve")
    chosen = {"register": "reviews.queue", "do": "reject", "all": "1", "confirmed": "1", "opinion": "不符"}
    done = browser.post(f"{LIST}?view=all", chosen, follow=True)
    assert "已审核1项" in text(done)
    assert "另有1项" in text(done)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    world: World, browser: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    world.open(*world.subjects(count))
    browser.get(LIST)
    with django_assert_max_num_queries(9):
        browser.get(LIST)


def test_a_step_is_delegated_to_a_colleague_and_taken_back(world: World, browser: Client) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    make_actor(Role.EXPERT, world.bureau)
    (review,) = world.open(*world.subjects())
    address = reverse("reviews:delegate", args=[review.pk])
    form = browser.get(address).context["form"]
    assert list(form.fields["colleague"].queryset) == [helper.user]
    given = {"colleague": helper.user.pk, "reason": "出差", "version": 1}
    assert browser.post(address, given).status_code == 302
    assert review.title in text(signed_in(helper).get(LIST))
    assert f"委托{helper.name}审核" in text(browser.get(page_of(review)))
    browser.post(reverse("reviews:take-back", args=[review.pk]))
    review.refresh_from_db()
    assert review.delegate is None


def test_a_step_is_delegated_to_another_organizations_person_by_user_name(
    world: World, browser: Client
) -> None:
    expert = make_actor(Role.EXPERT)
    (review,) = world.open(*world.subjects())
    address = reverse("reviews:delegate", args=[review.pk])
    assert "没有此用户名" in text(browser.post(address, {"username": "nobody-here", "version": 1}))
    assert browser.post(address, {"version": 1}).status_code == 422
    assert "应当回避" in text(
        browser.post(address, {"username": world.school_admin.user.username, "version": 1})
    )
    assert browser.post(address, {"username": expert.user.username, "version": 1}).status_code == 302
    review.refresh_from_db()
    assert review.delegate == expert.user


def test_the_api_lists_decides_and_refuses_like_the_pages(world: World, browser: Client) -> None:
    first, second = world.open(*world.subjects(2))
    rows = browser.get("/api/v1/reviews/?waiting=true").json()["results"]
    assert [each["id"] for each in rows] == [second.pk, first.pk]
    assert rows[0] | {"kind": "tests.phase", "step": "区县审批", "waits_for_me": True} == rows[0]
    address = f"/api/v1/reviews/{first.pk}/decide/"
    assert browser.post(address, {"verdict": "maybe"}, "application/json").status_code == 400
    refused = browser.post(address, {"verdict": "return"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    done = browser.post(address, {"verdict": "approve", "version": 1}, "application/json").json()
    assert (done["reviewer"], done["waits_for_me"]) == (world.office.pk, False)
    assert [each["verdict"] for each in done["decisions"]] == ["approve"]
    conflict = browser.post(address, {"verdict": "approve", "version": 1}, "application/json")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "changed_meanwhile")
    many = {"reviews": [first.pk, second.pk], "verdict": "approve"}
    tally = browser.post("/api/v1/reviews/decide-many/", many, "application/json").json()
    assert tally == {"decided": 1, "moved_on": 1, "skipped": 1}


def test_the_api_delegates_and_takes_back(world: World, browser: Client) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    address = f"/api/v1/reviews/{review.pk}"
    given = browser.post(f"{address}/delegate/", {"to": helper.user.username}, "application/json").json()
    assert given["delegate"] == helper.user.pk
    assert browser.post(f"{address}/take-back/").json()["delegate"] is None
    assert signed_in(make_actor(Role.BUREAU_APPROVER)).post(f"{address}/decide/").status_code == 404


def test_a_delegate_of_another_role_decides_on_the_page(world: World) -> None:
    expert = make_actor(Role.EXPERT)
    (review,) = world.open(*world.subjects())
    delegate(world.approver, review, to=expert.user)
    client = signed_in(expert)
    assert 'name="verdict"' in text(client.get(page_of(review)))
    assert client.post(page_of(review), {"verdict": "approve", "version": 2}).status_code == 302
