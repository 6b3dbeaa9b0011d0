"""The public page: little is said, to everybody alike, and not too often."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.organizations.models import Organization
from portal.papers.models import IssuedPaper, PaperState
from portal.papers.services import verification
from tests.factories import SchoolFactory

pytestmark = pytest.mark.django_db
CODE = "ABCD" * 4


@pytest.fixture
def paper() -> IssuedPaper:
    school: Organization = SchoolFactory(name="演示职教中心")
    return IssuedPaper.objects.create(
        kind="tests.form",
        code=CODE,
        subject_type="organizations.organization",
        subject_id=school.pk,
        title="演示推荐表",
        number="N-7",
        facts={"holder": "王**", "issuer": "演示职教中心", "lines": [["参训项目", "<b>演示项目</b>"]]},
        content_digest="x",
        state=PaperState.VALID,
        organization=school,
        issued_on=date(2020, 11, 1),
    )


def ask(client: Client, code: str) -> Any:
    return client.get(reverse("papers:verify", args=[code]))


def test_a_stranger_sees_the_facts_and_no_more(client: Client, paper: IssuedPaper) -> None:
    page = ask(client, CODE).content.decode()
    for words in (
        "核验通过",
        "演示推荐表",
        "N-7",
        "王**",
        "演示职教中心",
        "参训项目",
        "2020年11月1日",
        "有效",
    ):
        assert words in page
    assert "<b>演示项目</b>" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PaperState.SUPERSEDED, "以新版为准"),
        (PaperState.REVOKED, "已作废，不能作为凭证"),
        (PaperState.PENDING, "没有查到此核验码"),
    ],
)
def test_a_paper_that_is_not_valid_says_what_it_is(
    client: Client, paper: IssuedPaper, state: str, words: str
) -> None:
    IssuedPaper.objects.update(state=state, reason="内部原因")
    page = ask(client, CODE).content.decode()
    assert words in page
    assert "核验通过" not in page
    assert "内部原因" not in page


def test_the_code_may_be_typed_as_people_type(client: Client, paper: IssuedPaper) -> None:
    page = client.get(reverse("papers:verify_form"), {"code": " abcd-abcd-ABCD abcd"}).content.decode()
    assert "核验通过" in page


@pytest.mark.parametrize("code", ["0" * 16, "short", "张三", "' OR 1=1 --", "A" * 200])
def test_known_and_unknown_codes_are_answered_alike(
    client: Client, paper: IssuedPaper, code: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Same status, same headers, same queries: nothing but the words tells them apart."""
    with django_assert_num_queries(1):
        known = ask(client, CODE)
    with django_assert_num_queries(1):
        unknown = ask(client, code)
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert set(known.headers) == set(unknown.headers)
    assert "没有查到此核验码" in unknown.content.decode()


def test_the_form_alone_asks_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = client.get(reverse("papers:verify_form"))
    assert re.search(r'<label[^>]+for="code"', page.content.decode())
    assert "没有查到" not in page.content.decode()


def test_no_engine_indexes_it_and_nobody_keeps_it(client: Client, paper: IssuedPaper) -> None:
    response = ask(client, CODE)
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_only_reading_is_possible(client: Client, paper: IssuedPaper) -> None:
    assert client.post(paper.get_absolute_url()).status_code == 405


def test_one_address_asks_so_often_and_no_more(
    client: Client, paper: IssuedPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "MOST", 3)
    answers = [ask(client, CODE).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    page = ask(client, CODE).content.decode()
    assert "查询过于频繁" in page
    assert "王**" not in page
    assert client.get(paper.get_absolute_url(), REMOTE_ADDR="192.0.2.9").status_code == 200


def test_a_window_that_ends_between_two_steps_opens_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def expired(key: str) -> int:
        raise ValueError(key)

    monkeypatch.setattr(verification.cache, "incr", expired)
    verification.count_lookup("192.0.2.1")
    monkeypatch.undo()
    monkeypatch.setattr(verification, "MOST", 1)
    with pytest.raises(verification.TooMany):
        verification.count_lookup("192.0.2.1")
