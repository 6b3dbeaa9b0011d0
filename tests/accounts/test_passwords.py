"""What a password must be like, and the memory of former ones."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import PasswordHistory
from portal.accounts.passwords import (
    CharacterClassesValidator,
    HistoryValidator,
    classes_of,
    temporary_password,
)
from portal.accounts.services.passwords import check_new_password, set_password
from portal.errors import Invalid
from tests.conftest import HASHERS
from tests.factories import PASSWORD, UserFactory


@pytest.mark.parametrize(
    ("password", "classes"),
    [("abc", 1), ("abcDEF", 2), ("abcDEF123", 3), ("abcDEF123!", 4), ("１２３", 1), ("密码", 0), ("a b", 2)],
)
def test_classes_are_counted(password: str, classes: int) -> None:
    assert classes_of(password) == classes


def test_two_classes_are_too_few_and_three_are_enough() -> None:
    rule = CharacterClassesValidator()
    with pytest.raises(ValidationError, match="至少3类"):
        rule.validate("abcdefgh1234")
    rule.validate("Abcdefgh1234")
    assert "至少3类" in rule.get_help_text()


@given(st.integers())
def test_temporary_passwords_fulfil_the_rules(seed: int) -> None:
    password = temporary_password()
    CharacterClassesValidator().validate(password)
    assert len(password) == 12
    assert not set(password) & set("0O1lI")


def test_temporary_passwords_differ() -> None:
    assert len({temporary_password() for _each in range(50)}) == 50


@pytest.mark.django_db
def test_the_last_five_passwords_are_not_taken_again_and_the_sixth_is() -> None:
    user = UserFactory()
    used = [f"Former-Word-{n}" for n in range(6)]
    for each in used:
        set_password(user, each)
    rule = HistoryValidator()
    for each in used[1:]:
        with pytest.raises(ValidationError, match="最近5次"):
            rule.validate(each, user)
    rule.validate(used[0], user)
    assert PasswordHistory.objects.filter(user=user).count() == 5
    assert "最近5次" in rule.get_help_text()


@pytest.mark.django_db
def test_the_present_password_counts_even_without_history() -> None:
    user = UserFactory()
    assert not user.password_history.exists()
    with pytest.raises(ValidationError, match="最近5次"):
        HistoryValidator().validate(PASSWORD, user)


def test_nobody_has_no_history() -> None:
    HistoryValidator().validate("Whatever-1")


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_every_reason() -> None:
    with pytest.raises(Invalid) as refused:
        check_new_password("abc", UserFactory())
    assert refused.value.field == "password"
    assert "至少3类" in str(refused.value.message)
    assert "10" in str(refused.value.message)


@pytest.mark.django_db
def test_setting_a_password_clears_the_duty_to_change_it() -> None:
    user = UserFactory(must_change_password=True)
    set_password(user, "Another-Word-1")
    user.refresh_from_db()
    assert user.check_password("Another-Word-1")
    assert not user.must_change_password
    assert user.password_changed_at is not None


def test_passwords_are_hashed_with_argon2_outside_tests() -> None:
    assert HASHERS[0].endswith("Argon2PasswordHasher")
