from __future__ import annotations

import pytest

from marigram.client.errors import QueueFullError, StillQueuedError, UnsupportedTypeError
from marigram.client.guard import SPEAKS_OF_PATHS, Guard
from marigram.model import InvalidPathError

NO_LIST = "A list cannot be stored."


class Guarded:
    def __init__(self, *, reraise: bool = False) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.written: dict[str, int] = {}
        self.guard = Guard(
            say=self.said.append, clock=lambda: self.now, write_count=self.written.__setitem__, reraise=reraise
        )

    def fail(self, error: BaseException) -> None:
        with self.guard:
            raise error


def test_an_exception_is_swallowed_counted_and_spoken_of() -> None:
    guarded = Guarded()
    guarded.fail(UnsupportedTypeError("A list cannot be stored."))
    assert guarded.guard.counts == guarded.written == {"unsupported_type": 1}
    assert "A list cannot be stored." in guarded.said[0]


def test_a_reason_is_spoken_of_once_a_minute_and_all_is_counted() -> None:
    guarded = Guarded()
    for _ in range(1000):
        guarded.fail(InvalidPathError("bad"))
        guarded.now += 0.1
    assert len(guarded.said) == 2
    assert guarded.guard.counts == {"invalid_path": 1000}
    guarded.guard.write_counts()
    assert guarded.written == {"invalid_path": 1000}


def test_each_reason_has_its_own_count_and_voice() -> None:
    guarded = Guarded()
    for error in (QueueFullError("full"), OSError(28, "no space"), FileNotFoundError("x"), KeyError("x")):
        guarded.fail(error)
    assert guarded.guard.counts == {"disk_full": 2, "file_not_found": 1, "error_keyerror": 1}
    assert len(guarded.said) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_the_users_wish_to_end_passes(error: BaseException) -> None:
    guarded = Guarded()
    with pytest.raises(type(error)):
        guarded.fail(error)


def test_under_test_the_exception_comes_through() -> None:
    guarded = Guarded(reraise=True)
    with pytest.raises(KeyError):
        guarded.fail(KeyError("x"))


def test_a_count_that_cannot_be_written_ends_nothing() -> None:
    def fail(*_: object) -> None:
        raise OSError

    said: list[str] = []
    guard = Guard(say=said.append, clock=lambda: 0.0, write_count=fail)
    guard.drop("reason", "Something was dropped.")
    assert guard.counts == {"reason": 1}
    assert "could not be written" in said[-1]


def test_each_path_is_spoken_of_by_name_and_not_too_many_of_them() -> None:
    guarded = Guarded()
    for number in range(100):
        with guarded.guard.at(f"params/{number % 50}"):
            raise UnsupportedTypeError(NO_LIST)
    assert guarded.said[0].startswith("'params/0': A list cannot be stored.")
    assert len(guarded.said) == SPEAKS_OF_PATHS
    assert guarded.guard.counts == {"unsupported_type": 100}


def test_what_is_sent_later_is_spoken_of_and_counts_as_no_drop() -> None:
    guarded = Guarded()
    guarded.fail(StillQueuedError("Later."))
    guarded.fail(StillQueuedError("Later."))
    assert guarded.said == ["Later."]
    assert guarded.guard.counts == {}
