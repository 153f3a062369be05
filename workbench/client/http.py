"""``Operations`` over HTTP, to a server started with ``workbench serve``."""

from __future__ import annotations

import weakref
from typing import Any

import httpx
import msgspec

from workbench.domain import Operations
from workbench.errors import ConnectionLostError, SignInError
from workbench.wire import Call, Reply, decode, encode, remote_operations

_ATTEMPTS = 3


def connect_http(url: str, *, token: str, timeout_s: float = 300.0) -> Operations:
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
        for _ in range(_ATTEMPTS):
            try:
                answer = peer.post(f"/rpc/{call.operation}", content=encode(call))
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
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
            f"{url} cannot be reached ({problem}).",
            next_step="Check that 'workbench serve' runs there.",
        )

    operations = remote_operations(ask)
    weakref.finalize(operations, peer.close)
    return operations


def _said(answer: httpx.Response) -> str:
    """What a refusal says; a proxy before the server may say it in other words, or none."""
    try:
        told = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "it did not say why."
    return str(told.get("message", "it did not say why."))[:500]
