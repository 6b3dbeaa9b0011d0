"""Printing recommendation forms, one or many. Source: CQ20-6.3."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Enrollment
from enrollment.services.arrivals import COPIES
from enrollment.services.replacement import RECOMMENDATION_FORM
from portal.operations.actor import Actor
from portal.papers.models import MOST_COPIES, PaperBatch
from portal.papers.services.starting import print_one, print_papers
from portal.rulebook.models import Rulebook

THREE = 3


class PrintForm(forms.Form):
    copies = forms.IntegerField(
        label=gettext_lazy("每人份数"),
        min_value=1,
        max_value=MOST_COPIES,
        initial=THREE,
        help_text=gettext_lazy("通知要求一式三份。"),
    )


def print_forms(actor: Actor, rows: QuerySet[Enrollment], *, copies: int) -> PaperBatch:
    """Start printing the forms of `rows`, by school and name. Raises as `print_papers`."""
    keys = rows.order_by("school__path", "teacher__sort_key", "pk").values_list("pk", flat=True)
    return print_papers(
        actor, None, kind=RECOMMENDATION_FORM, subjects=list(keys), title=_("学员推荐表"), copies=copies
    )


def print_form(actor: Actor, enrollment: Enrollment) -> PaperBatch:
    """Print one trainee's form at once, as many copies as the notice asks for."""
    copies = copies_of(enrollment.rulebook)
    return print_one(actor, RECOMMENDATION_FORM, enrollment.pk, copies=copies)


def copies_of(rulebook: Rulebook) -> int:
    """How many originals the notice asks for, as far as one run can print."""
    return min(COPIES.of(rulebook), MOST_COPIES)
