from pathlib import Path

from portal.runtime.locks import Lock, alone


def test_an_exclusive_lock_keeps_others_out_until_it_is_closed(tmp_path: Path) -> None:
    other = Lock(tmp_path / "lock")
    with alone(tmp_path / "lock"):
        assert not other.try_take()
    assert other.try_take()


def test_a_shared_lock_is_held_by_several_and_refuses_the_exclusive_one(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.take(shared=True)
    second.take(shared=True)
    assert not second.try_take()
    first.close()
    assert second.try_take()
