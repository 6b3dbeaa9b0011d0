"""Finding teachers."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from portal.people.codes import DocumentType
from portal.people.identity import clean_number
from portal.people.models import Teacher, id_digest
from portal.text import normalise

_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Z]{5,18}")
_INITIALS = re.compile(r"[a-z]{2,}")


def find(rows: QuerySet[Teacher], text: str) -> QuerySet[Teacher]:
    """By an exact document number, by pinyin initials, or by any part of the name."""
    number = clean_number(text)
    if _NUMBER.fullmatch(number):
        return rows.filter(id_digest__in=[id_digest(kind, number) for kind in DocumentType])
    word = normalise(text)
    if _INITIALS.fullmatch(word.lower()):
        return rows.filter(Q(initials__startswith=word.lower()) | Q(name__icontains=word))
    return rows.filter(name__contains=word)
