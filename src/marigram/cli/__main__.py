"""`python -m marigram.cli` is the same as `marigram`."""

from marigram.cli.main import main

main()
