"""The reviewers' list of people, drawn in Python: forty people with what the rules say of each are a long loop for a template."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from enrollment.models import Nomination
from portal.rulebook.findings import Finding
from portal.ui.formats import escaped
from portal.ui.templatetags.portal_ui import badge

register = template.Library()

_PERSON = (
    '<li{here}><input class="form-check-input" type="checkbox" name="pk" value="{pk}" aria-label="{tick}">'
    ' <a href="?{query}at={pk}"{current}><b>{name}</b> <span class="text-secondary">{school} · {code}</span></a>'
    ' <div class="queue-findings">{findings}</div></li>'
)


@register.simple_tag
def queue_people(
    people: Sequence[tuple[Nomination, Sequence[Finding]]], query: str, current: Nomination | None
) -> SafeString:
    """A line for each person with the rules' complaints; `query` is the filter that the links keep."""
    words = {"block": badge("block", _("不符合")), "warn": badge("warn", _("提示"))}
    good, tick = badge("pass", _("全部符合")), _("勾选 %(name)s")
    kept = escaped(f"{query}&" if query else "")
    lines = []
    for each, complaints in people:
        here = current is not None and each.pk == current.pk
        line = _PERSON.format(
            pk=each.pk,
            here=' class="queue-here"' if here else "",
            current=' aria-current="true"' if here else "",
            tick=escaped(tick % {"name": each.teacher.name}),
            query=kept,
            name=escaped(each.teacher.name),
            school=escaped(each.school.label),
            code=escaped(each.project.code),
            findings="".join(_complaint(finding, words) for finding in complaints) or good,
        )
        lines.append(line)
    return mark_safe("\n".join(lines))  # noqa: S308 - every value is escaped


def _complaint(finding: Finding, words: dict[str, SafeString]) -> str:
    section = escaped(finding.citation.section) if finding.citation else ""
    clause = f' <span class="text-secondary">{section}</span>' if finding.citation else ""
    word = words["block" if finding.blocks else "warn"]
    return f'<div class="complaint">{word} {escaped(finding.message)}{clause}</div>'
