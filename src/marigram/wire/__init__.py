"""Our own protocol: the nouns as bytes, versioned."""

from marigram.wire.codec import MAX_BATCH_BYTES, CorruptBatchError, decode_batch, encode_batch
from marigram.wire.messages import BlobPosition, Commands, Handshake, HeartbeatReply, StopCommand, WriterPosition

__all__ = [
    "MAX_BATCH_BYTES",
    "BlobPosition",
    "Commands",
    "CorruptBatchError",
    "Handshake",
    "HeartbeatReply",
    "StopCommand",
    "WriterPosition",
    "decode_batch",
    "encode_batch",
]
