"""Opening an account of an Exchange server: who we are, over which line, and nothing left behind."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import exchangelib
import requests.auth
from exchangelib import protocol as ews_protocol
from exchangelib.transport import DEFAULT_HEADERS, NOAUTH, get_auth_instance

from workbench.connect.adapter import BoundedAdapter, quiet_session
from workbench.connect.ews.wording import NoRetry
from workbench.connect.hosts import origin
from workbench.connect.protocol import Cancelled, FetchLimits
from workbench.connect.tokens import microsoft_token
from workbench.connect.web import Web, host_of
from workbench.domain.connections import EwsConnection
from workbench.domain.secrets import Secrets
from workbench.errors import InputError


def make_auth(
    connection: EwsConnection, secrets: Secrets, limits: FetchLimits, cancelled: Cancelled | None
) -> Any:
    """What signs each request: an application's token, or a service user's name and password.

    Raises
    ------
    InputError
        The connection names no user.
    """
    if connection.sign_in == "app":
        return Bearer(connection, secrets, limits, cancelled)
    if not connection.user_name:
        raise InputError(
            f"the connection to {host_of(connection.endpoint)} names no user.",
            next_step="Give the service user's name.",
        )
    kind = exchangelib.NTLM if connection.sign_in == "ntlm" else exchangelib.BASIC
    return get_auth_instance(kind, username=connection.user_name, password=secrets.password)


def open_account(connection: EwsConnection, mailbox: str, adapter: BoundedAdapter, auth: Any) -> Any:
    """The library's account, over our adapter; it stays in none of the library's caches.

    Raises
    ------
    InputError
        Build or address of the mailbox cannot be meant.
    """
    if mailbox.count("@") != 1:
        raise InputError(
            f"{mailbox!r} is not the address of a mailbox.", next_step="Write it like 'care@shop.example'."
        )
    config = exchangelib.Configuration(
        service_endpoint=connection.endpoint.rstrip("/"),
        auth_type=NOAUTH,
        version=_read_build(connection.build),
        retry_policy=NoRetry(host_of(connection.endpoint)),
    )
    account = exchangelib.Account(
        mailbox, config=config, access_type=connection.access, default_timezone=exchangelib.UTC
    )
    with suppress(KeyError):
        del ews_protocol.Protocol[config]
    protocol = type.__call__(ews_protocol.Protocol, config=config)
    protocol.create_session = lambda: _make_session(adapter, auth)
    account.protocol = protocol
    return account


def _read_build(text: str) -> Any:
    try:
        version = exchangelib.Version(build=exchangelib.Build(*(int(part) for part in text.split("."))))
        version.build.api_version()
    except (ValueError, TypeError, KeyError):
        raise InputError(
            f"{text!r} is not the version of an Exchange server.", next_step="Write it like '15.1.2507.6'."
        ) from None
    return version


def _make_session(adapter: BoundedAdapter, auth: Any) -> Any:
    session: Any = quiet_session(adapter)
    session.headers.update(DEFAULT_HEADERS)
    session.auth, session.session_id, session.usage_count = auth, 0, 0
    return session


class Bearer(requests.auth.AuthBase):
    """Puts an application's token on each request, fetched when first needed."""

    def __init__(
        self, connection: EwsConnection, secrets: Secrets, limits: FetchLimits, cancelled: Cancelled | None
    ) -> None:
        self._connection, self._secrets = connection, secrets
        self._limits, self._cancelled = limits, cancelled
        self._token = ""

    @property
    def is_used(self) -> bool:
        """Whether a token was fetched, which may have expired."""
        return bool(self._token)

    def forget(self) -> None:
        """Fetch a new token next time."""
        self._token = ""

    def __call__(self, request: Any) -> Any:
        """Sign a request."""
        if not self._token:
            scheme, name, port = origin(self._connection.endpoint)
            usual = {"https": 443, "http": 80}[scheme] == port
            timeout_s = self._limits.timeout_s
            with Web(
                self._secrets,
                ca_file=self._connection.ca_file,
                timeout_s=timeout_s,
                cancelled=self._cancelled,
            ) as web:
                self._token = microsoft_token(
                    web,
                    self._secrets,
                    authority=self._connection.authority,
                    tenant_id=self._connection.tenant_id,
                    client_id=self._connection.client_id,
                    scope=f"{scheme}://{name}{'' if usual else f':{port}'}/.default",
                    allow_plain=self._connection.allow_plain,
                )
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
