"""Registration codes: unguessable, forgiving of look-alikes, and every wrong group is named without a look-up."""

from __future__ import annotations

import secrets

import pytest

from enrollment.codes import (
    GROUPS,
    SIGNS,
    check_sign,
    class_code_digest,
    cleaned,
    code_digest,
    mistyped_group,
    new_code,
    shown,
)
from portal.papers.codes import ALPHABET

GROUP = SIGNS + 1


@pytest.mark.clause("CQ20-3.3")
def test_a_code_has_sixty_random_bits_of_the_system_s_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    choice = secrets.choice
    monkeypatch.setattr(secrets, "choice", lambda signs: drawn.append(len(signs)) or choice(signs))
    new_code()
    assert drawn == [32] * (GROUPS * SIGNS)


@pytest.mark.clause("CQ20-3.3")
def test_codes_do_not_repeat_and_use_the_whole_alphabet() -> None:
    made = [new_code() for _ in range(500)]
    assert len(set(made)) == len(made)
    assert set("".join(made)) == set(ALPHABET)
    assert all(mistyped_group(each) == 0 for each in made)


def test_a_code_is_read_in_four_groups_and_typed_in_any_way() -> None:
    code = new_code()
    assert [len(each) for each in shown(code).split("-")] == [4, 4, 4, 4]
    assert cleaned(f" {shown(code).lower()} ") == code
    assert cleaned("oil u") == "011V"


@pytest.mark.parametrize("place", range(GROUPS * GROUP))
def test_every_single_wrong_sign_is_found_and_its_group_named(place: int) -> None:
    code = new_code()
    for sign in set(ALPHABET) - {code[place]}:
        assert mistyped_group(code[:place] + sign + code[place + 1 :]) == place // GROUP + 1


def test_groups_in_another_order_are_found() -> None:
    groups = [
        f"{signs}{check_sign(signs, place)}" for place, signs in enumerate(["7K3", "9QX", "2B4", "8FH"])
    ]
    assert mistyped_group("".join(groups)) == 0
    assert mistyped_group("".join([groups[1], groups[0], *groups[2:]])) == 1


@pytest.mark.parametrize(("length", "group"), [(0, 1), (3, 1), (4, 2), (15, 4)])
def test_a_short_code_is_wrong_where_it_ends(length: int, group: int) -> None:
    assert mistyped_group(new_code()[:length]) == group


def test_a_code_that_is_too_long_is_wrong() -> None:
    assert mistyped_group(new_code() + "0") == GROUPS


def test_digests_hide_the_code_and_differ_by_purpose() -> None:
    code = new_code()
    assert len({code, code_digest(code), class_code_digest(code)}) == 3
    assert code_digest(code) == code_digest(code)
    assert code not in code_digest(code)
