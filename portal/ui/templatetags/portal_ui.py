"""The tags and filters every template has (a builtin in the settings)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.db import models
from django.forms import BoundField, CheckboxInput
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import clock
from portal.operations.registry import Operation, find
from portal.ui import formats
from portal.ui.icons import known_icons
from portal.ui.inputs import input_html, is_plain_input
from portal.ui.selects import is_plain_select, select_html
from portal.ui.tones import tone_of
from portal.ui.words import word_of

if TYPE_CHECKING:
    from portal.rulebook.findings import Citation, Finding
    from portal.ui.register.listing import Listing

register = template.Library()

# A record's history shows so many entries unfolded.
RECENT = 8
VERDICTS = {"pass": ("ok", "circle-check"), "warn": ("warn", "alert-triangle"), "block": ("bad", "circle-x")}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, for the eye only: the word beside it speaks. Raises ValueError for an unknown name."""
    return _icon(name, css)


@lru_cache(maxsize=512)
def _icon(name: str, css: str) -> SafeString:
    if name not in known_icons():
        raise ValueError(
            f"icon {name!r} is not named in static/icons.txt; add it there and build the assets again"
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def badge(state: object, label: object = None, tone: str = "") -> SafeString:
    """A state as a word on its tone. With a model instance, its `state` and the word for it."""
    if isinstance(state, models.Model):
        label = label or word_of(state, "state")
        state = getattr(state, "state")  # noqa: B009 - models with states have it
    return _badge(tone or tone_of(state), str(label or state))


@lru_cache(maxsize=1024, typed=True)
def _badge(tone: str, word: str) -> SafeString:
    # Typed: text that is safe already equals the same text that is not.
    return format_html('<span class="state state-{}">{}</span>', tone, word)


@register.filter
def money(value: Decimal | float | None) -> str:
    """¥1,234.50; nothing for None."""
    return "" if value is None else formats.money(value)


@register.filter
def ten_thousands(value: Decimal | float | None) -> str:
    """123.45万元; nothing for None."""
    return "" if value is None else formats.ten_thousands(value)


@register.filter
def number(value: float | Decimal | None) -> str:
    """1,234,567; nothing for None."""
    return "" if value is None else formats.number(value)


@register.filter
def moment(value: datetime | None) -> str:
    """2020-10-31 09:30; nothing for None."""
    return "" if value is None else formats.moment(value)


@register.filter
def day(value: datetime | None) -> str:
    """2020-10-31; nothing for None."""
    return "" if value is None else formats.day(value)


@register.filter
def mask(value: str | None) -> str:
    """The middle hidden by asterisks."""
    return formats.mask(value or "")


@register.simple_tag
def due(when: datetime | None, now: datetime | None = None) -> SafeString:
    """A due time: the date and how long is left by business time."""
    if when is None:
        return format_html('<span class="text-secondary">{}</span>', "—")
    words = formats.due(when, now or clock.now())
    return format_html(
        '<span class="due due-{}"><span>{}</span> <b>{}</b></span>', words.tone, words.day, words.words
    )


@register.inclusion_tag("components/citation.html")
def citation(source: Citation | None) -> dict[str, Any]:
    """The clause behind a verdict, its quotation one click away."""
    return {"citation": source}


@register.inclusion_tag("components/evidence.html")
def evidence(findings: Iterable[Finding]) -> dict[str, Any]:
    """The 依据 panel: each rule's verdict, its message, its clause quoted; the gravest first."""
    order = list(VERDICTS)[::-1]
    rows = sorted(findings, key=lambda each: order.index(each.verdict))
    return {"rows": [(each, *VERDICTS[each.verdict]) for each in rows]}


@register.inclusion_tag("components/action.html", takes_context=True)
def action(
    context: Context,
    operation: Operation[Any, Any, Any] | str,
    subject: object,
    label: str,
    url: str,
    *,
    method: str = "post",
    style: str = "secondary",
    glyph: str = "",
    confirm: str = "",
) -> dict[str, Any]:
    """A button that runs an operation, or stands disabled with the reason why it cannot be run now.

    `operation` is the operation or its code. `method="get"` makes a link to the page that asks for more. `confirm` is
    the consequence that is asked about once. `style`: primary, secondary, danger.
    """
    found = find(operation) if isinstance(operation, str) else operation
    return {
        "refused": found.refusal(context["request"].actor, subject),
        "label": label,
        "url": url,
        "method": method,
        "style": style,
        "glyph": glyph,
        "confirm": confirm,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/history.html")
def history(entries: Iterable[Any]) -> dict[str, Any]:
    """Who did what and when, newest first; the older ones folded. Takes audit entries or anything with the same attributes."""
    rows = list(entries)
    return {"recent": rows[:RECENT], "older": rows[RECENT:]}


@register.inclusion_tag("components/crumb.html")
def crumb(label: object, url: str = "") -> dict[str, Any]:
    """One step of the breadcrumb; without an address it is the present page."""
    return {"label": label, "url": url}


_CONTROLS = {
    "select": "form-select",
    "selectmultiple": "form-select",
    "nullbooleanselect": "form-select",
    "checkbox": "form-check-input",
    "radioselect": "choice-list",
    "checkboxselectmultiple": "choice-list",
    "hidden": "",
}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A form field's own control in our look; what its widget says of itself stays."""
    css = _CONTROLS.get(field.widget_type, "form-control")
    own = field.field.widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": f"{css} {own} {'is-invalid' if field.errors else ''}".strip()}
    widget = field.field.widget
    if is_plain_select(widget):
        return select_html(field, attrs)
    return input_html(field, attrs) if is_plain_input(widget) else field.as_widget(attrs=attrs)


@register.simple_tag
def register_rows(listing: Listing[Any], selectable: bool) -> SafeString:
    """The rows of a list, drawn in Python."""
    from portal.ui.register import markup

    return markup.body(listing.rows, listing.columns, selectable=selectable)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is a single checkbox, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
