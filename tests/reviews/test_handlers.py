"""How apps declare what happens when their reviews end."""

import pytest

from portal.errors import Invalid
from portal.reviews.handlers import handler_of, handlers, review_handler
from tests.reviews.support import KIND, PhaseReviews


def test_a_kind_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        review_handler(KIND, "进程")(PhaseReviews)


def test_handlers_are_found_by_kind() -> None:
    assert isinstance(handler_of(KIND), PhaseReviews)
    assert handlers()[KIND].queue_url() == "/reviews/?kind=tests.phase"
    with pytest.raises(Invalid, match="没有名为"):
        handler_of("tests.nothing")
