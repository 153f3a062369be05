"""The binary address that our own client speaks: ``POST /rpc/<operation>`` takes and returns the wire's bytes."""

from __future__ import annotations

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from workbench.api.bodies import BodyError
from workbench.api.caller import CHANNEL, Desk, Who
from workbench.api.envelope import refusal
from workbench.api.passage import passage_of
from workbench.errors import ConnectionLostError, InputError, SignInError, WorkbenchError
from workbench.wire import Call, Reply, decode, encode, failure_of, signatures

MESSAGE_TYPE = "application/msgpack"
_WAITING_THREADS = 500
_WAITS = "wait_events"
_ROUTE = "/rpc/"
_TYPED_IN = frozenset(("password", "locked", "code", "code-needed", "external"))
"""Reasons of a refused sign-in that are not about the token that the call came with."""


class RpcDoor:
    """Hands calls on as they are, but for who makes them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # Who waits for news occupies a thread for half a minute: that must not take the place of those who work.
        self._waiting = anyio.CapacityLimiter(_WAITING_THREADS)
        self._scopes: set[anyio.CancelScope] = set()
        self._closed = False

    def close(self) -> None:
        """End all calls that wait for news, now and from now on; the client asks again elsewhere."""
        self._closed = True
        for scope in self._scopes:
            scope.cancel()

    async def __call__(self, request: Request) -> Response:
        """Answer one call."""
        operation = request.path_params["operation"]
        passage_of(request).route = f"{_ROUTE}{operation if operation in signatures() else '{operation}'}"
        try:
            who = await self._desk.who(request)
            if operation == _WAITS:
                return await self._waited(request, who)
            async with self._desk.turn():
                return await self._answered(request, who)
        except WorkbenchError as error:
            return refusal(error)

    async def _answered(self, request: Request, who: Who) -> Response:
        try:
            async with self._desk.body(request, who) as raw:
                call = self._trusted(request, who, raw)
                reply = await anyio.to_thread.run_sync(self._desk.ask, call, limiter=self._desk.working)
        except BodyError as problem:
            wired = encode(Reply(failure=failure_of(problem.error)))
            return Response(wired, problem.status, media_type=MESSAGE_TYPE)
        except WorkbenchError as error:
            reply = Reply(failure=failure_of(error))
        return _wired(reply)

    async def _waited(self, request: Request, who: Who) -> Response:
        try:
            async with self._desk.body(request, who) as raw:
                call = self._trusted(request, who, raw)
        except BodyError as problem:
            return refusal(problem.error, problem.status)
        except WorkbenchError as error:
            return _wired(Reply(failure=failure_of(error)))
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            try:
                if not self._closed:
                    reply = await anyio.to_thread.run_sync(
                        self._desk.ask, call, limiter=self._waiting, abandon_on_cancel=True
                    )
                    return _wired(reply)
            except WorkbenchError as error:
                return _wired(Reply(failure=failure_of(error)))
            finally:
                self._scopes.discard(scope)
        raise ConnectionLostError(
            "the server stops.", next_step="Ask again in a moment.", details={"retry_after_s": 1}
        )

    def _trusted(self, request: Request, who: Who, raw: bytes) -> Call:
        """The call as it is, in the name of who really makes it."""
        call: Call = decode(raw, Call)
        if call.operation != request.path_params["operation"]:
            raise InputError("the address and the call name different operations.")
        return msgspec.structs.replace(call, channel=CHANNEL, actor=who.actor, token=who.token, peer=who.peer)


def _wired(reply: Reply) -> Response:
    """The reply; a refused token as the status for that, but a wrong password or code as any other error of a call."""
    failed = reply.failure
    if (
        failed is not None
        and failed.code == SignInError.code
        and failed.details.get("reason") not in _TYPED_IN
    ):
        return refusal(SignInError(failed.message, next_step=failed.next_step))
    return Response(encode(reply), media_type=MESSAGE_TYPE)
