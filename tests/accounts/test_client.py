"""Whose address a request's is: what anybody can write is not believed."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from portal.accounts.client import client_agent, client_ip


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "192.0.2.1", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "nonsense", "192.0.2.1", "192.0.2.1"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (1, "2001:db8::1", "192.0.2.1", "2001:db8::1"),
        (0, "", "", None),
    ],
)
def test_only_our_own_proxies_are_believed(
    proxies: int, forwarded: str, remote: str, expected: str | None, settings: LazySettings
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert client_ip(request) == expected


def test_a_long_agent_is_cut() -> None:
    assert len(client_agent(RequestFactory().get("/", headers={"User-Agent": "x" * 500}))) == 200
