"""Length-prefixed frames over a stream socket: 8 bytes big-endian length, then the bytes."""

from __future__ import annotations

import socket

from workbench.errors import ConnectionLostError

MAX_FRAME = 1 << 31
"""Largest frame in bytes; a longer one is a broken or hostile peer."""


def send_frame(peer: socket.socket, payload: bytes) -> None:
    """Send one frame whole. ``OSError`` when the peer is gone."""
    peer.sendall(len(payload).to_bytes(8, "big"))
    peer.sendall(payload)


def receive_frame(peer: socket.socket) -> bytes | None:
    """Receive one frame; None when the peer closed between frames.

    Raises
    ------
    ConnectionLostError
        The peer closed inside a frame, or announced one larger than ``MAX_FRAME``.
    """
    head = _receive(peer, 8)
    if head is None:
        return None
    length = int.from_bytes(head, "big")
    if length > MAX_FRAME:
        raise ConnectionLostError(f"the other side announced a frame of {length} bytes.")
    body = _receive(peer, length) if length else b""
    if body is None:
        raise ConnectionLostError("the other side closed inside a frame.")
    return bytes(body)


def _receive(peer: socket.socket, length: int) -> bytearray | None:
    buffer = bytearray(length)
    view = memoryview(buffer)
    got = 0
    while got < length:
        count = peer.recv_into(view[got:], min(length - got, 1 << 20))
        if count == 0:
            if got == 0:
                return None
            raise ConnectionLostError(f"the other side closed after {got} of {length} bytes.")
        got += count
    return buffer
