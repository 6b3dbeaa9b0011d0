"""What the apps to the right put on a trainee's home: one line for each thing to do or to have, training by training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.errors import Text
from portal.operations.actor import Actor
from portal.ui.registry import Plug


@dataclass(frozen=True)
class TraineeLink:
    """A big target of the phone's page. `strong`: to be done now; `detail` is a second line."""

    label: Text
    url: str
    icon: str = "chevron-right"
    detail: Text = ""
    strong: bool = False


# For the keys of one's own enrolments, what each has now. A constant number of queries.
trainee_links: Plug[Callable[[Actor, Sequence[int], datetime], Mapping[int, Iterable[TraineeLink]]]] = Plug()


def links_of(actor: Actor, keys: Sequence[int], now: datetime) -> dict[int, list[TraineeLink]]:
    """The links of every app, by enrolment; what is to be done first."""
    found: dict[int, list[TraineeLink]] = defaultdict(list)
    for provider in trainee_links:
        for key, links in provider(actor, keys, now).items():
            found[key] += links
    return {key: sorted(links, key=lambda link: not link.strong) for key, links in found.items()}
