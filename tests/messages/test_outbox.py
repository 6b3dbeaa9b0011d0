"""Writing messages: once a reminder, never a full ID number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messages.models import Dispatch, Message
from portal.messages.outbox import Letter, post
from portal.messages.privacy import without_id_numbers
from tests.factories import UserFactory, make_id_number

pytestmark = pytest.mark.django_db


def test_each_recipient_gets_a_letter_once() -> None:
    one, two = UserFactory(), UserFactory()
    assert post([Letter([one.pk, two.pk, one.pk], "名额已下达", "共20名", "/quotas/")]) == 2
    message = one.inbox.get()
    assert (message.title, message.body, message.url, message.read_at) == (
        "名额已下达",
        "共20名",
        "/quotas/",
        None,
    )
    assert message.business_at is not None


def test_no_letters_cost_nothing(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):
        assert post([]) == 0


def test_a_reminder_is_written_and_sent_once() -> None:
    person = UserFactory(email="a@example.org")
    letter = Letter([person.pk], "还剩3天", urgent=True, key="nomination:3")
    assert post([letter]) == 1
    assert post([letter, letter]) == 0
    newcomer = UserFactory(email="b@example.org")
    assert post([Letter([person.pk, newcomer.pk], "还剩3天", urgent=True, key="nomination:3")]) == 1
    assert (Message.objects.count(), Dispatch.objects.count()) == (2, 2)


def test_another_key_is_another_reminder() -> None:
    person = UserFactory()
    assert post([Letter([person.pk], "还剩3天", key="n:3"), Letter([person.pk], "还剩1天", key="n:1")]) == 2


def test_two_workers_with_one_reminder_write_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look whether it is there comes too early for both: the constraints decide."""
    person = UserFactory(email="a@example.org")
    letter = Letter([person.pk], "还剩3天", urgent=True, key="n:3")
    post([letter])
    from portal.messages import outbox

    same, looked = outbox._same, []

    def late(rows: list[Message]) -> object:
        looked.append(rows)
        return Message.objects.none() if len(looked) == 1 else same(rows)

    monkeypatch.setattr(outbox, "_same", late)
    post([letter])
    assert (len(looked), Message.objects.count(), Dispatch.objects.count()) == (2, 1, 1)


def test_only_urgent_letters_leave_the_portal_and_by_every_way_the_person_has() -> None:
    both = UserFactory(email="a@example.org", phone="13900000000")
    neither = UserFactory()
    post([Letter([both.pk, neither.pk], "紧急", urgent=True), Letter([both.pk], "平常")])
    assert sorted(Dispatch.objects.values_list("channel", "address")) == [
        ("email", "a@example.org"),
        ("sms", "13900000000"),
    ]


@pytest.mark.parametrize("count", [1, 50])
def test_posting_costs_the_same_for_one_and_for_many(
    count: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    people = [UserFactory(email=f"{n}@example.org").pk for n in range(2)] * count
    letters = [Letter(people, f"信{n}", urgent=True) for n in range(count)]
    letters += [Letter(people, f"催{n}", urgent=True, key=f"k{n}") for n in range(count)]
    with django_assert_num_queries(6):
        post(letters)


def test_a_long_title_is_cut() -> None:
    person = UserFactory()
    post([Letter([person.pk], "长" * 300)])
    assert len(person.inbox.get().title) == 200


def test_no_full_id_number_is_written() -> None:
    person, number = UserFactory(), make_id_number(7)
    post([Letter([person.pk], f"{number}未通过", f"教师{number}，请核对")])
    message = person.inbox.get()
    assert number not in message.title + message.body
    assert message.title.startswith(number[:3] + "*")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002X不符", True),
        ("身份证11010519491231002x不符", True),
        ("１１０１０５１９４９１２３１００２Ｘ", True),
        ("(110105194912310021)", True),
        ("1101051949123100211", False),
        ("批次号20201031", False),
        ("91500000MA5U000000", False),
    ],
)
def test_what_looks_like_an_id_number_is_masked(text: str, masked: bool) -> None:
    assert ("***" in without_id_numbers(text)) is masked


@given(st.text(), st.integers(0, 6_000_000), st.text())
def test_an_id_number_never_survives_in_any_text(before: str, seed: int, after: str) -> None:
    number = make_id_number(seed)
    assert number not in without_id_numbers(f"{before} {number} {after}")
