"""What every address does first: see who asks, keep to what they may ask for, and read what they send."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256

import anyio
import anyio.to_thread
from starlette.requests import Request

from workbench.api.bodies import declared_size, read_whole, refuse_declared
from workbench.api.limiting import Allowance
from workbench.api.passage import passage_of
from workbench.api.rules import Rules
from workbench.domain import Operations
from workbench.errors import ConnectionLostError, SignInError, ThrottledError, WorkbenchError
from workbench.primitives import address_group
from workbench.wire import Call, Reply, remote_operations

ACTOR = "http"
CHANNEL = "http"
_LARGE = 1 << 20
_LARGE_AT_ONCE = 8
_KNOWN_S = 60.0
_MOST_KNOWN = 1_000


@dataclass(frozen=True, kw_only=True)
class Who:
    """In whose name a call is made; ``name`` is for logs, ``key`` for what they may ask for."""

    actor: str
    token: str = field(repr=False)
    peer: str
    name: str
    key: str = field(repr=False)


class Desk:
    """The owner, the one token that is ours, and what callers may ask for.

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

    def __init__(
        self,
        ask: Callable[[Call], Reply],
        *,
        token: str,
        operator: str,
        rules: Rules,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ask = ask
        self.rules = rules
        self.working = anyio.CapacityLimiter(rules.threads)
        self.operator = operator
        self._token = token.encode()
        self._clock = clock
        self._large = anyio.CapacityLimiter(_LARGE_AT_ONCE)
        self._pending = 0
        self._requests = Allowance(rules.requests_per_minute, "requests", clock)
        self._bytes = Allowance(rules.bytes_per_minute, "bytes", clock)
        self._names: dict[bytes, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def acting(self, who: Who, key: str = "") -> Operations:
        """The operations of whoever asks; calls with the same ``key`` and arguments count as one."""
        return remote_operations(
            self.ask, actor=who.actor, channel=CHANNEL, token=who.token, peer=who.peer, key=key
        )

    async def who(self, request: Request) -> Who:
        """Whoever the token of a request stands for, when they may ask for something now.

        A token that was not seen lately is shown to the owner before a body is read.

        Raises
        ------
        SignInError
            There is none, or it is nobody's.
        ThrottledError
            They asked for too much, or too many unknown tokens came from their address.
        """
        shown = _shown_token(request)
        if not shown:
            raise SignInError("the token is missing.", next_step="Send 'Authorization: Bearer <token>'.")
        peer = request.client.host if request.client else "unknown"
        if hmac.compare_digest(shown.encode(), self._token):
            found = Who(actor=ACTOR, token=self.operator, peer=peer, name=ACTOR, key="own")
        else:
            found = await self._recognised(shown, peer)
        passage_of(request).actor = found.name
        if found.name:  # who is nobody was counted before the owner was asked
            self._take(found.key)
        return found

    async def _recognised(self, shown: str, peer: str) -> Who:
        digest = sha256(shown.encode()).digest()
        unknown = Who(actor="", token=shown, peer=peer, name="", key=f"peer {address_group(peer)}")
        name, until = self._names.get(digest, ("", 0.0))
        if until < self._clock():
            self._take(unknown.key)
            name = await anyio.to_thread.run_sync(self._name_of, unknown, limiter=self.working)
            self._remember(digest, name)
        if not name:
            return unknown
        return Who(actor="", token=shown, peer=peer, name=name, key=f"token {digest.hex()}")

    def _name_of(self, who: Who) -> str:
        try:
            return self.acting(who).whoami()
        except (SignInError, ThrottledError, ConnectionLostError):
            raise
        except WorkbenchError:
            return ""  # somebody, who may not even ask this; the owner says so again

    def _remember(self, digest: bytes, name: str) -> None:
        if not name:
            return
        with self._lock:
            while len(self._names) >= _MOST_KNOWN:
                del self._names[next(iter(self._names))]
            self._names.pop(digest, None)
            self._names[digest] = (name, self._clock() + _KNOWN_S)

    def _take(self, key: str) -> None:
        self._requests.take(key)
        self._bytes.take(key, 0)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """A place among those who are worked for or wait for it.

        Raises
        ------
        ConnectionLostError
            Too many wait already.
        """
        most = self.rules.threads + self.rules.queue
        if self._pending >= most:
            raise ConnectionLostError(
                f"{most} requests are worked on or wait.",
                next_step="Send this again in a moment.",
                details={"retry_after_s": 1},
            )
        self._pending += 1
        try:
            yield
        finally:
            self._pending -= 1

    @asynccontextmanager
    async def body(self, request: Request, who: Who) -> AsyncGenerator[bytes, None]:
        """The body of a request, unpacked; few large ones are held at once, and the others wait.

        Raises
        ------
        BodyError
            It is too large, or packed in a way that is not known.
        InputError
            It is no gzip although it says so.
        """
        refuse_declared(request)
        large = declared_size(request) > _LARGE or "transfer-encoding" in request.headers
        packed = "content-encoding" in request.headers
        async with self._large if large or packed else nullcontext():
            raw = await read_whole(request)
            self._bytes.charge(who.key, len(raw))
            yield raw


def _shown_token(request: Request) -> str:
    """What a request shows for who makes it; ``X-Auth-Token`` is how older clients of this field do it."""
    if "authorization" not in request.headers:
        return request.headers.get("x-auth-token", "").strip()
    scheme, _, shown = request.headers["authorization"].partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else ""
