"""Marigram's own protocol, version 1, spoken by `marigram.client`.

Batches are encoded by `marigram.wire`. A retry is safe because of `(run, writer, seq)`: a batch that does not continue
its writer's stream is not applied, and the receipt says where to continue. Blobs are safe because their hash is their
address.

`messages.py` is `marigram.wire.messages`, and `decode.py` and `encode.py` are `marigram.wire.codec`: client and server
share them, so only the routes are here.
"""

from marigram.server.protocols.native.routes import native_routes

__all__ = ["native_routes"]
