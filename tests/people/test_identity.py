"""GB 11643: what is an error, what only warns, what office programs do to numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.organizations.phones import check_contact, check_mobile, clean_phone
from portal.organizations.regions import PROVINCES
from portal.people.codes import DocumentType, Gender
from portal.people.identity import birth_of, check_digit, check_document, clean_number, compose_id, gender_of

TODAY = date(2020, 10, 24)
VALID = compose_id("500101", date(1980, 5, 17), 21)

regions = st.builds("{}{:04d}".format, st.sampled_from(sorted(PROVINCES)), st.integers(0, 9999))
births = st.dates(date(1900, 1, 1), TODAY)
numbers = st.builds(compose_id, regions, births, st.integers(0, 999))


def codes(number: str, *, kind: str = DocumentType.RESIDENT_ID, **given: object) -> list[str]:
    return [each.code for each in check_document(kind, number, today=TODAY, **given)]


@given(numbers)
def test_every_composed_number_is_accepted(number: str) -> None:
    assert not any(each.blocks for each in check_document("resident_id", number, today=TODAY))


@given(numbers, st.integers(0, 17), st.data())
def test_every_single_wrong_character_is_an_error(number: str, place: int, data: st.DataObject) -> None:
    signs = "0123456789X" if place == 17 else "0123456789"
    wrong = data.draw(st.sampled_from([each for each in signs if each != number[place]]))
    typed = number[:place] + wrong + number[place + 1 :]
    assert any(each.blocks for each in check_document("resident_id", typed, today=TODAY))


@given(numbers, st.integers(0, 15))
def test_two_swapped_neighbours_are_an_error(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    problems = check_document("resident_id", swapped, today=TODAY)
    assert swapped == number or any(each.blocks for each in problems)


@given(regions, births, st.integers(0, 999))
def test_birth_and_sex_are_read_back(region: str, birth: date, sequence: int) -> None:
    number = compose_id(region, birth, sequence)
    assert birth_of(number) == birth
    assert gender_of(number) == (Gender.MALE if sequence % 2 else Gender.FEMALE)


def test_the_check_digit_of_the_standards_own_examples() -> None:
    # The two numbers that GB 11643-1999 itself prints.
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        ("50010119800517", "length"),
        ("500101800517021", "old_form"),
        (VALID + "1", "length"),
        ("5001011980O517021X", "charset"),
        ("X" + VALID[1:], "charset"),
        (compose_id("500101", date(1980, 5, 17), 21)[:-1] + "A", "charset"),
        ("500101189912310013", "birth"),
        ("500101198002300011", "birth"),
        ("5.00101198005170E+17", "rounded"),
        ("5.00101E+17", "rounded"),
        ("500101198005170000", "check_digit"),
    ],
)
def test_each_defect_is_named_by_itself(typed: str, code: str) -> None:
    problems = check_document("resident_id", typed, today=TODAY)
    assert [each.code for each in problems] == [code]
    assert problems[0].blocks
    assert problems[0].field == "id_number"


def test_no_message_repeats_the_number() -> None:
    for typed in (VALID[:-1] + "A", VALID[:-2], "99" + VALID[2:]):
        for each in check_document("resident_id", typed, today=TODAY):
            assert typed not in each.message


def test_a_birth_in_the_future_is_an_error() -> None:
    assert codes(compose_id("500101", TODAY + timedelta(days=1), 1)) == ["birth"]
    assert "birth" not in codes(compose_id("500101", TODAY, 1))


def test_an_unknown_region_only_warns() -> None:
    problems = check_document("resident_id", compose_id("990101", date(1980, 1, 1), 1), today=TODAY)
    assert [(each.code, each.blocks) for each in problems] == [("region", False)]


@pytest.mark.parametrize("prefix", ["81", "82", "83", "71", "50"])
def test_residence_permits_and_provinces_are_known(prefix: str) -> None:
    assert codes(compose_id(f"{prefix}0000", date(1980, 1, 1), 1)) == []


@pytest.mark.parametrize(
    ("birth", "warned"),
    [
        (date(2002, 10, 24), False),
        (date(2002, 10, 25), True),
        (date(1950, 10, 24), False),
        (date(1949, 10, 24), True),
    ],
)
def test_an_age_outside_18_to_70_only_warns(birth: date, warned: bool) -> None:
    problems = check_document("resident_id", compose_id("500101", birth, 1), today=TODAY)
    assert [each.code for each in problems] == (["age"] if warned else [])
    assert not any(each.blocks for each in problems)


def test_contradictions_to_the_other_columns_only_warn() -> None:
    problems = check_document("resident_id", VALID, today=TODAY, gender="2", birth_date=date(1980, 5, 18))
    assert {(each.code, each.field, each.blocks) for each in problems} == {
        ("gender", "gender", False),
        ("birth_mismatch", "birth_date", False),
    }
    assert codes(VALID, gender="1", birth_date=date(1980, 5, 17)) == []
    assert codes(VALID, gender="0") == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 500101198005170 21x ", "50010119800517021X"),
        ("５００１０１１９８００５１７０２１ｘ", "50010119800517021X"),
        (13912345678.0, "13912345678"),
        (500101198005170210, "500101198005170210"),
        (None, ""),
    ],
)
def test_what_people_and_sheets_write_is_cleaned(typed: object, stored: str) -> None:
    assert clean_number(typed) == stored


@given(numbers.filter(lambda number: number.isdecimal()))
def test_a_number_that_went_through_a_float_is_always_found_out(number: str) -> None:
    assert codes(clean_number(float(number))) == ["rounded"]


@pytest.mark.parametrize(
    ("kind", "number", "fits"),
    [
        (DocumentType.HK_MACAO_PERMIT, "H12345678", True),
        (DocumentType.HK_MACAO_PERMIT, "M1234567801", True),
        (DocumentType.HK_MACAO_PERMIT, "A12345678", False),
        (DocumentType.TAIWAN_PERMIT, "12345678", True),
        (DocumentType.TAIWAN_PERMIT, "1234567", False),
        (DocumentType.PASSPORT, "E12345678", True),
        (DocumentType.PASSPORT, "E123", False),
    ],
)
def test_other_documents_have_light_checks(kind: str, number: str, fits: bool) -> None:
    assert codes(number, kind=kind) == ([] if fits else ["form"])


def test_an_unknown_kind_of_document_is_refused() -> None:
    assert codes("123456", kind="library_card") == ["document_type"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+86 139-1234-5678", "13912345678"),
        ("８６13912345678", "13912345678"),
        (13912345678.0, "13912345678"),
        ("023-12345678", "023-12345678"),
        ("023 - 1234 5678", "023-12345678"),
    ],
)
def test_phones_are_cleaned(typed: object, stored: str) -> None:
    assert clean_phone(typed) == stored


@pytest.mark.parametrize(
    ("phone", "right"), [("13912345678", True), ("", True), ("12912345678", False), ("139", False)]
)
def test_mobile_numbers(phone: str, right: bool) -> None:
    assert (not check_mobile(phone)) == right


def test_an_office_may_have_a_landline_and_a_person_may_not() -> None:
    assert not check_contact("023-12345678")
    assert not check_contact("13912345678")
    assert check_contact("1234")
    assert check_mobile("023-12345678")
