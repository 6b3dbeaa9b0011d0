"""How complete a record is: what a programme asks for is a list of field names, data like every rule's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from portal.people.models import Teacher

# What the nomination sheet and the recommendation form print. A notice's rule may ask for others.
REQUIRED: tuple[str, ...] = (
    "name",
    "id_number",
    "gender",
    "birth_date",
    "ethnicity",
    "political_status",
    "education",
    "degree",
    "graduated_from",
    "major",
    "stage",
    "subject",
    "title",
    "teaching_since",
    "double_qualified",
    "phone",
    "in_national_system",
)
# Values that stand for "not said".
_UNSAID: dict[str, str] = {"gender": "0"}


@dataclass(frozen=True)
class Completeness:
    """`missing` are (field name, label) in the order asked; `share` is per cent, 0–100."""

    missing: tuple[tuple[str, str], ...]
    share: int

    @property
    def complete(self) -> bool:
        return not self.missing


def completeness(teacher: Teacher, required: Sequence[str] = REQUIRED) -> Completeness:
    """Say what of `required` (Teacher's field names) is missing. Raises FieldDoesNotExist for an unknown name."""
    values = zip(required, map(getattr, repeat(teacher), required), strict=True)
    missing = tuple([(name, label(name)) for name, value in values if _is_missing(name, value)])
    share = 100 * (len(required) - len(missing)) // len(required) if required else 100
    return Completeness(missing, share)


def label(field: str) -> str:
    """The Chinese label of a field of the record. Raises FieldDoesNotExist."""
    return str(Teacher._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _is_missing(field: str, value: Any) -> bool:
    """Whether `value` says nothing in `field`; False is something said."""
    return value is None or value == "" or value == _UNSAID.get(field)


def incomplete(required: Sequence[str] = REQUIRED) -> Q:
    """The condition under which a row lacks one of `required`, without decrypting anything."""
    found = Q()
    for name in required:
        field = Teacher._meta.get_field(name)
        if field.null:
            found |= Q(**{f"{name}__isnull": True})
        else:
            found |= Q(Exact(Length(name), 0))
        if name in _UNSAID:
            found |= Q(**{name: _UNSAID[name]})
    return found
