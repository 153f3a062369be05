"""The HTTP server under the application: what it says before and after the application has a say."""

from __future__ import annotations

import socket

import h11
import msgspec
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from workbench.api.envelope import Failed

_MALFORMED = "this is no HTTP request. Encode the address, and keep its head below 64 KiB."


class EnvelopeProtocol(H11Protocol):
    """Words what cannot even be read as a request as every other failure is worded."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - theirs, for plain text
        """Refuse and hang up."""
        body = msgspec.json.encode(Failed(message=_MALFORMED))
        head = h11.Response(
            status_code=400,
            headers=[
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
            reason=b"Bad Request",
        )
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class Server(uvicorn.Server):
    """Stops at once for who only waits for news, and after their answer for everybody else."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._application = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, finish those in progress, and end."""
        self._application.state.close()
        await super().shutdown(sockets)


def make_server(
    app: Starlette, *, host: str, port: int, finish_s: int = 10, proxies: tuple[str, ...] = ()
) -> Server:
    """A server for an application of ``make_app``, ready to run.

    Parameters
    ----------
    finish_s
        Seconds that requests in progress have when it is told to stop.
    proxies
        Addresses whose word of where a request comes from is believed.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        http=EnvelopeProtocol,
        ws="none",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies) or None,
        server_header=False,
        timeout_graceful_shutdown=finish_s,
    )
    return Server(config, app)
