"""Servers that misbehave: one that plays a script, one that passes bytes on until it has had enough."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each caller in a thread; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def work(caller: socket.socket) -> None:
        with suppress(OSError), caller:
            caller.settimeout(20)
            serve(caller)

    def accept() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                thread = threading.Thread(target=work, args=(caller,))
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(20)
        for thread in threads:
            thread.join(30)


@contextmanager
def cutting(port: int, after_bytes: int) -> Iterator[int]:
    """Pass everything on to ``port``, and break the line once the server has sent ``after_bytes``."""

    def serve(caller: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.settimeout(20)

            def up() -> None:
                with suppress(OSError):
                    while data := caller.recv(65536):
                        server.sendall(data)

            upward = threading.Thread(target=up)
            upward.start()
            left = after_bytes
            with suppress(OSError):
                while left > 0 and (data := server.recv(min(65536, left))):
                    caller.sendall(data)
                    left -= len(data)
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
            upward.join(20)

    with listening(serve) as cut:
        yield cut


@contextmanager
def scripted(
    answers: dict[str, bytes], greeting: bytes = b"* OK ready\r\n"
) -> Iterator[tuple[int, list[str]]]:
    """An IMAP server that answers each command by its name, whatever it is asked.

    ``%`` in an answer stands for the command's tag; unknown commands get a plain OK; a line without a
    command is answered as ``CONTINUED``. Gives the port and the
    list of command lines heard.
    """
    heard: list[str] = []
    known = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n% OK done\r\n",
        "LOGOUT": b"* BYE\r\n% OK done\r\n",
        **answers,
    }

    def serve(caller: socket.socket) -> None:
        caller.sendall(greeting)
        open_tag = b""
        for line in caller.makefile("rb"):
            heard.append(line.decode("latin-1").strip())
            tag, _, rest = line.strip().partition(b" ")
            words = rest.decode("latin-1").split()
            name = "CONTINUED" if not words else " ".join(words[:2]) if words[0] == "UID" else words[0]
            open_tag = tag if words else open_tag
            answer = known.get(name, b"% OK done\r\n")
            if answer == b"":
                return
            caller.sendall(answer.replace(b"%", open_tag))

    with listening(serve) as port:
        yield port, heard


@contextmanager
def garbling(port: int, asked: bytes, said: bytes, instead: bytes) -> Iterator[int]:
    """Pass everything on to ``port``, but where the caller spoke of ``asked`` the server says ``instead``."""

    def serve(caller: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.settimeout(20)
            speaks_of_it = threading.Event()

            def up() -> None:
                with suppress(OSError):
                    while data := caller.recv(65536):
                        (speaks_of_it.set if asked in data else speaks_of_it.clear)()
                        server.sendall(data)
                    server.shutdown(socket.SHUT_WR)

            upward = threading.Thread(target=up)
            upward.start()
            with suppress(OSError):
                while data := server.recv(65536):
                    caller.sendall(data.replace(said, instead) if speaks_of_it.is_set() else data)
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
            upward.join(20)

    with listening(serve) as place:
        yield place
