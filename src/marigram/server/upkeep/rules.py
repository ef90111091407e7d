"""What goes by itself, and when: the file `retention.json` in the data folder. Nothing goes if it is not there."""

from __future__ import annotations

import os
from pathlib import Path as FilePath
from typing import Annotated

import msgspec

from marigram.system.disk import sync_file, sync_folder
from marigram.system.files import replace

_NAME = "retention.json"

LEAST_THIN_TO = 100
"""Fewer points show no curve."""


class Best(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The best checkpoints: those `count` files whose names say the least or the largest value of something.

    Attributes:
        count: how many.
        name: of what: with `val_loss`, a file `epoch=3-val_loss=0.21` has the value 0.21.
        largest: the largest values are the best; otherwise the least.
    """

    count: Annotated[int, msgspec.Meta(ge=1)]
    name: Annotated[str, msgspec.Meta(min_length=1)]
    largest: bool


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules; None: nothing goes.

    Attributes:
        trash_days: runs go for good that have been in the trash for so many days.
        keep_files: of the files below each of these paths, a run that has ended keeps so many: the last ones by name,
            where numbers in names count as numbers.
        keep_best: beside those, the best of them stay; of a path that is not in `keep_files` all stay anyway.
        thin_after_days: float series of runs that ended so many days ago are thinned.
        thin_to: the points that a series keeps then, at the most.
    """

    trash_days: float | None = None
    keep_files: dict[str, int] = {}
    keep_best: dict[str, Best] = {}
    thin_after_days: float | None = None
    thin_to: Annotated[int, msgspec.Meta(ge=LEAST_THIN_TO)] = 10_000

    @property
    def let_something_go(self) -> bool:
        """Return whether there is any rule."""
        return self.trash_days is not None or bool(self.keep_files) or self.thin_after_days is not None


class RulesError(ValueError):
    """The file of the rules cannot be understood; the message names it."""


def read_rules(root: FilePath) -> Rules:
    """Return the rules of a data folder.

    Raises:
        RulesError: the file is not what `write_rules` writes.
    """
    path = root / _NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Rules)
    except FileNotFoundError:
        return Rules()
    except msgspec.MsgspecError as error:
        message = f"{path} cannot be understood, so nothing goes: {error}. Write it anew with 'marigram retention'."
        raise RulesError(message) from error


def write_rules(root: FilePath, rules: Rules) -> None:
    """Put the rules into a data folder; a server that runs on it follows them within the hour.

    Raises:
        OSError: the folder cannot be written.
    """
    temporary = root / f"{_NAME}.{os.getpid()}"
    temporary.write_bytes(msgspec.json.encode(rules))
    sync_file(temporary)
    replace(temporary, root / _NAME)
    sync_folder(root)
