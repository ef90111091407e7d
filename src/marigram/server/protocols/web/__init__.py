"""What the web app and scripts write: plain JSON below `/api/v1`, beside the read API.

The read API cannot reach the door in, so whatever changes something is asked for here. A retry is safe: asking twice
for the same end asks for it once more, which changes nothing for a run that has it, and so with the trash.

Its messages are few and stand with the routes; there is nothing to decode or encode.
"""

from marigram.server.protocols.web.routes import web_routes

__all__ = ["web_routes"]
