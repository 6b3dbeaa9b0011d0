"""Runs the portal: its own PostgreSQL and Valkey, the web, worker and beat processes, the tests.

Nothing here but `apps`, `health`, `urls` and the management commands may import Django: the rest runs before the
environment variables that the settings read are there.
"""
