"""A local HTTP service in a thread, which hears requests and can be told to fail."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes
    base: str
    line: int
    """Which connection it came over."""


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed: int | None = None
    """Content-Length to claim; a body that is shorter breaks off."""


class Service:
    """Answers requests; replies queued in ``next_replies`` go out first, each once.

    A queued item is a pair of a word that the path must hold and the reply.
    """

    def __init__(self) -> None:
        self.heard: list[Request] = []
        self.next_replies: list[tuple[str, Reply]] = []
        self.base = ""

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def reply(self, request: Request) -> Reply:
        self.heard.append(request)
        for index, (word, reply) in enumerate(self.next_replies):
            if word in request.path or word.encode() in request.body:
                del self.next_replies[index]
                return reply
        return self.answer(request)


@contextmanager
def serving(service: Service, tls: Path | None = None) -> Iterator[str]:
    """Run the service on a loopback port, over TLS with the certificate in a folder; gives its address."""
    handler = _handler(service.reply)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    service.base = f"http://127.0.0.1:{server.server_port}"
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        service.base = service.base.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def _handler(reply: Callable[[Request], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20
        wbufsize = -1

        def do_GET(self) -> None:
            self._serve()

        do_POST = do_GET  # noqa: N815

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            host = self.headers.get("Host", "")
            answer = reply(
                Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    self.headers,
                    body,
                    f"http://{host}",
                    id(self),
                )
            )
            with suppress(OSError):
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = len(answer.body) if answer.claimed is None else answer.claimed
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()
                self.close_connection = self.close_connection or answer.claimed is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
