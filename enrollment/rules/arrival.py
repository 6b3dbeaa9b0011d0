"""Until when a trainee may report: the rule kind of arriving. Source: CQ20-6.1 (按时参训)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook.kinds import BoundRule, rule_kind, rules_for
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass

KIND = "arrival.deadline"


@dataclass(frozen=True)
class ArrivalCase:
    """A trainee of a class who has (not) come by a moment."""

    starts_on: date
    arrived: bool
    now: datetime


@rule_kind(KIND, gettext_lazy("按时报到"))
@dataclass(frozen=True)
class ArrivalRule:
    """Whoever has not reported by the end of the class's day `days` counts as not having come."""

    days: int = field(
        default=2,
        metadata={
            "label": gettext_lazy("报到截止（开班第几日24时）"),
            "help": gettext_lazy("此后仍未报到的记为“未报到”"),
        },
    )

    early: int = field(default=1, metadata={"label": gettext_lazy("提前报到（开班前几日起）")})

    def opens_at(self, starts_on: date) -> datetime:
        return timezone.make_aware(datetime.combine(starts_on - timedelta(days=self.early), time.min))

    def closes_at(self, starts_on: date) -> datetime:
        last = starts_on + timedelta(days=self.days - 1)
        return timezone.make_aware(datetime.combine(last, time.max))

    def check(self, case: ArrivalCase) -> str:
        if case.arrived or case.now <= self.closes_at(case.starts_on):
            return ""
        return _("至开班第%(days)d日24时仍未报到") % {"days": self.days}


@dataclass(frozen=True)
class Window:
    """From when until when a class takes arrivals, and the rule that says so. `rule` is None where none does."""

    opens_at: datetime
    closes_at: datetime | None
    rule: BoundRule | None


def window_of(training_class: TrainingClass, rulebook: Rulebook) -> Window:
    """When the class takes arrivals. Without the rule nobody ever counts as not having come. One query."""
    bound = next(iter(rules_for(rulebook, KIND)), None)
    starts_on = training_class.starts_on
    if bound is None:
        return Window(ArrivalRule().opens_at(starts_on), None, None)
    kind = cast(ArrivalRule, bound.kind)
    return Window(kind.opens_at(starts_on), kind.closes_at(starts_on), bound)
