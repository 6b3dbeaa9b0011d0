"""Rule kinds: typed, parameterised, pure. Apps declare theirs with `@rule_kind`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from django.utils.translation import gettext as _

from portal.errors import Invalid, Text
from portal.rulebook.findings import Citation, Finding, Verdict
from portal.rulebook.models import Rule, Rulebook, Severity, cited


@runtime_checkable
class RuleKind(Protocol):
    """A frozen dataclass of parameters. `check` returns a complaint in Chinese, or "" when the case passes."""

    code: ClassVar[str]
    label: ClassVar[Text]

    def check(self, case: Any) -> str: ...


K = TypeVar("K")
_kinds: dict[str, type[Any]] = {}


def rule_kind(code: str, label: Text) -> Callable[[type[K]], type[K]]:
    """Declare a frozen dataclass as the rule kind `code` (`app.name`)."""

    def register(cls: type[K]) -> type[K]:
        if code in _kinds:
            raise ValueError(f"rule kind {code} is declared twice")
        cls.code, cls.label = code, label  # type: ignore[attr-defined]
        _kinds[code] = cls
        return cls

    return register


def kinds() -> dict[str, type[Any]]:
    """Every declared rule kind by its code."""
    return dict(sorted(_kinds.items()))


@dataclass(frozen=True)
class BoundRule:
    """A rule kind with its parameters, severity and citation: what a case is judged by."""

    kind: RuleKind
    severity: Severity
    citation: Citation | None

    def judge(self, case: object) -> Finding:
        """Return what this rule says of `case`."""
        complaint = self.kind.check(case)
        if not complaint:
            return self._passed
        return Finding(self.kind.code, Verdict(self.severity.value), complaint, self.citation)

    @cached_property
    def _passed(self) -> Finding:
        """One for all cases that pass: most do, and a finding cannot be changed."""
        return Finding(self.kind.code, Verdict.PASS, str(self.kind.label), self.citation)


def build(code: str, parameters: dict[str, Any]) -> RuleKind:
    """Return the rule kind `code` with its parameters. Raises Invalid when they do not fit."""
    cls = _kinds.get(code)
    if cls is None:
        raise Invalid(_("没有名为“%(code)s”的规则。") % {"code": code}, field="kind")
    known = {each.name for each in fields(cls)}
    needed = {
        each.name for each in fields(cls) if each.default is MISSING and each.default_factory is MISSING
    }
    wrong = (set(parameters) - known) | (needed - set(parameters))
    if wrong:
        raise Invalid(
            _("规则“%(code)s”的参数不符：%(names)s。") % {"code": code, "names": "、".join(sorted(wrong))},
            field="parameters",
        )
    made: RuleKind = cls(**{name: _frozen(value) for name, value in parameters.items()})
    return made


def rules_for(rulebook: Rulebook, *prefixes: str) -> list[BoundRule]:
    """The active rules whose kind begins with one of `prefixes`, typed, in order. One query."""
    rows = cited(rulebook.rules.filter(active=True))
    chosen = [each for each in rows if each.kind.startswith(prefixes)]
    return [_bind(each) for each in chosen]


def judge(rules: Iterable[BoundRule], case: object) -> list[Finding]:
    """What each rule says of `case`."""
    return [each.judge(case) for each in rules]


def _bind(rule: Rule) -> BoundRule:
    citation = rule.clause.citation if rule.clause else None
    return BoundRule(build(rule.kind, rule.parameters), Severity(rule.severity), citation)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def label_of(code: str) -> str:
    """The Chinese name of the rule kind `code`, or the code itself when no app declares it."""
    cls = _kinds.get(code)
    return str(cls.label) if cls else code
