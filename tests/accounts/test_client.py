"""Whose address a request's is: what anybody can write is not believed."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from portal.accounts.client import client_agent, client_ip
from portal.accounts.devices import device


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


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0",
            "微信 · Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("curl/8", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_a_device_is_named_in_words(agent: str, words: str) -> None:
    assert device(agent) == words
