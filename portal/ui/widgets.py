"""Form controls that browsers and offices understand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class DateInput(forms.DateInput):
    """The browser's own calendar; it wants ISO dates whatever the locale writes."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own calendar and clock, in Asia/Shanghai."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class SearchSelect(forms.Select):
    """A long list with a field to search in it (Tom Select); a plain list without script."""

    def __init__(self, attrs: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__({"data-search": "1"} | (attrs or {}), **options)


class SearchSelectMultiple(forms.SelectMultiple):
    """Like SearchSelect, for several."""

    def __init__(self, attrs: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__({"data-search": "1"} | (attrs or {}), **options)


def select_html(field: forms.BoundField, attrs: dict[str, Any]) -> SafeString:
    """A plain drop-down list. Django draws each option by a template of its own: hundreds of schools cost 100 ms so."""
    widget = field.field.widget
    attrs = field.build_widget_attrs(widget.build_attrs(widget.attrs, attrs), widget)
    attrs.setdefault("id", field.auto_id)
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()), attrs)
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (each["value"], _SELECTED if each["selected"] else "", each["label"])
            for _name, group, _index in groups
            for each in group
        ),
    )
    return format_html('<select name="{}"{}>{}</select>', field.html_name, flatatt(attrs), options)


_SELECTED = SafeString(" selected")
