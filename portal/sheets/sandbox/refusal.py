"""How the child says no: a code and facts; the parent has the words."""

from __future__ import annotations


class Refused(Exception):
    """The file is not read. `code` is a key of portal.sheets.refusals.MESSAGES, `facts` fill its blanks."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
