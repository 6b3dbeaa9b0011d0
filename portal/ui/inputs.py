"""Single inputs and lists of ticks, drawn in Python as Django's own templates draw them: an editor of rows has a hundred."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.forms.widgets import ChoiceWidget, Input
from django.utils.safestring import SafeString, mark_safe

from portal.ui.formats import escaped

# Django's own templates that are `input.html` and nothing else.
_PLAIN = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("input", "text", "number", "email", "url", "hidden", "date", "datetime", "time", "checkbox")
)
_TICKS = frozenset({"django/forms/widgets/checkbox_select.html", "django/forms/widgets/radio.html"})
_OPTIONS = frozenset({"django/forms/widgets/checkbox_option.html", "django/forms/widgets/radio_option.html"})


def is_plain_input(widget: forms.Widget) -> bool:
    """Whether `input_html` draws what the widget would draw itself."""
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return widget.template_name in _TICKS and widget.option_template_name in _OPTIONS
    return isinstance(widget, Input) and widget.template_name in _PLAIN


def input_html(field: forms.BoundField, attrs: dict[str, Any]) -> SafeString:
    """The control with its attributes and value."""
    widget = field.field.widget
    if field.field.localize:
        widget.is_localized = True
    attrs = field.build_widget_attrs(attrs, widget)
    if field.auto_id and "id" not in widget.attrs:
        attrs.setdefault("id", field.auto_id)
    shown = widget.get_context(field.html_name, field.value(), attrs)["widget"]
    drawn = _ticks(shown) if isinstance(widget, ChoiceWidget) else _input(shown)
    return mark_safe(drawn)  # noqa: S308 - every part is escaped


def _input(shown: dict[str, Any]) -> str:
    value = "" if shown["value"] is None else f' value="{escaped(str(shown["value"]))}"'
    return f'<input type="{shown["type"]}" name="{escaped(shown["name"])}"{value}{flatatt(shown["attrs"])}>'


def _ticks(shown: dict[str, Any]) -> str:
    around = {name: shown["attrs"][name] for name in ("id", "class") if shown["attrs"].get(name)}
    groups = (_group(name, options) for name, options, _index in shown["optgroups"])
    return f"<div{flatatt(around)}>{''.join(groups)}</div>"


def _group(name: str | None, options: list[dict[str, Any]]) -> str:
    inner = "".join(f"<div>{_tick(each)}</div>" for each in options)
    return f"<div><label>{escaped(name)}</label>{inner}</div>" if name else inner


def _tick(option: dict[str, Any]) -> str:
    if not option.get("wrap_label"):
        return _input(option)
    key = option["attrs"].get("id")
    points = f' for="{escaped(key)}"' if key else ""
    return f"<label{points}>{_input(option)} {escaped(option['label'])}</label>"
