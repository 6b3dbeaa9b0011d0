"""Drop-down lists, drawn in Python, the long ones kept ready.

Django draws each option by a template of its own: a list of hundreds of schools cost 100 ms so. The options of records whose
model says what names them (`named_by`: the fields that `__str__` reads) are kept in the cache for CHOICES_SECONDS, for all
who are offered the same ones: the key is the query. What a filter offers is kept besides, as long, under the person's
membership (`portal.ui.offers`). So a new school may be two minutes late in a filter; what is chosen is always checked
against the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.ui.formats import escaped
from portal.ui.offers import Offer


def is_plain_select(widget: forms.Widget) -> bool:
    """Whether `select_html` draws what the widget would draw itself: a list, for one or several, with nothing of its own."""
    return (
        isinstance(widget, forms.Select)
        and widget.template_name == forms.Select.template_name
        and type(widget).create_option is forms.Select.create_option
        and type(widget).format_value is forms.Select.format_value
    )


def select_html(field: forms.BoundField, attrs: dict[str, Any]) -> SafeString:
    """The list with its attributes; the chosen option is marked."""
    widget = field.field.widget
    attrs = field.build_widget_attrs(widget.build_attrs(widget.attrs, attrs), widget)
    attrs.setdefault("id", field.auto_id)
    if widget.allow_multiple_selected:
        attrs["multiple"] = True
    options = _options(widget)
    for chosen in set(widget.format_value(field.value())):
        option = _opening(chosen)
        options = options.replace(f"{option}>", f"{option} selected>", 1)
    safe = mark_safe(options)  # noqa: S308 - escaped one by one below
    return format_html('<select name="{}"{}>{}</select>', field.html_name, flatatt(attrs), safe)


def _options(widget: forms.Select) -> str:
    """The options, none of them chosen."""
    choices: Any = widget.choices
    if not _are_records(choices):
        return "".join(_drawn(choices))
    blanks = "".join(_drawn(_blanks(choices.field)))
    offer = choices.queryset
    if not isinstance(offer, Offer):
        return blanks + _records(choices)
    options = offer.kept
    if options is None:
        options = _records(choices)
        offer.keep(options)
    return blanks + options


def _records(choices: Any) -> str:
    """The options of the records that `choices` holds."""
    named_by = getattr(choices.queryset.model, "named_by", ())
    if not named_by:
        return "".join(_drawn(map(choices.choice, choices.queryset.all())))
    records = choices.queryset.select_related(None).only(*named_by)
    return _kept(records, lambda: "".join(_drawn(map(choices.choice, records))))


def _are_records(choices: Any) -> bool:
    """Whether these are records under their own names, so that there is no need to read more than these."""
    if not isinstance(choices, ModelChoiceIterator) or choices.field.to_field_name:
        return False
    return type(choices.field).label_from_instance is forms.ModelChoiceField.label_from_instance


def _kept(records: QuerySet[Any], draw: Callable[[], str]) -> str:
    if not settings.CHOICES_SECONDS:
        return draw()
    try:
        sql, values = records.query.sql_with_params()
    except EmptyResultSet:
        return ""
    key = f"choices:{hashlib.sha256(f'{sql}{values}'.encode()).hexdigest()}"
    return str(cache.get_or_set(key, draw, settings.CHOICES_SECONDS))


def _blanks(field: Any) -> Iterator[tuple[str, Any]]:
    """What stands before the records: no choice, and (django-filter's) the choice of none."""
    if field.empty_label is not None:
        yield "", field.empty_label
    if getattr(field, "null_label", None) is not None:
        yield field.null_value, field.null_label


def _drawn(choices: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield f'<optgroup label="{escaped(value)}">{"".join(_drawn(label))}</optgroup>'
        else:
            yield f"{_opening(value)}>{escaped(label)}</option>"


def _opening(value: Any) -> str:
    return f'<option value="{escaped("" if value is None else str(value))}"'
