"""How the client reaches a server: addresses of single segments, one header for the token, and its patience."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlsplit

from tests.contract.client.decoding import AnyOk, RefusedError, decode
from tests.contract.client.generations import NEW, Generation

T = TypeVar("T")
WAITS_S = (5, 10, 20)
"""Seconds before each further try."""
HASTE = 20
_ESCAPED = frozenset(' "#<>?`{}/%\\')


def segment(text: str) -> str:
    """One segment of an address as the client writes it.

    >>> segment("acme/mail"), segment("a%b c"), segment("x:@+=&,;.~!$'()*")
    ('acme%2Fmail', 'a%25b%20c', "x:@+=&,;.~!$'()*")
    """
    return "".join(
        "".join(f"%{byte:02X}" for byte in one.encode())
        if one in _ESCAPED or not 0x20 < ord(one) < 0x7F
        else one
        for one in text
    )


def address(*parts: str) -> str:
    """A path of segments; those that are ``.`` or ``..`` go missing.

    >>> address("api", "v1", "sources", "acme/mail", ".")
    '/api/v1/sources/acme%2Fmail'
    """
    return "/" + "/".join(segment(one) for one in parts if one not in (".", ".."))


def named(text: str) -> str:
    """How a resource is told: by its name, or as ``id:…`` where all characters are hexadecimal digits."""
    return f"id:{text}" if text and all(one in "0123456789abcdefABCDEF" for one in text) else text


@dataclass(frozen=True)
class Answer:
    """Status and bytes, unpacked."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class Client:
    """One user's client.

    Attributes
    ----------
    base
        Where the addresses are appended; may have a path, which does not end with a slash.
    waited
        Seconds that the original would have waited, in order.
    pause
        Waits, much shorter.
    sent
        ``(method, path with query)`` of every try.
    """

    base: str
    token: str
    generation: Generation = NEW
    waited: list[float] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    pause: Callable[[float], None] = lambda wait_s: time.sleep(wait_s / HASTE)
    _local: threading.local = field(default_factory=threading.local)
    _peers: list[http.client.HTTPConnection] = field(default_factory=list)

    def close(self) -> None:
        """Hang up, in every thread."""
        for one in self._peers:
            one.close()

    def once(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        kind: str = "application/json",
        accept: str = "",
    ) -> Answer:
        """One try: bytes out, bytes in."""
        to = urlsplit(self.base)
        self.sent.append((method, path))
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip"}
        headers |= {"Accept": accept} if accept else {}
        headers |= {"Content-Type": kind} if body is not None else {}
        peer, is_used = self._peer(to.hostname or "", to.port)
        try:
            peer.request(method, to.path + path, body=body, headers=headers)
            answer = peer.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            peer.close()
            if not is_used:
                raise
            # The server hung up while nothing was asked: that is no failure.
            peer.request(method, to.path + path, body=body, headers=headers)
            answer = peer.getresponse()
            told = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            told = gzip.decompress(told)
        return Answer(answer.status, told, {key.lower(): value for key, value in answer.headers.items()})

    def _peer(self, host: str, port: int | None) -> tuple[http.client.HTTPConnection, bool]:
        """The connection of this thread, and whether something was asked over it before."""
        if not hasattr(self._local, "peer"):
            self._local.peer = http.client.HTTPConnection(host, port, timeout=240)
            self._peers.append(self._local.peer)
        peer: http.client.HTTPConnection = self._local.peer
        return peer, peer.sock is not None

    def send(self, method: str, path: str, *, single: bool = False, **more: Any) -> tuple[Answer, int]:
        """One try, or up to four; with the number of tries."""
        for tries, wait_s in enumerate((*WAITS_S, None), 1):
            try:
                answer = self.once(method, path, **more)
            except (OSError, http.client.HTTPException):
                if single or wait_s is None:
                    raise
            else:
                again = answer.status >= 500 or answer.status in self.generation.retried
                if single or not again or wait_s is None:
                    return answer, tries
            self.waited.append(wait_s)
            self.pause(wait_s)
        raise AssertionError("the last try answers or raises")

    def call(
        self,
        method: str,
        parts: Sequence[str],
        kind: type[T] = AnyOk,  # type: ignore[assignment]
        *,
        body: Any = None,
        query: Sequence[tuple[str, str]] = (),
        single: bool = False,
    ) -> T:
        """What a request for JSON gives, decoded."""
        path = address(*parts) + written(query)
        raw = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        answer, tries = self.send(method, path, single=single, body=raw)
        try:
            return decode(answer.status, answer.body, kind, self.generation)
        except RefusedError as refused:
            if method == "DELETE" and refused.status == 404 and tries > 1:
                return decode(200, b'{"status":"ok"}', kind, self.generation)
            raise

    def send_file(self, parts: Sequence[str], content: bytes, kind: type[T], *, single: bool = False) -> T:
        """A form with one part ``file``."""
        mark = "----a-boundary-of-the-form"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        how = f"multipart/form-data; boundary={mark}"
        answer, _ = self.send("PUT", address(*parts), single=single, body=body, kind=how)
        return decode(answer.status, answer.body, kind, self.generation)

    def content(self, *parts: str) -> bytes:
        """Bytes as they are stored; whatever a failure says is not read."""
        answer, _ = self.send("GET", address(*parts))
        if not 200 <= answer.status < 300:
            raise RefusedError(answer.status, "")
        return answer.body


def written(query: Sequence[tuple[str, str]]) -> str:
    """A query as forms write it."""
    pairs = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in query)
    return f"?{pairs}" if pairs else ""
