"""The review list: what waits for me, what I decided, what we submitted, all that I may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import QuerySet
from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.reviews.forms import OpinionForm, ReasonForm
from portal.reviews.handlers import handlers
from portal.reviews.models import Review, ReviewState, Verdict
from portal.reviews.services import decide_many
from portal.ui.filters import FilterSet
from portal.ui.pages import PageRequest
from portal.ui.register import BulkAction, Column, Kind, Register, leads_to
from portal.ui.words import word_of

if TYPE_CHECKING:
    from portal.errors import Text

VIEWS = [
    ("mine", gettext_lazy("待我审核")),
    ("decided", gettext_lazy("我已审核")),
    ("sent", gettext_lazy("本单位报送")),
    ("all", gettext_lazy("全部")),
]


def _kinds() -> list[tuple[str, str]]:
    return [(code, str(handler.label)) for code, handler in handlers().items()]


class ReviewFilter(FilterSet):
    view = django_filters.ChoiceFilter(
        label=gettext_lazy("范围"), choices=VIEWS, method="by_view", empty_label=None
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("事项"),
        field_name="chain__subject_kind",
        choices=_kinds,
        empty_label=gettext_lazy("全部事项"),
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=ReviewState, empty_label=gettext_lazy("全部状态")
    )

    class Meta:
        model = Review
        fields = ["view", "kind", "state"]

    def filter_queryset(self, queryset: QuerySet[Review]) -> QuerySet[Review]:
        """What waits for the person, unless they ask for something else."""
        if not self.form.cleaned_data.get("view"):
            self.form.cleaned_data["view"] = "mine"
        narrowed: QuerySet[Review] = super().filter_queryset(queryset)
        return narrowed

    def by_view(self, rows: QuerySet[Review], name: str, value: str) -> QuerySet[Review]:
        actor, everything = self.request.actor, Review.objects.all()
        chosen = {
            "mine": everything.waiting_for(actor),
            "decided": everything.decided_by(actor),
            "sent": everything.sent_from(actor),
        }.get(value)
        return rows if chosen is None else rows.filter(pk__in=chosen.order_by().values("pk"))


def badge_of(review: Review) -> tuple[str, str]:
    """The state's tone and word: an open review waits, whereas an open class welcomes."""
    return ("in_review" if review.is_open else review.state), word_of(review, "state")


def _decide(request: PageRequest, rows: QuerySet[Review], verdict: Verdict, opinion: str) -> str:
    tally = decide_many(request.actor, rows, verdict=verdict, opinion=opinion)
    told = _("已审核%(decided)d项（%(verdict)s），其中%(moved)d项转入下一步审核。") % {
        "decided": tally.decided,
        "verdict": verdict.label,
        "moved": tally.moved_on,
    }
    if tally.skipped:
        told += _("另有%(skipped)d项不在您手中或已办结，未作处理。") % {"skipped": tally.skipped}
    return told


def decisions(
    decide: Callable[[PageRequest, QuerySet[Any], Verdict, str], str],
    *,
    approve: Text,
    give_back: Text,
    reject: Text,
) -> list[BulkAction]:
    """The three verdicts as bulk actions of a list; the texts say what follows for the chosen rows."""

    def action(
        verdict: Verdict, label: Text, confirm: Text, form: type[Form], style: str = "secondary"
    ) -> BulkAction:
        def run(request: PageRequest, rows: QuerySet[Any], given: dict[str, Any]) -> str:
            return decide(request, rows, verdict, given["opinion"])

        return BulkAction(verdict.value, label, run, confirm=confirm, form=form, style=style)

    return [
        action(Verdict.APPROVE, gettext_lazy("批量通过"), approve, OpinionForm, "primary"),
        action(Verdict.RETURN, gettext_lazy("批量退回"), give_back, ReasonForm),
        action(Verdict.REJECT, gettext_lazy("批量不通过"), reject, ReasonForm, "danger"),
    ]


REVIEWS: Register[Review] = Register(
    code="reviews.queue",
    title=gettext_lazy("审核"),
    rows=lambda actor: Review.objects.visible_to(actor).select_related("chain", "step", "reviewer", "origin"),
    columns=[
        Column("title", gettext_lazy("事项")),
        Column("chain__name", gettext_lazy("审核链"), shown=False),
        Column("origin__name", gettext_lazy("报送单位")),
        Column("step__name", gettext_lazy("步骤")),
        Column("reviewer__name", gettext_lazy("审核单位")),
        Column("state", gettext_lazy("状态"), kind=Kind.BADGE, value=badge_of, reads=("state",)),
        Column("opened_at", gettext_lazy("报送时间"), kind=Kind.MOMENT, sort="opened_at"),
        Column("due_at", gettext_lazy("应办结"), kind=Kind.DUE, sort="due_at"),
    ],
    filters=ReviewFilter,
    search=("title__icontains", "origin__name__icontains"),
    search_hint=gettext_lazy("事项或报送单位"),
    url=leads_to("reviews:detail"),
    reads=("title",),
    actions=decisions(
        _decide,
        approve=gettext_lazy("所选事项中等您审核的将全部通过，并转入下一步或办结。"),
        give_back=gettext_lazy("所选事项中等您审核的将全部退回报送单位修改。"),
        reject=gettext_lazy("所选事项中等您审核的将全部定为不通过，不能再修改后提交。"),
    ),
    empty=gettext_lazy("没有等您审核的事项。可在“范围”中查看已审核或本单位报送的事项。"),
)
