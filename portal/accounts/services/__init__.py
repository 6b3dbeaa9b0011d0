"""The verbs of accounts: inviting, granting, passwords, sessions, tokens."""
