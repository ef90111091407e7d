"""Who may come in: tokens today; users and projects' members come with them later."""

from marigram.server.access.gate import COOKIE, Forbidden, Gate, Unauthorized, new_token

__all__ = ["COOKIE", "Forbidden", "Gate", "Unauthorized", "new_token"]
