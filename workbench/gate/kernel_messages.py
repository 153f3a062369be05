"""Which messages a page may send to its kernel.

Voila itself holds the same list; the gate holds it again, so that neither a change of Voila nor of its
configuration lets a page run code. The frames are those of the Jupyter websocket protocol: without a subprotocol a
message is JSON text, or binary with a table of offsets in big-endian 32-bit numbers; with ``v1`` it is binary with a
table in little-endian 64-bit numbers (jupyter-server, *Websocket kernel wire protocols*).
"""

from __future__ import annotations

import json
import struct

V1_PROTOCOL = "v1.kernel.websocket.jupyter.org"
ALLOWED = frozenset({"comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request"})
_MOST_PARTS = 1_000
_CHANNEL_AND_HEADER = 2


def may_pass(frame: str | bytes, *, subprotocol: str | None) -> bool:
    """Whether a frame from a browser is a message of a kind that apps need; what cannot be read may not."""
    try:
        return message_type(frame, subprotocol=subprotocol) in ALLOWED
    except (ValueError, KeyError, TypeError, struct.error, RecursionError):
        return False


def message_type(frame: str | bytes, *, subprotocol: str | None) -> str:
    """The ``msg_type`` of a frame.

    Raises
    ------
    ValueError, KeyError, TypeError, struct.error
        It is no frame of the protocol.
    """
    if subprotocol == V1_PROTOCOL:
        if isinstance(frame, str):
            raise ValueError("v1 frames are binary")
        header = json.loads(_v1_header(frame))
    else:
        message = json.loads(frame if isinstance(frame, str) else _legacy_message(frame))
        header = message["header"]
    kind = header["msg_type"]
    if not isinstance(kind, str):
        raise TypeError(kind)
    return kind


def _v1_header(frame: bytes) -> bytes:
    (n_offsets,) = struct.unpack_from("<Q", frame)
    if not _CHANNEL_AND_HEADER <= n_offsets <= _MOST_PARTS:
        raise ValueError(n_offsets)
    offsets = struct.unpack_from(f"<{n_offsets}Q", frame, 8)
    return frame[offsets[1] : offsets[2]]


def _legacy_message(frame: bytes) -> bytes:
    (n_parts,) = struct.unpack_from("!I", frame)
    if not 1 <= n_parts <= _MOST_PARTS:
        raise ValueError(n_parts)
    offsets = struct.unpack_from(f"!{n_parts}I", frame, 4)
    return frame[offsets[0] : offsets[1]] if n_parts > 1 else frame[offsets[0] :]
