"""Verification codes: unguessable, and forgiving to those who type them."""

import re

import segno
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from portal.papers import codes


def test_a_code_has_eighty_random_bits_of_unmistakable_signs() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert {len(code) for code in made} == {16}
    assert len(codes.ALPHABET) == 32
    assert not set("ILOU") & set("".join(made))


@given(st.text(codes.ALPHABET, min_size=16, max_size=16))
def test_what_is_shown_can_be_typed_back(code: str) -> None:
    assert codes.typed(codes.shown(code)) == code
    assert codes.typed(f" {codes.shown(code).lower()}\n") == code


def test_lookalikes_are_put_right() -> None:
    assert codes.typed("oOiI-lL01-2345-6789") == "0011110123456789"


@given(st.text(max_size=30))
def test_anything_else_is_no_code(text: str) -> None:
    code = codes.typed(text)
    assert code == "" or (len(code) == 16 and set(code) <= set(codes.ALPHABET))


def test_too_short_and_foreign_signs_are_no_code() -> None:
    assert codes.typed("ABC") == ""
    assert codes.typed("ABCD-ABCD-ABCD-ABCU") == ""


def test_the_address_is_the_public_one() -> None:
    assert codes.verification_url("0" * 16) == "https://train.example.cn/verify/0000000000000000/"


def test_a_tick_is_drawn_and_its_label_escaped() -> None:
    drawn = Template("{% load portal_papers %}{% tick on label %}{% tick off '乙' %}").render(
        Context({"on": True, "off": False, "label": "<b>"})
    )
    assert drawn.count("√") == 1
    assert "&lt;b&gt;" in drawn


def modules(svg: str) -> list[list[int]]:
    """The black and white modules that the SVG draws, row by row, as strokes of one module's height."""
    size = int(svg.split('viewBox="0 0 ')[1].split(maxsplit=1)[0])
    rows = [[0] * size for _ in range(size)]
    x, y = 0, 0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", svg.split(' d="')[1].split('"', maxsplit=1)[0]):
        step = [float(number) for number in numbers.split()]
        if command == "h":
            rows[y][x : x + int(step[0])] = [1] * int(step[0])
        else:
            y = y + int(step[1])
        x = x + int(step[0]) if command != "M" else int(step[0])
    return rows


def test_the_qr_code_is_that_of_the_verification_address() -> None:
    address = codes.verification_url("ABCD" * 4)
    drawn = Template("{% load portal_papers %}{% qr address %}").render(Context({"address": address}))
    expected = segno.make(address, error="m", micro=False)
    assert modules(drawn) == [list(row) for row in expected.matrix]
