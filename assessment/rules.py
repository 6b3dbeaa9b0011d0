"""What a notice says of attendance and of grading, as typed rules. Pure; a case carries all they look at. CQ20-5.2."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook.kinds import BoundRule, rule_kind, rules_for
from portal.rulebook.models import Rulebook

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class PunctualityCase:
    """A trainee scans at `at` for a half-day that began at `starts_at`."""

    starts_at: datetime
    at: datetime


@rule_kind("attendance.punctuality", gettext_lazy("按时出勤"))
@dataclass(frozen=True)
class PunctualityRule:
    """From `late_after` minutes after the start a trainee who scans is late."""

    late_after: int = field(default=15, metadata={"label": gettext_lazy("开课几分钟后算迟到")})

    def check(self, case: PunctualityCase) -> str:
        if case.at <= case.starts_at + timedelta(minutes=self.late_after):
            return ""
        return _("开课%(minutes)d分钟后到达") % {"minutes": self.late_after}


@dataclass(frozen=True)
class GradingCase:
    """One trainee's figures: rate in per cent, marks 0 to 100, None where there is none; the level's code or ""."""

    attendance: Decimal | None
    performance: Decimal | None
    outcome: Decimal | None
    level: str = ""


@rule_kind("grading.suggestion", gettext_lazy("等级与出勤、表现、成果相符"))
@dataclass(frozen=True)
class SuggestionRule:
    """Suggests a level: the weighted score against the lines of `levels`, best first, each “代号 最低分”.

    Below `min_attendance` per cent nothing is suggested but the lowest level, `lowest`.
    """

    attendance_weight: int = field(default=30, metadata={"label": gettext_lazy("出勤权重（%）")})
    performance_weight: int = field(default=40, metadata={"label": gettext_lazy("学习表现权重（%）")})
    outcome_weight: int = field(default=30, metadata={"label": gettext_lazy("培训成果权重（%）")})
    min_attendance: int = field(default=0, metadata={"label": gettext_lazy("合格的最低出勤率（%）")})
    levels: tuple[str, ...] = field(
        default=(),
        metadata={"label": gettext_lazy("等级"), "help": gettext_lazy("每行：等级代号 最低分，由高到低")},
    )
    lowest: str = field(default="", metadata={"label": gettext_lazy("最低等级代号")})

    def score(self, case: GradingCase) -> Decimal | None:
        """The weighted score, one decimal; None while a mark that counts is missing."""
        parts = (
            (self.attendance_weight, case.attendance),
            (self.performance_weight, case.performance),
            (self.outcome_weight, case.outcome),
        )
        counting = [(weight, value) for weight, value in parts if weight]
        if not counting or any(value is None for _weight, value in counting):
            return None
        total = sum((weight * value for weight, value in counting if value is not None), Decimal(0))
        return (total / sum(weight for weight, _value in counting)).quantize(TENTH, ROUND_HALF_UP)

    def suggest(self, case: GradingCase) -> str:
        """The code of the level that the figures speak for, or "" while they are incomplete."""
        score = self.score(case)
        if score is None:
            return ""
        if case.attendance is not None and case.attendance < self.min_attendance:
            return self.lowest
        return next((code for code, least in self.lines if score >= least), self.lowest)

    @property
    def lines(self) -> list[tuple[str, Decimal]]:
        """(code, least score) of each line, best level first."""
        pairs = (line.rsplit(maxsplit=1) for line in self.levels)
        return [(code, Decimal(least)) for code, least in pairs]

    def check(self, case: GradingCase) -> str:
        suggested = self.suggest(case)
        order = [code for code, _least in self.lines] + [self.lowest]
        if not suggested or case.level not in order or suggested not in order:
            return ""
        if order.index(case.level) >= order.index(suggested):
            return ""
        return _("评定等级高于按综合得分%(score)s分的建议等级") % {"score": self.score(case)}


def suggestion_of(rulebook: Rulebook) -> tuple[SuggestionRule | None, BoundRule | None]:
    """The rulebook's way of suggesting, and the rule as bound; None, None where it has none. One query."""
    bound = next(iter(rules_for(rulebook, "grading.suggestion")), None)
    kind = bound.kind if bound else None
    return (kind, bound) if isinstance(kind, SuggestionRule) else (None, None)


def is_late(rulebook: Rulebook, case: PunctualityCase) -> bool:
    """Whether any rule of the notice finds the trainee late. One query."""
    return any(each.kind.check(case) for each in rules_for(rulebook, "attendance.punctuality"))
