"""A call and its reply, as they cross a socket or an HTTP body."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import msgspec

from workbench.domain import Operations
from workbench.errors import WorkbenchError, error_from_wire
from workbench.primitives import hex_digest, new_id
from workbench.wire.codec import decode, encode
from workbench.wire.signatures import Signature, signature, signatures

CHANNELS = ("python", "panel", "cli", "http")
"""Ways in which a call comes, as the ledger and the audit log name them."""

PROTOCOL = 1
"""Raised when a change makes older clients misunderstand."""


class Call(msgspec.Struct, kw_only=True, frozen=True):
    """One operation asked for.

    ``actor`` is who asks and ``channel`` how they came: the receiving side decides whether to believe it. ``token``
    is what they show for it; it is part of no ``repr``. ``call_id`` is made once per call and kept when it is sent
    again, so that a call whose reply was lost does not create twice what it creates. ``peer`` is the address that a
    call came from over the network, empty = from this machine: who guesses tokens from there has to wait.
    """

    operation: str
    arguments: bytes
    actor: str = ""
    call_id: str = ""
    protocol: int = PROTOCOL
    token: str = ""
    channel: str = ""
    peer: str = ""

    def __repr__(self) -> str:
        return f"<Call {self.operation} by {self.actor!r}>"


class Failure(msgspec.Struct, kw_only=True, frozen=True):
    """An error on its way."""

    code: str
    message: str
    next_step: str
    details: dict[str, Any]


class Reply(msgspec.Struct, kw_only=True, frozen=True):
    """Either an answer or a failure."""

    answer: bytes = b""
    failure: Failure | None = None


def perform(operations: Operations, call: Call) -> Reply:
    """Run a call against ``operations``; every ``WorkbenchError`` becomes a failure."""
    try:
        known = signature(call.operation)
        method = getattr(operations, call.operation)
        return Reply(answer=encode(method(**known.unpack(call.arguments))))
    except WorkbenchError as error:
        return Reply(failure=failure_of(error))


def failure_of(error: WorkbenchError) -> Failure:
    """An error as it travels."""
    return Failure(
        code=error.code,
        message=error.message,
        next_step=error.next_step,
        details=error.details,
    )


def read_reply(reply: Reply, known: Signature) -> Any:
    """The answer, typed; raises the failure as the class it was."""
    if reply.failure is not None:
        fault = reply.failure
        raise error_from_wire(fault.code, fault.message, fault.next_step, fault.details)
    return decode(reply.answer, known.answer)


class _Remote:
    """Who asks, how they came, and whom to hand the calls to; its methods are those of ``Operations``."""

    def __init__(self, ask: Callable[[Call], Reply], *, key: str, **who: str) -> None:
        self._ask, self._key, self._who = ask, key, who

    def _perform(self, known: Signature, args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
        arguments = known.pack(args, kwargs)
        # What else came with the key tells another call: the same key over other words is a mistake, not a repetition.
        call_id = hex_digest(self._key, known.name, arguments, n_digits=16) if self._key else new_id()
        call = Call(operation=known.name, arguments=arguments, call_id=call_id)
        call = msgspec.structs.replace(call, **self._who)
        return read_reply(self._ask(call), known)


@cache
def _remote_kind() -> type[_Remote]:
    """``_Remote`` with a method for each operation; made once."""

    def method(known: Signature) -> Callable[..., Any]:
        def perform_remotely(self: _Remote, *args: object, **kwargs: object) -> Any:
            return self._perform(known, args, kwargs)

        perform_remotely.__name__ = known.name
        perform_remotely.__doc__ = getattr(Operations, known.name).__doc__
        return perform_remotely

    return type("RemoteOperations", (_Remote,), {name: method(known) for name, known in signatures().items()})


def remote_operations(
    ask: Callable[[Call], Reply],
    *,
    actor: str = "",
    channel: str = "",
    token: str = "",
    peer: str = "",
    key: str = "",
) -> Operations:
    """An ``Operations`` whose every method packs a ``Call`` and hands it to ``ask``.

    With a ``key``, a call that is made again with the same key and arguments counts as the same call.
    """
    return cast(
        Operations, _remote_kind()(ask, actor=actor, channel=channel, token=token, peer=peer, key=key)
    )


__all__ = [
    "CHANNELS",
    "PROTOCOL",
    "Call",
    "Failure",
    "Reply",
    "failure_of",
    "perform",
    "read_reply",
    "remote_operations",
]
