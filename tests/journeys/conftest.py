"""The browser of the journeys."""

from tests.browser import browser

__all__ = ["browser"]
