"""The line under libraries that speak through ``requests``: bounded answers, failures worded, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
import requests.adapters
import urllib3.exceptions

from workbench.connect.failures import protocol_broken, unreachable
from workbench.connect.hosts import tls_context, word_os_error
from workbench.connect.protocol import Cancelled, stop_if
from workbench.connect.web import Answer, check_status, host_of
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError

_PIECE = 1 << 16
_PASSED_ON = frozenset({200, 201, 400, 401, 403, 404, 500})
"""Statuses whose meaning the library above knows."""


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Sends one request; what comes back is read up to ``max_bytes``.

    Raises
    ------
    ConnectError
        Instead of anything of the network, of TLS, of throttling or of a redirect.
    JobCancelledError
        ``cancelled`` said yes before the request went out.
    """

    def __init__(
        self, secrets: Secrets, *, ca_file: str, timeout_s: float, max_bytes: int, cancelled: Cancelled | None
    ) -> None:
        self._secrets, self._timeout_s, self._max_bytes = secrets, timeout_s, max_bytes
        self._cancelled, self._context = cancelled, tls_context(ca_file)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Check certificates against our authorities, not against a list the library brings."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the checking to the context given above."""

    def get_connection_with_tls_context(
        self,
        request: Any,
        verify: Any,  # noqa: ARG002  # the parent's signature
        proxies: Any = None,
        cert: Any = None,  # noqa: ARG002
    ) -> Any:
        """Connect with the context given above, whatever ``verify`` says."""
        proxy = requests.utils.select_proxy(request.url, proxies)
        if proxy:
            return self.proxy_manager_for(proxy, ssl_context=self._context).connection_from_url(request.url)
        return self.poolmanager.connection_from_url(request.url)

    def send(self, request: Any, *_: Any, **kwargs: Any) -> Any:
        """Send; the answer's text is read when it is asked for."""
        stop_if(self._cancelled)
        host = host_of(request.url)
        with self._worded(host):
            response: Any = super().send(
                request, stream=True, timeout=self._timeout_s, proxies=kwargs.get("proxies") or {}
            )
        # NTLM must find the line still open, so the text is not read here.
        original = response.iter_content
        response.iter_content = lambda *_args, **_kwargs: self._read(response, original, host)
        response.headers.pop("connection", None)  # exchangelib takes 'close' for a sign of being busy
        if response.status_code not in _PASSED_ON:
            headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
            response.close()
            check_status(Answer(status=response.status_code, headers=headers, body=b""), host)
        return response

    def _read(self, response: Any, original: Callable[[int], Iterator[bytes]], host: str) -> Iterator[bytes]:
        """The whole text in one piece: libraries that ask for single bytes would take minutes."""
        if isinstance(response._content, bytes):  # noqa: SLF001  # as requests itself does
            yield response._content  # noqa: SLF001
            return
        pieces, n_bytes = [], 0
        with self._worded(host):
            try:
                for piece in original(_PIECE):
                    n_bytes += len(piece)
                    if n_bytes > self._max_bytes:
                        raise protocol_broken(host, f"it is longer than {self._max_bytes} bytes")
                    pieces.append(piece)
            finally:
                response.close()
        yield b"".join(pieces)

    @contextmanager
    def _worded(self, host: str) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _word(error, host, self._secrets) from None


def _word(error: Exception, host: str, secrets: Secrets) -> ConnectError:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException):
            return word_os_error(cause, host, secrets)
    if any(isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError) for cause in causes):
        return unreachable(host, "no answer in time")
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return unreachable(host, "the connection broke")
    return protocol_broken(host, type(error).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it came from, as both libraries note it."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            more = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
            waiting += [one for one in more if isinstance(one, BaseException)]


def quiet_session(adapter: BoundedAdapter) -> requests.Session:
    """A session whose every request goes through the adapter and follows no redirect."""
    session = requests.Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.max_redirects = 0
    return session
