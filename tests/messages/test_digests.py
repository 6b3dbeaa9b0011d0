"""Messages that come in masses add up while they are unread, also when two are written at once."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from portal.messages.models import Dispatch, Message
from portal.messages.outbox import Digest, Letter, post
from tests.factories import UserFactory, make_id_number
from tests.races import at_once, refused

OPENED = Digest("classes.opened", "{count}个班级已开班", "/programs/classes/")


def letter(*people: int, name: str = "甲班", digest: Digest = OPENED) -> Letter:
    return Letter(people, f"{name}：已开班", "提示：通知未发", f"/{name}/", digest=digest)


@pytest.mark.django_db
def test_the_first_reads_as_it_was_written() -> None:
    person = UserFactory()
    assert post([letter(person.pk, person.pk)]) == 1
    message = person.inbox.get()
    assert (message.title, message.body, message.url, message.count) == (
        "甲班：已开班",
        "提示：通知未发",
        "/甲班/",
        1,
    )


@pytest.mark.django_db
def test_further_ones_are_added_newest_first() -> None:
    person = UserFactory()
    post([letter(person.pk), letter(person.pk, name="乙班")])
    post([letter(person.pk, name="丙班")])
    message = person.inbox.get()
    assert (message.title, message.count, message.url) == ("3个班级已开班", 3, OPENED.url)
    assert message.body == "丙班：已开班\n乙班：已开班\n甲班：已开班"


@pytest.mark.django_db
def test_only_the_newest_are_listed() -> None:
    person = UserFactory()
    post([letter(person.pk, name=f"{number}班") for number in range(1, 14)])
    message = person.inbox.get()
    lines = message.body.splitlines()
    assert (message.count, len(lines), lines[0], lines[-1]) == (13, 10, "13班：已开班", "4班：已开班")


@pytest.mark.django_db
def test_a_read_one_is_left_alone_and_a_new_one_begun() -> None:
    person = UserFactory()
    post([letter(person.pk), letter(person.pk)])
    Message.objects.update(read_at=timezone.now())
    post([letter(person.pk, name="乙班")])
    assert sorted(person.inbox.values_list("title", "count")) == [("2个班级已开班", 2), ("乙班：已开班", 1)]


@pytest.mark.django_db
def test_each_person_and_each_kind_adds_up_apart() -> None:
    one, two = UserFactory(), UserFactory()
    finished = Digest("classes.finished", "{count}个班级已结班", "/programs/classes/")
    post([letter(one.pk, two.pk), letter(one.pk), letter(one.pk, digest=finished)])
    assert sorted(one.inbox.values_list("count", flat=True)) == [1, 2]
    assert two.inbox.get().count == 1


@pytest.mark.django_db
def test_it_stays_within_the_portal_and_hides_id_numbers() -> None:
    person, number = UserFactory(email="a@example.org"), make_id_number(7)
    post([letter(person.pk, name=number), letter(person.pk, name=number)])
    assert number not in person.inbox.get().body
    assert not Dispatch.objects.exists()


@pytest.mark.django_db
def test_nobody_to_tell_costs_nothing() -> None:
    assert post([letter()]) == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_counted() -> None:
    person = UserFactory()
    letters = [letter(person.pk, name=f"{number}班") for number in range(4)]
    assert refused(at_once(*(partial(post, [each]) for each in letters))) == []
    message = person.inbox.get()
    assert message.count == 4
    assert len(message.body.splitlines()) == 4
