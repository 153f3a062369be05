"""What every address does first: see who asks, and read what they send within bounds."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from starlette.requests import Request

from workbench.errors import InputError, SignInError
from workbench.wire import Call, Reply

MAX_BODY = 64 << 20
"""Largest request body in bytes; larger data comes in pieces (uploads) or batches."""

ACTOR = "http"
CHANNEL = "http"
_THREADS = 40
_MOST_DROPPED = 4 * MAX_BODY


@dataclass(frozen=True, kw_only=True)
class Who:
    """In whose name a call is made."""

    actor: str
    token: str = field(repr=False)
    peer: str


class Desk:
    """The owner, and the one token that is ours.

    Parameters
    ----------
    ask
        Hands one call to the owner and returns its reply.
    token
        Opens a workspace without accounts. Compared in constant time, never logged. Every other token is shown to the
        owner, who knows whose it is.
    operator
        What the owner is shown in the place of ``token``.
    """

    def __init__(self, ask: Callable[[Call], Reply], *, token: str, operator: str) -> None:
        self.ask = ask
        self.working = anyio.CapacityLimiter(_THREADS)
        self._token, self._operator = token.encode(), operator

    def who(self, request: Request) -> Who:
        """Whoever the token of a request stands for; the owner finds out whether it stands for anybody.

        Raises
        ------
        SignInError
            There is none.
        """
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not shown:
            raise SignInError("the token is missing.", next_step="Send 'Authorization: Bearer <token>'.")
        peer = request.client.host if request.client else "unknown"
        if hmac.compare_digest(shown.encode(), self._token):
            return Who(actor=ACTOR, token=self._operator, peer=peer)
        return Who(actor="", token=shown, peer=peer)


async def read_within(request: Request) -> bytes | None:
    """The whole body, None when it is larger than allowed; the rest of such a one is read and dropped.

    A client that is still sending would otherwise see a broken connection instead of the answer.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > _MOST_DROPPED:
            return None
        if size > MAX_BODY:
            pieces.clear()
        else:
            pieces.append(piece)
    return None if size > MAX_BODY else b"".join(pieces)


def too_large() -> InputError:
    """The refusal of a body beyond ``MAX_BODY``."""
    return InputError(
        f"the request has more than {MAX_BODY >> 20} MiB.",
        next_step="Send a file as an upload in pieces, and messages in smaller batches.",
        details={"limit": MAX_BODY},
    )
