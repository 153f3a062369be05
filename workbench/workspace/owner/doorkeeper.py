"""Who a call comes from: found out from what it shows, never from what it says."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path
from typing import Protocol

from workbench.domain import Principal
from workbench.errors import SignInError
from workbench.wire import CHANNELS, Call


class Accounts(Protocol):
    """People who sign in, and the tokens they hold."""

    @property
    def guarded(self) -> bool:
        """Whether there is any account; before that, whoever owns the file may do everything."""
        ...

    def recognise(self, token: str, peer: str = "") -> Principal:
        """Whose session or API token it is; ``SignInError`` when it is nobody's, or no longer.

        ``peer`` is where it comes from over the network: who guesses from there has to wait.
        """
        ...


class Doorkeeper:
    """Turns a call into the principal it acts for.

    Parameters
    ----------
    accounts
        None = there are none.
    operator_token
        What the person shows whose file it is, and the server they started; see ``operator_token``.
    """

    def __init__(self, accounts: Accounts | None, *, operator_token: str) -> None:
        self._accounts = accounts
        self._operator_token = operator_token.encode()

    def __repr__(self) -> str:
        return "<Doorkeeper>"

    def principal(self, call: Call, local_user: str) -> Principal:
        """Who asks.

        Without accounts, everybody who reaches the socket is the person whose file it is, under the name they give.
        With accounts, a token is needed: of a session, of an API client, or the operator's.

        Raises
        ------
        SignInError
            The token is missing, wrong, or over.
        """
        name = call.actor or local_user
        guarded = self._accounts is not None and self._accounts.guarded
        if call.token and hmac.compare_digest(call.token.encode(), self._operator_token):
            if guarded and channel_of(call) == "http":
                raise SignInError(
                    "the workspace has accounts, and its own token opens it no longer.",
                    next_step="Use an API token of your account.",
                )
            return Principal(name=name, kind="operator" if guarded else "local")
        if not call.token and not guarded:
            return Principal(name=name)
        if not call.token:
            raise SignInError(
                "the workspace has accounts, and the call shows no token.",
                next_step="Sign in, or set WORKBENCH_TOKEN to an API token of your account.",
            )
        if self._accounts is None or not guarded:
            raise SignInError(
                "the token is wrong: the workspace has no accounts.",
                next_step="Leave the token out, or use the one that 'workbench serve' prints.",
            )
        return self._accounts.recognise(call.token, call.peer)


def channel_of(call: Call) -> str:
    """How the caller came: what they say when it is one of the known ways, else ``python``."""
    return call.channel if call.channel in CHANNELS else CHANNELS[0]


def operator_token(file: Path) -> str:
    """The operator's token, made once in ``file``, which this user alone may read: 256 random bits."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text("ascii")
    token = secrets.token_urlsafe(32)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(token)
    return token
