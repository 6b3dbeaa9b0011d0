"""Pages of nominations, sheets and enrolments."""
