"""Sequence ids: how consumers of a stream say how far they are.

One is opaque to whoever holds it: Base64 of the stream, of how often it was reset, of the number of a message, and of a
check over these. It names no message, and nothing can be learned from it but whether it came from this stream.
"""

from __future__ import annotations

import base64
import binascii
import struct

from workbench.domain.ids import StreamId
from workbench.errors import InputError
from workbench.primitives import hex_digest

_FORM = struct.Struct(">8sIq4s")
_NEXT_STEP = "Use one as this stream gave it, or fetch again."


def sequence_id(stream_id: StreamId, n_resets: int, seq: int) -> str:
    """The sequence id of a message or a batch.

    Parameters
    ----------
    n_resets
        How often the stream was reset before, 0 to 2^32-1.
    seq
        The number of the last message that it covers, 0 or more.
    """
    name = bytes.fromhex(hex_digest("stream", stream_id, n_digits=16))
    check = bytes.fromhex(hex_digest("sequence", name, str(n_resets), str(seq), n_digits=8))
    return base64.urlsafe_b64encode(_FORM.pack(name, n_resets, seq, check)).decode("ascii")


def read_sequence_id(text: str, stream_id: StreamId, n_resets: int) -> int:
    """The number that a sequence id of a stream stands for.

    Raises
    ------
    InputError
        It is none, comes from another stream, or from before the stream was reset.
    """
    try:
        _, resets, seq, _ = _FORM.unpack(base64.urlsafe_b64decode(text.encode("ascii")))
    except (binascii.Error, struct.error, ValueError):
        resets, seq = -1, -1
    # Made anew and compared: there is one spelling of each.
    if seq < 0 or sequence_id(stream_id, resets, seq) != text:
        raise InputError(
            f"{text[:100]!r} is no sequence id of this stream.",
            next_step=_NEXT_STEP,
            details={"sequence_id": text[:100]},
        )
    if resets != n_resets:
        raise InputError(
            f"the sequence id {text[:100]!r} is from before the stream was reset.",
            next_step="Fetch again: what the reset brought back comes first.",
            details={"sequence_id": text[:100]},
        )
    return int(seq)


__all__ = ["read_sequence_id", "sequence_id"]
