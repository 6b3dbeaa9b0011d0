"""Words for the field names that the audit and amendments keep."""

from __future__ import annotations

from django import template

from portal.operations import diff

register = template.Library()


@register.filter
def field_word(name: str, model: str) -> str:
    """`closes_at|field_word:"rulebook.phase"` gives 截止."""
    return diff.field_word(name, model)
