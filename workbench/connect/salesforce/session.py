"""Signed-in queries to Salesforce: one session, opened again once when it has expired."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce import exceptions as library

from workbench.connect.adapter import BoundedAdapter, quiet_session
from workbench.connect.failures import protocol_broken, refused, throttled, unreachable
from workbench.connect.protocol import Cancelled, FetchLimits
from workbench.connect.web import JSON_BYTES
from workbench.domain.connections import SalesforceConnection
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError, InputError, WorkbenchError

T = TypeVar("T")
_LOGIN_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.salesforce\.com", re.IGNORECASE)
_INSTANCE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(salesforce\.com|force\.com|salesforce\.mil)", re.IGNORECASE
)
_CODE = re.compile(r"[A-Za-z_]{1,60}")
_BUSY = {
    "REQUEST_LIMIT_EXCEEDED",
    "LOGIN_RATE_EXCEEDED",
    "REQUEST_RUNNING_TOO_LONG",
    "TXN_SECURITY_METERING_ERROR",
}
_DOWN = {"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"}
_NO = {
    "API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY",
    "INVALID_SESSION_ID", "INVALID_TYPE", "INVALID_FIELD", "FUNCTIONALITY_NOT_ENABLED",
}  # fmt: skip
_RIGHTS = (
    "Give the user 'API Enabled' and read access to Case and CaseComment with the fields the manual names."
)
_SIGN_IN = "Check login host, user name, password and security token, or the connected app's key and secret."


class SalesforceSession:
    """A line from ``with`` to its end."""

    def __init__(
        self,
        connection: SalesforceConnection,
        secrets: Secrets,
        limits: FetchLimits,
        cancelled: Cancelled | None = None,
    ) -> None:
        if not _LOGIN_HOST.fullmatch(connection.login_host):
            raise InputError(
                f"{connection.login_host!r} is not a login host of Salesforce.",
                next_step="Use login.salesforce.com, test.salesforce.com or <name>.my.salesforce.com.",
            )
        if not re.fullmatch(r"\d{2,3}\.0", connection.api_version):
            raise InputError(
                f"{connection.api_version!r} is not a version of the API.", next_step="Write it like '62.0'."
            )
        self._connection, self._secrets = connection, secrets
        self.host = connection.login_host
        self._who = connection.user_name or connection.client_id
        self._adapter = BoundedAdapter(
            secrets,
            ca_file=connection.ca_file,
            timeout_s=limits.timeout_s,
            max_bytes=JSON_BYTES,
            cancelled=cancelled,
        )
        self._client: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._adapter.close()

    def rows(self, query: str) -> tuple[list[Mapping[str, object]], bool]:
        """The rows a query gives, and whether they are all it gives (large rows come in parts)."""
        fresh = self._client is None
        if fresh:
            self._sign_in()
        if not fresh:
            with suppress(library.SalesforceExpiredSession):
                return self._rows(query, renew=True)
            self._sign_in()
        return self._rows(query, renew=False)

    def _rows(self, query: str, *, renew: bool) -> tuple[list[Mapping[str, object]], bool]:
        answer = self._worded(lambda: self._client.query(query), renew=renew)
        rows = answer.get("records") if isinstance(answer, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise protocol_broken(self.host, "it holds no records")
        return rows, answer.get("done") is True

    def _sign_in(self) -> None:
        connection, secrets = self._connection, self._secrets
        session = quiet_session(self._adapter)
        proof = (
            {"consumer_key": connection.client_id, "consumer_secret": secrets.client_secret}
            if connection.sign_in == "app"
            else {
                "username": connection.user_name,
                "password": secrets.password,
                "security_token": secrets.security_token,
            }
        )
        session_id, instance = self._worded(
            lambda: SalesforceLogin(
                domain=connection.login_host.lower().removesuffix(".salesforce.com"),
                session=session,
                sf_version=connection.api_version,
                **proof,
            ),
            renew=False,
        )
        if not isinstance(session_id, str) or not isinstance(instance, str):
            raise protocol_broken(self.host, "signing in gave no session")
        if not _INSTANCE.fullmatch(instance.rstrip("/")):
            raise protocol_broken(self.host, "it leads to a host that is not Salesforce's")
        self._client = Salesforce(
            session_id=session_id,
            instance=instance.rstrip("/"),
            version=connection.api_version,
            session=session,
            object_pairs_hook=dict,
        )

    def _worded(self, function: Callable[[], T], *, renew: bool) -> T:
        try:
            return function()
        except WorkbenchError:
            raise
        except library.SalesforceExpiredSession as error:
            if renew:
                raise
            raise self._word(_code(error)) from None
        except library.SalesforceAuthenticationFailed as error:
            code = str(error.code) if _CODE.fullmatch(str(error.code)) else ""
            raise self._word(code, signing_in=True) from None
        except library.SalesforceError as error:
            raise self._word(_code(error)) from None
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise protocol_broken(self.host, f"it cannot be read ({type(error).__name__})") from None

    def _word(self, code: str, *, signing_in: bool = False) -> ConnectError:
        if code in _BUSY:
            return throttled(self.host)
        if code in _DOWN:
            return unreachable(self.host, code)
        if signing_in:
            return refused(self.host, self._who, code, next_step=_SIGN_IN)
        if code in _NO:
            return refused(self.host, self._who, code, next_step=_RIGHTS)
        return protocol_broken(self.host, code or "an error without a code")


def _code(error: Any) -> str:
    content = error.content
    first = content[0] if isinstance(content, list) and content else content
    code = first.get("errorCode") if isinstance(first, Mapping) else None
    if isinstance(code, str) and _CODE.fullmatch(code):
        return code
    return f"status {error.status}" if isinstance(error.status, int) else ""
