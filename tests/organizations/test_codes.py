"""School codes, social credit codes, regions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.organizations.codes import (
    CREDIT_CHARACTERS,
    check_credit_code,
    check_region,
    check_school_code,
    clean_code,
    credit_check_digit,
)
from portal.organizations.kinds import Kind

credit_codes = st.text(CREDIT_CHARACTERS, min_size=17, max_size=17).map(
    lambda code: code + credit_check_digit(code)
)


def codes(problems: list) -> list[str]:
    return [each.code for each in problems]


@given(credit_codes)
def test_every_code_with_its_check_digit_is_accepted(code: str) -> None:
    assert check_credit_code(code) == []


@given(credit_codes, st.integers(0, 17), st.sampled_from(CREDIT_CHARACTERS))
def test_every_single_wrong_character_is_found(code: str, place: int, sign: str) -> None:
    wrong = code[:place] + sign + code[place + 1 :]
    assert wrong == code or codes(check_credit_code(wrong)) == ["credit_check_digit"]


def test_the_check_digit_of_a_published_code() -> None:
    # An example in wide circulation.
    assert credit_check_digit("91350100M000100Y4") == "3"
    assert check_credit_code("") == []


@pytest.mark.parametrize(("code", "problem"), [("123", "credit_length"), ("I" * 18, "credit_charset")])
def test_length_and_characters_of_a_credit_code(code: str, problem: str) -> None:
    assert codes(check_credit_code(code)) == [problem]


@pytest.mark.parametrize(
    ("code", "kind", "problem", "blocks"),
    [
        ("3650000123", Kind.SCHOOL, None, False),
        ("4150012345", Kind.COLLEGE, None, False),
        ("3650000123", Kind.BASE, None, False),
        ("", Kind.SCHOOL, None, False),
        ("365000012", Kind.SCHOOL, "school_code_form", True),
        ("3850000123", Kind.SCHOOL, "school_code_form", True),
        ("3699000123", Kind.SCHOOL, "school_code_form", True),
        ("4150012345", Kind.SCHOOL, "school_code_kind", True),
        ("3650000123", Kind.COLLEGE, "school_code_kind", True),
        ("3650000123", Kind.BUREAU, "school_code_kind", True),
        ("3450000123", Kind.SCHOOL, "school_code_category", False),
    ],
)
def test_a_school_code_fits_its_kind(code: str, kind: Kind, problem: str | None, blocks: bool) -> None:
    found = check_school_code(code, kind)
    assert codes(found) == ([problem] if problem else [])
    assert [each.blocks for each in found] == ([blocks] if problem else [])


def test_a_school_code_of_another_province_only_warns() -> None:
    found = check_school_code("3651000123", Kind.SCHOOL, "500101")
    assert [(each.code, each.blocks) for each in found] == [("school_code_province", False)]


@pytest.mark.parametrize(
    ("code", "right"), [("500101", True), ("", True), ("990101", False), ("50010", False), ("50010a", False)]
)
def test_regions(code: str, right: bool) -> None:
    assert (check_region(code) == []) == right


@pytest.mark.parametrize(
    ("typed", "stored"), [(3650000123.0, "3650000123"), (" 3650 000123 ", "3650000123"), (None, "")]
)
def test_codes_are_cleaned(typed: object, stored: str) -> None:
    assert clean_code(typed) == stored
