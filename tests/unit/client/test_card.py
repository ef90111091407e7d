from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path as FilePath

import msgspec
import pytest

from marigram.client.card import Card, load_card, process_created_at, process_mark, save_card
from unit.client.making import a_card

needs_marks = pytest.mark.skipif(not process_mark(os.getpid()), reason="this system tells no start of a process")


def saved(folder: FilePath, card: Card) -> Card:
    save_card(folder, card)
    found = load_card(folder)
    assert found is not None
    return found


@needs_marks
def test_a_process_is_still_the_same_when_the_clock_was_set_meanwhile(tmp_path: FilePath) -> None:
    card = saved(tmp_path, a_card())
    # What psutil calls the time of creation goes with the clock.
    assert msgspec.structs.replace(card, process_created_at=card.process_created_at + 3600).is_alive()
    assert msgspec.structs.replace(card, process_created_at=card.process_created_at - 86_400).is_alive()


@needs_marks
def test_a_process_of_another_start_or_time_is_another(tmp_path: FilePath) -> None:
    card = saved(tmp_path, a_card())
    assert not msgspec.structs.replace(card, process_mark="0-0/" + card.process_mark.partition("/")[2]).is_alive()
    assert not msgspec.structs.replace(card, process_mark=card.process_mark + "1").is_alive()


def test_a_card_of_an_older_version_goes_by_the_time_of_creation(tmp_path: FilePath) -> None:
    card = msgspec.structs.replace(saved(tmp_path, a_card()), process_mark="")
    assert card.is_alive()
    assert not msgspec.structs.replace(card, process_created_at=process_created_at() - 3600).is_alive()


@needs_marks
def test_the_name_of_a_program_may_be_anything(tmp_path: FilePath) -> None:
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to(sys.executable)
    with subprocess.Popen([str(odd), "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process_mark(process.pid).rpartition("/")[2].isdecimal()
        process.communicate(b"\n", timeout=60)


def test_nobody_has_a_mark_who_is_not_there() -> None:
    assert process_mark(2**22 + 1) == ""
