"""The rulebook's lines in the frame, the calendar strip of the desk, and what follows a move of the demo clock."""

from __future__ import annotations

from portal.rulebook import hooks
from portal.rulebook.tasks import follow_the_clock

hooks.clock_moved(follow_the_clock)
