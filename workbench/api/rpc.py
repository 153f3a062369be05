"""The binary address that our own client speaks: ``POST /rpc/<operation>`` takes and returns the wire's bytes."""

from __future__ import annotations

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from workbench.api.caller import CHANNEL, Desk, read_within, too_large
from workbench.api.envelope import refusal
from workbench.errors import InputError, SignInError, WorkbenchError
from workbench.wire import Call, Reply, decode, encode, failure_of

_WAITING_THREADS = 500
_WAITS = "wait_events"
_TYPE = "application/msgpack"


class RpcDoor:
    """Hands calls on as they are, but for who makes them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # Who waits for news occupies a thread for half a minute: that must not take the place of those who work.
        self._waiting = anyio.CapacityLimiter(_WAITING_THREADS)

    async def __call__(self, request: Request) -> Response:
        """Answer one call."""
        try:
            who = self._desk.who(request)
        except SignInError as error:
            return refusal(error)
        raw = await read_within(request)
        if raw is None:
            return Response(encode(Reply(failure=failure_of(too_large()))), 413, media_type=_TYPE)
        try:
            call: Call = decode(raw, Call)
            if call.operation != request.path_params["operation"]:
                raise InputError("the address and the call name different operations.")
            trusted = msgspec.structs.replace(
                call, channel=CHANNEL, actor=who.actor, token=who.token, peer=who.peer
            )
            limiter = self._waiting if call.operation == _WAITS else self._desk.working
            reply = await anyio.to_thread.run_sync(self._desk.ask, trusted, limiter=limiter)
        except WorkbenchError as error:
            reply = Reply(failure=failure_of(error))
        if reply.failure is not None and reply.failure.code == SignInError.code:
            return refusal(SignInError(reply.failure.message, next_step=reply.failure.next_step))
        return Response(encode(reply), media_type=_TYPE)
