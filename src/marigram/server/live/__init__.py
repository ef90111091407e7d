"""Who watches what; wakes watchers after a commit."""

from marigram.server.live.hub import Change, Hub, Watcher

__all__ = ["Change", "Hub", "Watcher"]
