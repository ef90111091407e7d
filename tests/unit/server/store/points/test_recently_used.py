"""What was made of blocks lately: what is forgotten first, and that no more is kept than was said."""

from __future__ import annotations

from marigram.server.store.points.embedded.recently_used import RecentlyUsed


def kept(known: RecentlyUsed[str, int], keys: str) -> str:
    return "".join(key for key in keys if known.get(key) is not None)


def test_what_was_not_asked_for_for_the_longest_time_is_forgotten_first() -> None:
    known: RecentlyUsed[str, int] = RecentlyUsed(most_bytes=35_000)
    for number, key in enumerate("abc"):
        known.put(key, number, size=10_000)
    assert known.get("a") == 0
    known.put("d", 3, size=10_000)
    assert kept(known, "abcd") == "acd"


def test_a_value_takes_the_place_of_the_one_before_it() -> None:
    known: RecentlyUsed[str, int] = RecentlyUsed(most_bytes=35_000)
    for number in range(20):
        known.put("a", number, size=10_000)
        known.put("b", number, size=10_000)
    assert (known.get("a"), known.get("b")) == (19, 19)
    known.put("a", 20, size=30_000)
    assert kept(known, "ab") == "a"


def test_what_alone_is_too_much_is_not_kept_and_drives_nothing_out() -> None:
    known: RecentlyUsed[str, int] = RecentlyUsed(most_bytes=1_000)
    known.put("a", 1, size=400)
    known.put("b", 1, size=2_000)
    assert kept(known, "ab") == "a"
    known.put("a", 1, size=2_000)
    assert kept(known, "ab") == ""
