"""Drop-down lists drawn in Python say what Django's own say, and the long ones are kept ready."""

from __future__ import annotations

from typing import Any

import django_filters
import pytest
from django import forms
from django.conf import LazySettings
from django.core.cache import cache
from django.http import QueryDict
from django.test.html import parse_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from portal.organizations.models import Organization
from portal.ui.filters import FilterSet
from portal.ui.inputs import input_html, is_plain_input
from portal.ui.selects import is_plain_select, select_html
from portal.ui.widgets import DateInput, SearchSelect
from tests.factories import OrganizationFactory

GROUPS = [("", "全部"), ("甲组", [("a", "<一>"), ("b", _("是"))]), ("c", "三&四")]


class ByName(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"—{obj}"


class Form(forms.Form):
    plain = forms.ChoiceField(choices=GROUPS, required=False)
    searched = forms.ChoiceField(choices=GROUPS, widget=SearchSelect)
    yes_no = forms.NullBooleanField()
    record = forms.ModelChoiceField(Organization.objects.all(), required=False)
    named = ByName(Organization.objects.all())
    several = forms.MultipleChoiceField(choices=GROUPS)
    records = forms.ModelMultipleChoiceField(Organization.objects.all())
    ticks = forms.MultipleChoiceField(choices=GROUPS, widget=forms.CheckboxSelectMultiple)
    one_of = forms.ChoiceField(choices=GROUPS, widget=forms.RadioSelect, required=False)
    words = forms.CharField(max_length=9, help_text="<b>")
    figure = forms.DecimalField(min_value=0, decimal_places=2, localize=True)
    day = forms.DateField(widget=DateInput)
    yes = forms.BooleanField()
    text = forms.CharField(widget=forms.Textarea)


class Filter(FilterSet):
    record = django_filters.ModelChoiceFilter(
        queryset=Organization.objects.all(), null_label="无", label="机构"
    )


def drawn(field: forms.BoundField) -> str:
    return select_html(field, {})


def same(field: forms.BoundField) -> bool:
    """Whether it is the element that Django draws, whatever the order of attributes and the breaks of lines."""
    return parse_html(drawn(field)) == parse_html(str(field.as_widget()))


@pytest.mark.parametrize("name", ["plain", "searched", "record", "named"])
@pytest.mark.parametrize("value", ["", "a", "c", "1"])
@pytest.mark.django_db
def test_a_list_is_what_django_would_draw(name: str, value: str) -> None:
    made = OrganizationFactory(name="<甲>&")
    form = Form({name: str(made.pk) if value == "1" else value})
    assert same(form[name])


@pytest.mark.django_db
def test_a_filter_offers_none_beside_all() -> None:
    OrganizationFactory()
    field = Filter({"record": "null"}, Organization.objects.all()).form["record"]
    assert '<option value="">' in drawn(field)
    assert '<option value="null" selected>无</option>' in drawn(field)
    assert same(field)


def test_what_is_more_than_a_list_draws_itself() -> None:
    fields = Form.base_fields
    assert is_plain_select(fields["plain"].widget)
    assert is_plain_select(fields["searched"].widget)
    assert is_plain_select(fields["several"].widget)
    assert not is_plain_select(fields["yes_no"].widget)
    assert not is_plain_select(forms.TextInput())
    assert not is_plain_input(fields["text"].widget)
    assert not is_plain_input(forms.FileInput())


@pytest.mark.parametrize("name", ["ticks", "one_of", "words", "figure", "day", "yes"])
@pytest.mark.parametrize("value", ["", "a", "on", "2020-10-31", '"<1>&'])
def test_an_input_is_what_django_would_draw(name: str, value: str) -> None:
    for form in (Form({name: value}), Form(initial={name: value}), Form(auto_id=False)):
        field = form[name]
        assert is_plain_input(field.field.widget)
        assert parse_html(input_html(field, {})) == parse_html(str(field.as_widget()))


@pytest.mark.parametrize("name", ["several", "records"])
@pytest.mark.django_db
def test_a_list_for_several_is_what_django_would_draw(name: str) -> None:
    made = [OrganizationFactory(name="<甲>&"), OrganizationFactory(), OrganizationFactory()]
    for chosen in ([], ["a", "c"], [str(each.pk) for each in made[:2]]):
        assert same(Form(QueryDict(urlencode({name: chosen}, doseq=True)))[name])


@pytest.mark.django_db
def test_names_alone_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    OrganizationFactory.create_batch(3)
    with django_assert_num_queries(1) as queries:
        drawn(Form()["record"])
    assert "contact_phone" not in queries[0]["sql"]


@pytest.mark.django_db
def test_a_list_is_kept_for_those_who_are_offered_the_same(
    settings: LazySettings, django_assert_num_queries: Any
) -> None:
    settings.CHOICES_SECONDS = 60
    cache.clear()
    made = OrganizationFactory(name="甲校")
    first = drawn(Form({"record": ""})["record"])
    chosen = Form({"record": str(made.pk)})
    chosen.full_clean()
    with django_assert_num_queries(0):
        again = drawn(chosen["record"])
    assert f'<option value="{made.pk}" selected>甲校</option>' in again
    assert again.replace(" selected", "") == first.replace(" selected", "")


@pytest.mark.django_db
def test_others_are_offered_their_own(settings: LazySettings) -> None:
    settings.CHOICES_SECONDS = 60
    cache.clear()
    one, other = OrganizationFactory(name="甲校"), OrganizationFactory(name="乙校")
    for shown, hidden in ((one, other), (other, one)):
        form = Form()
        form.fields["record"].queryset = Organization.objects.filter(pk=shown.pk)  # type: ignore[attr-defined]
        assert shown.name in drawn(form["record"])
        assert hidden.name not in drawn(form["record"])
    form = Form()
    form.fields["record"].queryset = Organization.objects.none()  # type: ignore[attr-defined]
    assert drawn(form["record"]).count("<option") == 1


@pytest.mark.django_db
def test_a_kept_list_is_read_again_in_time(settings: LazySettings) -> None:
    settings.CHOICES_SECONDS = 0
    drawn(Form()["record"])
    made = OrganizationFactory(name="新校")
    assert made.name in drawn(Form()["record"])
