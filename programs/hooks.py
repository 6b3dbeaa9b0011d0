"""Where the apps to the right show themselves on the pages of projects and classes, and in annex 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from portal.accounts.roles import Role
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.rulebook.findings import Finding
from portal.ui.registry import Plug
from programs.models import Program, Project, TrainingClass


@dataclass(frozen=True)
class Panel:
    """A card on a record page: a title, a template and its context. In the states `leads_in` it stands before the others."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    leads_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A line of a programme's related pages."""

    label: str
    url: str


@dataclass(frozen=True)
class Addressee:
    """Whom an opening notice goes to: a trainee at a school, or (without `teacher`) an organisation as such."""

    organization: Organization
    teacher: Teacher | None = None


program_links: Plug[Callable[[Actor, Program], Iterable[Link]]] = Plug()
project_panels: Plug[Callable[[Actor, Project], Iterable[Panel]]] = Plug()
class_panels: Plug[Callable[[Actor, TrainingClass], Iterable[Panel]]] = Plug()
# The one-to-one records of a class that its panels show: read together with the class on its page.
class_records: list[str] = []
# The registration codes that annex 1 prints, by class key, as far as the actor may see them.
class_codes: Plug[Callable[[Actor, Iterable[int]], dict[int, str]]] = Plug()
# What forbids a change of a published project, in words; each is given the project and its new values.
project_guards: Plug[Callable[[Project, dict[str, Any]], Iterable[str]]] = Plug()
# What stands in the way of ending a programme.
closing_guards: Plug[Callable[[Program], Iterable[Finding]]] = Plug()
# Conditions on classes by name: the list of classes narrowed to those behind a figure of another page.
class_conditions: dict[str, Callable[[QuerySet[TrainingClass]], QuerySet[TrainingClass]]] = {}
# Locks a class's people before the class itself is locked to be cancelled.
class_locks: Plug[Callable[[TrainingClass], None]] = Plug()
# What becomes of a class's people when it is cancelled, inside that operation, whose reason the act holds.
class_cancelled: Plug[Callable[[Act, TrainingClass], None]] = Plug()
# What must hold before a class may open or be closed; a blocking finding refuses, a warning is shown.
opening_guards: Plug[Callable[[TrainingClass], Iterable[Finding]]] = Plug()
finishing_guards: Plug[Callable[[TrainingClass], Iterable[Finding]]] = Plug()
# What the apps do in the same act as a class opens.
class_opened: Plug[Callable[[Act, TrainingClass], None]] = Plug()
# Whom the opening notice of a class is for: its trainees, their schools, their bureaus.
addressees: Plug[Callable[[TrainingClass], Iterable[Addressee]]] = Plug()
# Who, beside the base's administrator, is reminded of what is owed under a code, and where they see to it.
owed_with: dict[str, tuple[Role, Callable[[], str]]] = {}
# Where what is owed under a code is handed in, when not on the list of deliverables: the class's key to an address.
delivered_at: dict[str, Callable[[int], str]] = {}
