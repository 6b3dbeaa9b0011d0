"""What apps show on a teacher's page.

    @training_history
    def trainings(actor: Actor, teacher: Teacher) -> Iterable[Training]: ...

A provider costs a constant number of queries and shows only what the actor may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.ui.registry import Plug

if TYPE_CHECKING:
    from portal.errors import Text
    from portal.operations.actor import Actor
    from portal.people.models import Teacher


@dataclass(frozen=True)
class Training:
    """One training of a teacher: what it was, when (in words), how it stands, where its record is."""

    label: str
    period: str
    state: Text
    url: str = ""


training_history: Plug[Callable[[Actor, Teacher], Iterable[Training]]] = Plug()
