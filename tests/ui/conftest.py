"""The frame's tests run against a small portal of their own (`tests.ui.pages`)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.ui import registry
from tests.factories import MembershipFactory

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def own_portal(settings: object) -> None:
    """The addresses of tests.ui.pages, and their templates beside the project's."""
    engines = copy.deepcopy(project.TEMPLATES)
    engines[0]["DIRS"] = [*engines[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = engines  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = "tests.ui.pages"  # type: ignore[attr-defined]


SignIn = Callable[..., tuple[Client, Membership]]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Sign a new person in a role in; returns the client and the membership."""

    def make(role: Role = Role.BUREAU_CLERK) -> tuple[Client, Membership]:
        membership = MembershipFactory(role=role)
        client = Client()
        client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
        return client, membership

    return make


@pytest.fixture(autouse=True)
def clean_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty registry, so that a test sees only what it plugs in."""
    monkeypatch.setattr(registry, "_navigation", [])
    for plug in (
        registry.work_items,
        registry.search,
        registry.numbers,
        registry.outcomes,
        registry.begun,
        registry.calendar,
        registry.programs,
    ):
        monkeypatch.setattr(plug, "_providers", [])
