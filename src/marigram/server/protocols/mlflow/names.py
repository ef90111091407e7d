"""Names for runs that nobody named: two words and a number that are easy to say, and to tell from others."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

_HOW = """
amber brisk calm clear crisp deep eager early fair fleet fresh gentle glad golden keen kind late light lively lucky
mellow merry mild misty neat noble plain proud quick quiet rapid ready ripe rosy round sharp silver sleek smart snowy
solid spry steady still sunny swift tidy vivid warm wise
"""
_WHAT = """
alder aspen badger beech birch brook cedar cliff comet crane creek daisy delta dune ember falcon fern finch fjord fox
glade grove hare hawk hazel heron hill iris ivy juniper kestrel lake larch lark linden lynx maple marten meadow moss oak
orchid otter owl pine poppy quail raven reef ridge robin rowan sage spruce stork swan thrush tide trout vale willow wren
"""
_NUMBERS = range(100, 1000)


def invent_name(choose: Callable[[Sequence[object]], object] = secrets.choice) -> str:
    """Return a name such as `calm-heron-481`; `choose` picks the parts."""
    return f"{choose(_HOW.split())}-{choose(_WHAT.split())}-{choose(_NUMBERS)}"
