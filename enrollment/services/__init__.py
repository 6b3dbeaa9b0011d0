"""The verbs of nominating, reviewing, registering, replacing."""
