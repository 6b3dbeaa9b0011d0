"""How Chinese names sort, are found and are masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.names import initials, mask_id, mask_name, mask_phone, sort_key


@pytest.mark.parametrize(("text", "found"), [("重庆市", "cqs"), ("演示（职教）中心", "yszjzx"), ("", "")])
def test_initials(text: str, found: str) -> None:
    assert initials(text) == found


def test_a_surname_is_read_as_a_surname() -> None:
    assert sort_key("单演示").startswith("shan ")
    assert sort_key("曾演示").startswith("zeng ")
    assert sorted(["张演示", "曾演示", "安演示"], key=sort_key) == ["安演示", "曾演示", "张演示"]


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("张演示", "张**"), ("欧阳演示", "欧阳**"), ("", "")]
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("50010119800517021X", "500**************X"), ("E1234567", "E12****7"), ("12345", "*****"), ("", "")],
)
def test_numbers_are_masked(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"), [("13800138000", "138****8000"), ("1234567", "*******"), ("", "")]
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text("0123456789X", min_size=15, max_size=20))
def test_a_mask_hides_the_birth_date(number: str) -> None:
    masked = mask_id(number)
    assert len(masked) == len(number)
    assert set(masked[3:-1]) == {"*"}


def test_keys_fit_their_columns() -> None:
    assert len(initials("校" * 200)) == 100
    assert len(sort_key("双" * 60)) == 120
