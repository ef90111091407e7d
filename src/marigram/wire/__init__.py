"""Our own protocol: the nouns as bytes, versioned."""

from marigram.wire.codec import MAX_BATCH_BYTES, CorruptBatchError, decode_batch, encode_batch
from marigram.wire.messages import Handshake, HeartbeatReply, WriterPosition

__all__ = [
    "MAX_BATCH_BYTES",
    "CorruptBatchError",
    "Handshake",
    "HeartbeatReply",
    "WriterPosition",
    "decode_batch",
    "encode_batch",
]
