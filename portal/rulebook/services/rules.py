"""Rules: their parameters, severity and whether they are in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.rulebook import kinds
from portal.rulebook.models import Clause, Rule, Rulebook, Severity
from portal.rulebook.services.amending import (
    MANAGERS,
    UNEXPLAINED,
    Why,
    differences,
    our_rulebook,
    record,
    require_draft,
)

FIELDS = ("parameters", "severity", "active")


@operation("rulebook.edit_rule", gettext_lazy("修改规则"), roles=MANAGERS, scope=our_rulebook)
def edit_rule(
    act: Act, rule: Rule, *, version: int, values: Mapping[str, Any], why: Why = UNEXPLAINED
) -> Rule:
    """Set `values`, keyed by FIELDS, of the rule that was read at `version`.

    Raises Invalid when the parameters do not fit its kind, Conflict when someone changed it meanwhile.
    """
    kinds.build(rule.kind, values.get("parameters", rule.parameters))
    _check_severity(values.get("severity", rule.severity))
    before, changed = differences(rule, values, FIELDS)
    if not changed:
        return rule
    save_version(rule, version, **changed)
    record(
        act,
        rule,
        target=f"rule:{rule.kind}",
        title=_("规则“%(rule)s”") % {"rule": kinds.label_of(rule.kind)},
        before=before,
        after=changed,
        why=why,
    )
    return rule


@operation("rulebook.add_rule", gettext_lazy("增加规则"), roles=MANAGERS, scope=our_rulebook)
def add_rule(
    act: Act,
    rulebook: Rulebook,
    *,
    kind: str,
    parameters: dict[str, Any],
    severity: str = Severity.BLOCK,
    clause: Clause | None = None,
) -> Rule:
    """Add a rule to a draft. Raises Invalid for an unknown kind, unfit parameters, or the same rule twice."""
    require_draft(rulebook)
    kinds.build(kind, parameters)
    _check_severity(severity)
    if rulebook.rules.filter(kind=kind, clause=clause).exists():
        raise Invalid(_("已有依据相同的同一规则，请直接修改它。"), field="kind")
    rule = rulebook.rules.create(
        kind=kind,
        parameters=parameters,
        severity=severity,
        clause=clause,
        position=rulebook.rules.count() + 1,
    )
    act.changed(rule, after={"kind": kind, "parameters": parameters, "severity": severity})
    return rule


@operation("rulebook.drop_rule", gettext_lazy("删除规则"), roles=MANAGERS, scope=our_rulebook)
def drop_rule(act: Act, rule: Rule) -> None:
    """Take a rule out of a draft; once published, switch it off instead, which leaves a trace."""
    require_draft(rule.rulebook)
    act.changed(rule.rulebook, before={"rule": rule.kind, "parameters": rule.parameters})
    rule.delete()


def _check_severity(severity: str) -> None:
    if severity not in Severity.values:
        raise Invalid(_("效力只能是“不得办理”或“仅提示”。"), field="severity")
