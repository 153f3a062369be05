"""A receiver of webhooks: a real HTTP server that fails, delays and counts as a test says."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Taken:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def messages(self) -> list[str]:
        return [one["id"] for one in self.event["data"].get("messages", [])]


@dataclass
class Receiver:
    """Answers each request as ``answer`` says: a status, or None to break the line without one."""

    answer: Callable[[Taken], int | None] = lambda _: 204
    requests: list[Taken] = field(default_factory=list)
    accepted: list[Taken] = field(default_factory=list)
    retry_after: str = ""
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def receiving(receiver: Receiver, *, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Serve until the end of the block; over TLS with a ``context``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken = Taken(path=self.path, headers=headers, body=self.rfile.read(length))
            with receiver.lock:
                receiver.requests.append(taken)
            status = receiver.answer(taken)
            if status is None:
                self.close_connection = True
                return
            if status // 100 == 2:
                with receiver.lock:
                    receiver.accepted.append(taken)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.url + "/elsewhere")
            if receiver.retry_after:
                self.send_header("Retry-After", receiver.retry_after)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A sender that breaks off is nothing to print."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
