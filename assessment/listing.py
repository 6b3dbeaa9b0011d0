"""The list of excellent trainees (优秀学员名单; layout: domain facts §2.9). No ID number stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from assessment.models import ClassResults, Result


def share_of(made: ClassResults) -> Decimal:
    """Excellent trainees in per cent of the class, one decimal."""
    if not made.trainees:
        return Decimal(0)
    return (Decimal(made.excellent) * 100 / made.trainees).quantize(Decimal("0.1"))


def head_of(made: ClassResults) -> str:
    """The line above the list: how many of how many."""
    words = _("班级人数%(trainees)d人，优秀%(excellent)d人，优秀比例%(share)s%%")
    return words % {"trainees": made.trainees, "excellent": made.excellent, "share": share_of(made)}


def excellent_text(made: ClassResults, people: Sequence[Result]) -> str:
    """The list in plain words, as it is handed in to the office."""
    lines = [head_of(made)]
    for number, each in enumerate(people, 1):
        person = each.enrollment
        parts = [str(number), person.teacher.name, person.school.name, str(each.score or ""), each.comment]
        lines.append(" ".join(part for part in parts if part))
    return "\n".join(lines)
