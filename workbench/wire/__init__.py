"""How operations cross a process border: typed values, calls, replies, frames."""

from __future__ import annotations

from workbench.wire.address import companion_folder, operator_file, socket_path, user_at
from workbench.wire.calls import (
    CHANNELS,
    PROTOCOL,
    Call,
    Failure,
    Reply,
    failure_of,
    perform,
    read_reply,
    remote_operations,
)
from workbench.wire.codec import decode, encode
from workbench.wire.frames import MAX_FRAME, receive_frame, send_frame
from workbench.wire.signatures import Signature, signature, signatures
from workbench.wire.visits import GUARDED_VARIABLE, VISIT_HEADER, VISITOR_HEADER

__all__ = [
    "CHANNELS",
    "GUARDED_VARIABLE",
    "MAX_FRAME",
    "PROTOCOL",
    "VISITOR_HEADER",
    "VISIT_HEADER",
    "Call",
    "Failure",
    "Reply",
    "Signature",
    "companion_folder",
    "decode",
    "encode",
    "failure_of",
    "operator_file",
    "perform",
    "read_reply",
    "receive_frame",
    "remote_operations",
    "send_frame",
    "signature",
    "signatures",
    "socket_path",
    "user_at",
]
