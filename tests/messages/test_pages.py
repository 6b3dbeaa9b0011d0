"""The inbox as its owner sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.roles import Role
from portal.messages.models import Message
from portal.messages.outbox import Letter, post
from portal.operations.actor import Actor
from tests.factories import make_actor

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def me() -> Actor:
    return make_actor(Role.BUREAU_CLERK)


@pytest.fixture
def browser(client: Client, me: Actor) -> Client:
    client.force_login(me.user, backend=BACKEND)
    return client


def letter(me: Actor, title: str, **fields: Any) -> Message:
    post([Letter([me.user.pk], title, **fields)])
    return Message.objects.get(title=title)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_unread_messages_come_first(browser: Client, me: Actor) -> None:
    older = letter(me, "旧的未读")
    read = letter(me, "新的已读")
    Message.objects.filter(pk=read.pk).update(read_at=timezone.now())
    page = text(browser.get(reverse("messages:list")))
    assert 0 < page.index(older.title) < page.index(read.title)


def test_strangers_messages_are_not_there(browser: Client) -> None:
    theirs = letter(make_actor(Role.BUREAU_CLERK), "别人的消息")
    assert theirs.title not in text(browser.get(reverse("messages:list")))
    assert browser.get(reverse("messages:open", args=[theirs.pk])).status_code == 404


def test_opening_marks_as_read_and_goes_where_the_message_leads(browser: Client, me: Actor) -> None:
    message = letter(me, "名额已下达", url="/jobs/")
    response = browser.get(reverse("messages:open", args=[message.pk]))
    assert (response.status_code, response["Location"]) == (302, "/jobs/")
    message.refresh_from_db()
    first = message.read_at
    assert first is not None
    browser.get(reverse("messages:open", args=[message.pk]))
    message.refresh_from_db()
    assert message.read_at == first


@pytest.mark.parametrize("url", ["", "https://elsewhere.example.org/"])
def test_what_leads_nowhere_in_the_portal_is_shown(browser: Client, me: Actor, url: str) -> None:
    message = letter(me, "停机通知", body="今晚维护", url=url)
    response = browser.get(reverse("messages:open", args=[message.pk]))
    assert response.status_code == 200
    assert "今晚维护" in text(response)


def test_filters_by_read_and_unread(browser: Client, me: Actor) -> None:
    letter(me, "未读消息甲")
    read = letter(me, "已读消息乙")
    Message.objects.filter(pk=read.pk).update(read_at=timezone.now())
    unread = text(browser.get(reverse("messages:list"), {"read": "unread"}))
    assert ("未读消息甲" in unread, "已读消息乙" in unread) == (True, False)


def test_all_or_the_ticked_are_marked_as_read(browser: Client, me: Actor) -> None:
    first, second = letter(me, "甲"), letter(me, "乙")
    browser.post(reverse("messages:list"), {"register": "messages.inbox", "do": "read", "pk": [first.pk]})
    assert list(Message.objects.unread()) == [second]
    assert browser.post(reverse("messages:read-all")).status_code == 302
    assert not Message.objects.unread().exists()
    assert browser.get(reverse("messages:read-all")).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_costs_the_same_for_one_and_for_three(
    browser: Client, me: Actor, count: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(count):
        letter(me, f"消息{n}")
    browser.get(reverse("messages:list"))
    with django_assert_max_num_queries(9):
        browser.get(reverse("messages:list"))


def test_the_api_lists_and_marks_ones_own(browser: Client, me: Actor) -> None:
    message = letter(me, "名额已下达", body="共20名")
    letter(make_actor(Role.BUREAU_CLERK), "别人的消息")
    rows = browser.get("/api/v1/messages/?read_at__isnull=true").json()["results"]
    assert [(each["id"], each["title"], each["body"]) for each in rows] == [
        (message.pk, "名额已下达", "共20名")
    ]
    assert browser.post(f"/api/v1/messages/{message.pk}/read/").json()["read_at"] is not None
    letter(me, "又一条")
    assert browser.post("/api/v1/messages/read-all/").json() == {"marked": 1}


def test_filters_the_urgent_ones(browser: Client, me: Actor) -> None:
    letter(me, "紧急消息甲", urgent=True)
    letter(me, "平常消息乙")
    page = text(browser.get(reverse("messages:list"), {"urgent": "1"}))
    assert ("紧急消息甲" in page, "平常消息乙" in page) == (True, False)
