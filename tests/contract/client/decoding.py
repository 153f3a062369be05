"""Reading a reply as strictly as the client does: the tag of the envelope, the status beside it, and not a key too few."""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from tests.contract.client.generations import NEW, Generation

T = TypeVar("T")


class UnreadableError(AssertionError):
    """The client could not make sense of a reply: a defect of the server, whatever it meant."""


class RefusedError(Exception):
    """The server refused, in a way that the client can tell its user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"API request failed with {status}: {message}")
        self.status, self.message = status, message


class _Envelope(msgspec.Struct):
    status: Literal["ok", "error"]
    message: str | None = None


class ExactlyOk(msgspec.Struct, forbid_unknown_fields=True):
    """A reply that may hold nothing but its status."""

    status: Literal["ok"]


class AnyOk(msgspec.Struct):
    """A reply of which nothing but the status is read."""

    status: Literal["ok"]


def levels(body: bytes) -> int:
    """How deep the objects and lists of a JSON text are nested."""
    deepest = depth = 0
    inside = escaped = False
    for byte in body:
        if inside:
            inside = escaped or byte != 0x22  # a quotation mark
            escaped = not escaped and byte == 0x5C  # a backslash
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def decode(status: int, body: bytes, kind: type[T], generation: Generation = NEW) -> T:
    """The payload of a reply.

    Raises
    ------
    UnreadableError
        The client would say that it cannot parse this, that status and payload contradict each other, or panic.
    RefusedError
        A failure in its envelope.
    """
    shown = f"{status} {body[:300]!r}"
    if generation.most_levels and levels(body) >= generation.most_levels:
        raise UnreadableError(f"nested too deep: {shown}")
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"could not parse JSON response: {error}: {shown}") from error
    succeeded = 200 <= status < 300
    if succeeded != (envelope.status == "ok"):
        raise UnreadableError(f"status code inconsistent with response payload: {shown}")
    if not succeeded:
        raise RefusedError(status, envelope.message or "")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableError(f"could not parse JSON response: {error}: {shown}") from error
