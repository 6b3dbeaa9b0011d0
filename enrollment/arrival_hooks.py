"""What the apps to the right have to say of arrivals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from enrollment.models import Enrollment
from portal.ui.registry import Plug

# Why an arrival may no longer be taken back, in words.
arrival_guards: Plug[Callable[[Enrollment], Iterable[str]]] = Plug()
