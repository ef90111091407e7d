"""The life of stored data after it was stored: what nobody names any more goes, and so does what a rule says."""

from marigram.server.upkeep.keeper import Upkeep
from marigram.server.upkeep.rules import Rules, read_rules, write_rules
from marigram.server.upkeep.sweep import SweepLock, Swept, sweep

__all__ = ["Rules", "SweepLock", "Swept", "Upkeep", "read_rules", "sweep", "write_rules"]
