"""A rule kind's parameters as form fields: made from the types of its dataclass."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from django import forms
from django.utils.translation import gettext as _

from portal.errors import Text
from portal.rulebook.kinds import kinds

# Keeps parameters apart from the form's own fields.
PREFIX = "p_"


class LinesField(forms.CharField):
    """Several texts, one a line; gives a list."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        lines = (line.strip() for line in str(super().clean(value) or "").splitlines())
        return [line for line in lines if line]


def parameter_fields(code: str, values: Mapping[str, Any]) -> dict[str, forms.Field]:
    """One field a parameter of the rule kind `code`, filled from `values`; none for a kind that no app declares.

    A parameter's label and hint come from its dataclass field's metadata (`label`, `help`).
    """
    cls = kinds().get(code)
    if cls is None:
        return {}
    hints = get_type_hints(cls)
    return {f"{PREFIX}{each.name}": _field(each, hints[each.name], values) for each in fields(cls)}


def parameters_of(code: str, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as JSON holds them; what was left empty falls back to the kind's own default."""
    cls = kinds().get(code)
    names = [each.name for each in fields(cls)] if cls else []
    given = {name: _plain(cleaned.get(f"{PREFIX}{name}")) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _field(parameter: Field[Any], hint: Any, values: Mapping[str, Any]) -> forms.Field:
    kind, optional = _without_none(hint)
    default = parameter.default if parameter.default is not MISSING else None
    return _of_type(
        kind,
        label=parameter.metadata.get("label", parameter.name),
        help_text=parameter.metadata.get("help", ""),
        required=not optional and parameter.default is MISSING and parameter.default_factory is MISSING,
        initial=values.get(parameter.name, default),
    )


def _of_type(kind: Any, *, label: Text, help_text: Text, required: bool, initial: Any) -> forms.Field:
    shared: dict[str, Any] = {"label": label, "help_text": help_text, "initial": initial}
    if kind is bool:
        return forms.BooleanField(required=False, **shared)
    if get_origin(kind) in {tuple, list, frozenset}:
        shared["help_text"] = help_text or _("每行一项")
        return LinesField(required=False, widget=forms.Textarea({"rows": 4}), **shared)
    makers: dict[Any, type[forms.Field]] = {
        int: forms.IntegerField,
        float: forms.FloatField,
        Decimal: forms.DecimalField,
    }
    return makers.get(kind, forms.CharField)(required=required, **shared)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    kinds_left = [each for each in get_args(hint) if each is not type(None)]
    return kinds_left[0], len(kinds_left) < len(get_args(hint))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return None if value == "" else value
