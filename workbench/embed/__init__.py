"""Message text to vectors: named encoders behind one protocol, from verified weights, without torch.

The numeric libraries are imported by `load_encoder`, not by importing this room.
"""

from __future__ import annotations

from workbench.embed.info import EncoderInfo, encoder_info, require_weights
from workbench.embed.protocol import Encoder
from workbench.embed.registry import encoder_names, load_encoder
from workbench.embed.text import content_hash, message_text

__all__ = [
    "Encoder",
    "EncoderInfo",
    "content_hash",
    "encoder_info",
    "encoder_names",
    "load_encoder",
    "message_text",
    "require_weights",
]
