"""Fakes and the contract suites of the ports, shipped so that engines kept outside of this tree can be held to them.

The suites need pytest; nothing else in the package imports them.
"""
