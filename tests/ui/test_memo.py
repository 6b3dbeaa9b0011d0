"""What a page reads once, and who always reads afresh."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse

from portal.memo import MemoryMiddleware, once_a_page, remembering

CALLS: list[tuple[str, int]] = []


@once_a_page
def answer(word: str, *, times: int = 1) -> str | None:
    CALLS.append((word, times))
    return None if word == "none" else word * times


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def ask_twice(_request: HttpRequest) -> HttpResponse:
    answer("a")
    return HttpResponse(answer("a"))


def request(method: str) -> HttpRequest:
    made = HttpRequest()
    made.method = method
    return made


@pytest.mark.parametrize(("method", "calls"), [("GET", 1), ("HEAD", 1), ("POST", 2), ("DELETE", 2)])
def test_only_a_request_that_changes_nothing_remembers(method: str, calls: int) -> None:
    response = MemoryMiddleware(ask_twice)(request(method))
    assert response.content == b"a"
    assert len(CALLS) == calls


def test_nothing_is_carried_from_page_to_page() -> None:
    for _page in range(2):
        MemoryMiddleware(ask_twice)(request("GET"))
    assert len(CALLS) == 2


def test_other_arguments_are_another_question() -> None:
    with remembering():
        assert [answer("a"), answer("b"), answer("a", times=2), answer("a", times=2)] == [
            "a",
            "b",
            "aa",
            "aa",
        ]
    assert CALLS == [("a", 1), ("b", 1), ("a", 2)]


def test_nothing_found_is_remembered_too() -> None:
    with remembering():
        assert answer("none") is None
        assert answer("none") is None
    assert len(CALLS) == 1


def test_outside_a_page_every_call_reads() -> None:
    answer("a")
    answer("a")
    assert len(CALLS) == 2


def test_a_page_that_fails_leaves_no_memory_behind() -> None:
    def fails(_request: HttpRequest) -> HttpResponse:
        answer("a")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        MemoryMiddleware(fails)(request("GET"))
    answer("a")
    assert len(CALLS) == 2
