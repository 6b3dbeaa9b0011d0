"""What people type, undone: portal.text."""

from hypothesis import given
from hypothesis import strategies as st

from portal.text import fold, has_control, initials, normalise, pinyin_key


def test_full_width_letters_and_digits_become_ascii_but_chinese_punctuation_stays() -> None:
    assert normalise("ＡＢ１２ｘ．（东校区），：") == "AB12x.（东校区），："


def test_spaces_of_every_kind_collapse_and_trim() -> None:
    assert normalise("\u3000张\u00a0 三\t\n李 ") == "张 三 李"


def test_ascii_keeps_its_single_spaces() -> None:
    assert normalise(" a b ") == "a b"
    assert normalise("a  b") == "a b"


def test_line_breaks_are_kept_once_when_asked() -> None:
    assert normalise("一 \r\n\r\n  二\r三", multiline=True) == "一\n二\n三"


def test_controls_zero_width_and_direction_marks_are_removed() -> None:
    assert normalise("张\u200b\u202e\x00三\ufeff") == "张三"
    assert has_control("张\x01三")
    assert not has_control("张三\n李四\t")
    assert not has_control("张 三")


def test_script_is_only_text() -> None:
    assert normalise("<script>alert(1)</script>") == "<script>alert(1)</script>"


def test_folding_ignores_space_width_and_case() -> None:
    assert fold(" 身份证 号（X）") == fold("身份证号(x)")


def test_initials_and_key_read_surnames_and_keep_latin() -> None:
    assert initials("重庆市教委") == "cqsjw"
    assert initials("单晓A1") == "sxa1"
    assert pinyin_key("曾子") < pinyin_key("张三")
    assert pinyin_key("曾子").startswith("zeng")


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not has_control(once)


@given(st.text())
def test_normalising_lines_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text, multiline=True)
    assert normalise(once, multiline=True) == once
