"""``Operations`` over HTTP, to a server started with ``workbench serve``."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from workbench.domain import Operations
from workbench.errors import ConnectionLostError, SignInError, ThrottledError
from workbench.wire import Call, Reply, decode, encode, remote_operations

_ATTEMPTS = 3
_LATER = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_LONGEST_WAIT_S = 60.0
_DIGITS = 9


def connect_http(
    url: str, *, token: str, timeout_s: float = 300.0, sleep: Callable[[float], object] = time.sleep
) -> Operations:
    """Speak to a served workspace.

    Parameters
    ----------
    url
        Address printed by ``workbench serve``, e.g. ``http://127.0.0.1:8766``.
    token
        Its access token; sent in a header, never in the address.

    Raises
    ------
    SignInError
        On the first call, when the token is refused.
    ThrottledError
        On a call, when the server asks to wait for longer than a minute, or again and again; it says how long.
    ConnectionLostError
        On a call, when the server cannot be reached.
    """
    peer = httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=timeout_s,
        trust_env=False,
    )

    def ask(call: Call) -> Reply:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = peer.post(f"/rpc/{call.operation}", content=encode(call))
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
                continue
            if answer.status_code in _LATER:
                wait_s, last = _wait_s(answer), attempt == _ATTEMPTS
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS and (last or wait_s > _LONGEST_WAIT_S):
                    raise ThrottledError(
                        f"the server asks to wait: {_said(answer)}",
                        next_step=f"Try again in {wait_s:.0f} s.",
                        details={"retry_after_s": wait_s},
                    )
                problem = f"{answer.status_code}: {_said(answer)}"
                if not last:
                    sleep(min(wait_s, _LONGEST_WAIT_S))
                continue
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise SignInError(
                    f"the server refused the token: {_said(answer)}",
                    next_step="Use an API token of your account, or, without accounts, the one that 'workbench serve' prints.",
                )
            if answer.status_code not in (httpx.codes.OK, httpx.codes.REQUEST_ENTITY_TOO_LARGE):
                raise ConnectionLostError(
                    f"the server answered {answer.status_code} to {call.operation!r}.",
                    next_step="Check the address; see the server's log.",
                )
            reply: Reply = decode(answer.content, Reply)
            return reply
        raise ConnectionLostError(
            f"{url} cannot be reached, or does not take the call ({problem}).",
            next_step="Check that 'workbench serve' runs there, and how much it has to do.",
        )

    operations = remote_operations(ask)
    weakref.finalize(operations, peer.close)
    return operations


def _wait_s(answer: httpx.Response) -> float:
    """Seconds that a server asks to wait."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) <= _DIGITS else 1.0


def _said(answer: httpx.Response) -> str:
    """What a refusal says; a proxy before the server may say it in other words, or none."""
    try:
        told = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "it did not say why."
    return str(told.get("message", "it did not say why."))[:500]
