"""Sending what the outbox holds: retried, at least once, by one worker at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from portal.messages import adapters, sending
from portal.messages.models import Dispatch, DispatchState
from portal.messages.outbox import Letter, post
from portal.messages.tasks import send_dispatches
from tests.factories import UserFactory
from tests.races import at_once, meet, refused


class Killed(BaseException):
    """Ends the worker at that very line, as kill -9 does."""


class Recorder:
    """An SMS gateway of the office: notes what it sends, and fails as it is told to."""

    sent: list[int] = []
    failure: BaseException | None = None

    def send(self, dispatch: Dispatch) -> None:
        if Recorder.failure is not None:
            raise Recorder.failure
        Recorder.sent.append(dispatch.pk)


@pytest.fixture(autouse=True)
def gateway(settings: Any) -> Iterator[type[Recorder]]:
    settings.SMS_ADAPTER = "tests.messages.test_sending.Recorder"
    Recorder.sent, Recorder.failure = [], None
    yield Recorder
    Recorder.sent, Recorder.failure = [], None


def waiting(count: int = 1, **fields: str) -> list[Dispatch]:
    """Urgent letters to people with a phone, unless told otherwise."""
    people = [UserFactory(**(fields or {"phone": f"139{n:08d}"})).pk for n in range(count)]
    post([Letter(people, "请尽快报到", "11月1日前", "/classes/1/", urgent=True)])
    return list(Dispatch.objects.order_by("pk"))


def state(dispatch: Dispatch) -> tuple[str, int, str]:
    dispatch.refresh_from_db()
    return dispatch.state, dispatch.attempts, dispatch.error


@pytest.mark.django_db
def test_an_email_goes_out_with_the_address_in_the_portal(settings: Any) -> None:
    settings.PUBLIC_URL = "https://portal.example.org"
    (dispatch,) = waiting(email="a@example.org")
    assert sending.send_due() == 1
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["a@example.org"], "请尽快报到")
    assert letter.body == "11月1日前\n\nhttps://portal.example.org/classes/1/"
    assert f"<dispatch-{dispatch.pk}@" in letter.extra_headers["Message-ID"]
    assert state(dispatch) == ("sent", 1, "")
    assert dispatch.sent_at is not None


@pytest.mark.django_db
def test_a_letter_without_body_or_address_says_its_title() -> None:
    person = UserFactory(email="a@example.org")
    post([Letter([person.pk], "标题", urgent=True)])
    assert adapters.letter_text(Dispatch.objects.select_related("message").get()) == "标题"


@pytest.mark.django_db
def test_delivered_twice_it_is_sent_once() -> None:
    waiting(3)
    send_dispatches()
    send_dispatches()
    assert len(Recorder.sent) == len(set(Recorder.sent)) == 3


@pytest.mark.django_db
def test_without_a_gateway_the_record_says_so(settings: Any) -> None:
    settings.SMS_ADAPTER = "portal.messages.adapters.NoSms"
    (dispatch,) = waiting()
    assert sending.send_due() == 0
    assert state(dispatch) == ("failed", 1, "未配置短信")
    assert not sending.due().exists()


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_later_and_then_given_up() -> None:
    (dispatch,) = waiting()
    Recorder.failure = adapters.SendFailed("网关忙")
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _attempt in range(sending.MAX_ATTEMPTS):
            sending.send_due()
            sending.send_due()
            dispatch.refresh_from_db()
            waits.append(dispatch.not_before and (dispatch.not_before - timezone.now()).total_seconds() / 60)
            clock.shift(timedelta(hours=2))
    assert waits == [1, 4, 16, 64, None]
    assert state(dispatch) == ("failed", 5, "网关忙")


@pytest.mark.django_db
def test_an_error_of_the_gateway_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    number = "110105194912310021"
    phone, email = waiting()[0], waiting(email="b@example.org")[1]
    Recorder.failure = KeyError(number)
    assert sending.send_due() == 1
    assert state(email)[0] == "sent"
    name, attempts, error = state(phone)
    assert (name, attempts, number in error) == ("waiting", 1, False)
    assert "dispatch_failed" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "after"),
    [
        (SMTPRecipientsRefused({}), "failed"),
        (SMTPException("421"), "waiting"),
        (ConnectionRefusedError("no server"), "waiting"),
    ],
)
def test_mail_server_errors(monkeypatch: pytest.MonkeyPatch, error: Exception, after: str) -> None:
    def send(self: EmailMessage) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", send)
    (dispatch,) = waiting(email="a@example.org")
    assert sending.send_due() == 0
    assert state(dispatch)[0] == after


@pytest.mark.django_db
def test_killed_in_the_middle_it_is_sent_after_the_claim_has_run_out() -> None:
    (dispatch,) = waiting()
    Recorder.failure = Killed()
    with pytest.raises(Killed):
        sending.send_due()
    Recorder.failure = None
    assert state(dispatch) == ("sending", 1, "")
    assert sending.send_due() == 0
    with time_machine.travel(timezone.now() + sending.CLAIM_HELD + timedelta(seconds=1)):
        assert sending.send_due() == 1
    assert state(dispatch) == ("sent", 2, "")


@pytest.mark.django_db
def test_what_kills_its_worker_every_time_is_given_up() -> None:
    (dispatch,) = waiting()
    old = timezone.now() - timedelta(hours=1)
    Dispatch.objects.update(state=DispatchState.SENDING, claimed_at=old, attempts=sending.MAX_ATTEMPTS)
    assert sending.send_due() == 0
    assert state(dispatch) == ("failed", 5, "多次发送中断，已停止重试")
    assert Recorder.sent == []


@pytest.mark.django_db
def test_a_worker_that_wakes_up_late_does_not_overwrite() -> None:
    (dispatch,) = waiting()
    first = sending._claim(dispatch.pk)
    Dispatch.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert sending.send_due() == 1
    sending._failed(first, "太晚")
    assert state(dispatch) == ("sent", 2, "")


def send_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers look for due rows, wait for each other, then both go on."""
    meet(monkeypatch, sending, "_claim")
    assert refused(at_once(sending.send_due, sending.send_due)) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(5)
    send_together(monkeypatch)
    assert len(Recorder.sent) == 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_condition_they_send_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the race is real: a claim that does not ask for the state lets both send."""

    def unconditional(key: int) -> Dispatch | None:
        Dispatch.objects.filter(pk=key).update(state=DispatchState.SENDING)
        return Dispatch.objects.select_related("message").get(pk=key)

    monkeypatch.setattr(sending, "_claim", unconditional)
    waiting(5)
    send_together(monkeypatch)
    assert len(Recorder.sent) == 10
