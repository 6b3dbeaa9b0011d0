"""A published or draft rulebook of CQ20 with its office, and the form of its tables as a browser would send it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.rulebook.models import Rulebook
from portal.rulebook.services.loading import load_notice
from tests.factories import ProjectOfficeFactory, make_actor

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make_manager() -> Actor:
    return make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory())


def load_cq20(manager: Actor) -> Rulebook:
    """The draft of the real notice."""
    return load_notice(manager, None, code="CQ20").rulebook


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend=BACKEND)
    return client


def rows_form(rulebook: Rulebook, rows: list[dict[str, Any]], *, stored: int) -> dict[str, Any]:
    """What the editor's page posts: `rows` by field, of which the first `stored` stood there before."""
    posted: dict[str, Any] = {
        "version": rulebook.version,
        "rows-TOTAL_FORMS": len(rows),
        "rows-INITIAL_FORMS": stored,
    }
    for number, row in enumerate(rows):
        for name, value in row.items():
            if value is not None and value is not False:
                posted[f"rows-{number}-{name}"] = value
    return posted
