import pytest
from django.db import connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from portal.runtime import health
from portal.runtime.health_client import _allowed_host, is_healthy

pytestmark = pytest.mark.django_db


def test_it_says_that_database_and_cache_work(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert {name: part["ok"] for name, part in answer.json()["parts"].items()} == {
        "database": True,
        "cache": True,
    }
    assert "no-store" in answer["Cache-Control"]


def test_a_cache_out_of_reach_is_named_and_nothing_told_about_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_args: object) -> None:
        raise RedisConnectionError("secret-host:6379 refused")

    monkeypatch.setattr(health.cache, "set", unreachable)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["cache"] == {"ok": False}
    assert "secret-host" not in answer.content.decode()


def test_a_cache_that_forgets_is_not_well(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.cache, "get", lambda _key: None)
    assert client.get("/healthz").status_code == 503


def test_it_asks_the_database_one_question(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1, connection=connection):  # type: ignore[operator]
        client.get("/healthz")


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_without_metrics_their_address_does_not_exist(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_nobody_listening_is_not_healthy() -> None:
    assert not is_healthy({"HOST": "127.0.0.1", "PORT": "1"})


@pytest.mark.parametrize(
    ("hosts", "expected"), [("", "localhost"), ("*", "localhost"), (".a.example, b", "a.example"), ("b", "b")]
)
def test_it_asks_under_a_name_that_the_site_answers_to(hosts: str, expected: str) -> None:
    assert _allowed_host({"ALLOWED_HOSTS": hosts}) == expected
