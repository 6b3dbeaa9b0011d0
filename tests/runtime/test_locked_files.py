from pathlib import Path

import pytest

from portal.runtime.locked_files import npm_lock_problems, problems_of_locks, python_lock_problems
from portal.runtime.places import ROOT

GOOD = "django==5.2.19 \\\n    --hash=sha256:ab\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:cd\n"


def test_our_locks_hold_no_address_and_pin_everything() -> None:
    assert problems_of_locks(ROOT) == []


def test_a_good_lock_passes(tmp_path: Path) -> None:
    lock = tmp_path / "main.lock"
    lock.write_text(GOOD)
    assert python_lock_problems(lock) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("--index-url https://mirror.example/simple", "https://"),
        ("-i mirror", "-i"),
        ("--find-links wheels", "--find-links"),
        ("portal @ git+ssh://git@example/portal", "git+ssh://"),
        ("django>=5.2", "not pinned by version and hash: django>=5.2"),
        ("django==5.2.19", "not pinned by version and hash: django==5.2.19"),
    ],
)
def test_an_address_or_a_loose_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    lock = tmp_path / "main.lock"
    lock.write_text(f"{GOOD}{line}\n")
    assert any(problem in found for found in python_lock_problems(lock))


def test_an_npm_lock_may_not_say_where_from_nor_leave_the_hash_out(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(
        '{"packages": {"": {"name": "portal"},'
        ' "node_modules/a": {"version": "1", "integrity": "sha512-x", "funding": {"url": "https://gifts.example"}},'
        ' "node_modules/b": {"version": "1", "resolved": "https://mirror.example/b.tgz", "integrity": "sha512-y"},'
        ' "node_modules/c": {"version": "1"}}}'
    )
    assert npm_lock_problems(lock) == [
        "package-lock.json: holds an address: 'https://'",
        "package-lock.json: not pinned by version and hash: node_modules/c",
    ]
