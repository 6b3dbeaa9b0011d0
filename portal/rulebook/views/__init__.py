"""Pages of notices, rulebooks, the calendar and the demo clock."""
