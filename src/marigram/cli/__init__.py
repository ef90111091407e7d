"""The command line: thin, and each command imports what it needs when it runs."""

from marigram.cli.main import main

__all__ = ["main"]
