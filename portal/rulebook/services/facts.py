"""Single values of a notice, such as the days before which people are reminded: changed by the office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.rulebook.facts import facts, shown
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook, record


@operation("rulebook.edit_facts", gettext_lazy("修改时限与其他事项"), roles=MANAGERS, scope=our_rulebook)
def edit_facts(
    act: Act, rulebook: Rulebook, *, version: int, values: Mapping[str, Any], why: Why = UNEXPLAINED
) -> Rulebook:
    """Set `values`, keyed by the names of declared facts; the others stay as they are.

    Raises Invalid for a name that nobody declares or a value that cannot be, Conflict when the rulebook was changed
    meanwhile.
    """
    known = {each.name: each for each in facts()}
    if unknown := sorted(set(values) - set(known)):
        raise Invalid(_("没有名为“%(names)s”的事项。") % {"names": "、".join(unknown)})
    wanted = {name: known[name].checked(value) for name, value in values.items()}
    changed = {name: value for name, value in wanted.items() if value != known[name].of(rulebook)}
    if not changed:
        return rulebook
    before = {name: known[name].of(rulebook) for name in changed}
    save_version(rulebook, version, facts=rulebook.facts | changed)
    record(
        act,
        rulebook,
        target="facts",
        title=_("时限与其他事项"),
        before={str(known[name].label): shown(value) for name, value in before.items()},
        after={str(known[name].label): shown(value) for name, value in changed.items()},
        why=why,
    )
    return rulebook
