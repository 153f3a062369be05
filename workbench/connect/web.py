"""The line to a web service: bounded answers, no redirects, failures worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from workbench.connect.failures import protocol_broken, throttled, unreachable
from workbench.connect.hosts import tls_context, word_os_error
from workbench.connect.protocol import Cancelled, stop_if
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError

JSON_BYTES = 32 * 2**20
_LONGEST_WAIT_S = 86_400.0
_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; ``body`` is None when it was longer than asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Web:
    """An HTTP client from ``with`` to its end."""

    def __init__(
        self, secrets: Secrets, *, ca_file: str, timeout_s: float, cancelled: Cancelled | None = None
    ) -> None:
        self._secrets, self._cancelled = secrets, cancelled
        self._client = httpx.Client(
            verify=tls_context(ca_file),
            timeout=timeout_s,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "workbench"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, url: str, headers: Mapping[str, str], max_bytes: int = JSON_BYTES) -> Answer:
        """Fetch an address."""
        return self._send(self._client.build_request("GET", self._checked(url), headers=headers), max_bytes)

    def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._send(self._client.build_request("POST", self._checked(url), data=form), JSON_BYTES)

    def _checked(self, url: str) -> httpx.URL:
        try:
            return httpx.URL(url)
        except httpx.InvalidURL:
            raise protocol_broken(host_of(url), "a link is no web address") from None

    def _send(self, request: httpx.Request, max_bytes: int) -> Answer:
        stop_if(self._cancelled)
        host = host_of(str(request.url))
        try:
            response = self._client.send(request, stream=True)
            try:
                return _read(response, host, max_bytes)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise _word(error, host, self._secrets) from None


def _read(response: httpx.Response, host: str, max_bytes: int) -> Answer:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise protocol_broken(host, "it is compressed though that was not asked for")
    pieces, n_bytes = [], 0
    for piece in response.iter_bytes():
        n_bytes += len(piece)
        if n_bytes > max_bytes:
            return Answer(status=response.status_code, headers=response.headers, body=None)
        pieces.append(piece)
    return Answer(status=response.status_code, headers=response.headers, body=b"".join(pieces))


def _word(error: httpx.HTTPError, host: str, secrets: Secrets) -> ConnectError:
    if isinstance(error, httpx.TimeoutException):
        return unreachable(host, "no answer in time")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return word_os_error(cause, host, secrets)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.NetworkError) or "disconnected" in str(error) or "peer closed" in str(error):
        return unreachable(host, "the connection broke")
    return protocol_broken(host, secrets.clean(str(error) or type(error).__name__))


def host_of(url: str) -> str:
    """Host and port of an address, as people know it; never what else stands in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the service"
    return f"{parts.hostname}:{port}" if port else parts.hostname or "the service"


def check_status(answer: Answer, host: str) -> None:
    """Refuse what no caller can use: being throttled, a failing server, a redirect.

    Raises
    ------
    ThrottledError, UnreachableError, RemoteProtocolError
        According to the status.
    """
    wait_s = read_retry_after(answer.headers)
    if answer.status == httpx.codes.TOO_MANY_REQUESTS or (
        wait_s is not None and answer.status >= httpx.codes.INTERNAL_SERVER_ERROR
    ):
        raise throttled(host, wait_s)
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise unreachable(host, f"it answers with status {answer.status}")
    if answer.status < httpx.codes.OK or (
        httpx.codes.MULTIPLE_CHOICES <= answer.status < httpx.codes.BAD_REQUEST
    ):
        raise protocol_broken(host, f"status {answer.status} where none or another was expected")


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a Retry-After asks for, at most a day; a date counts from the answer's own Date."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), _LONGEST_WAIT_S)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST_WAIT_S)
