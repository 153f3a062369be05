"""A thread per connection on a Unix socket; each request is one call, answered by one reply."""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from workbench.domain import Operations
from workbench.errors import ConnectionLostError, WorkbenchError
from workbench.wire import (
    PROTOCOL,
    Call,
    Reply,
    decode,
    encode,
    failure_of,
    perform,
    receive_frame,
    send_frame,
    user_at,
)

log = logging.getLogger(__name__)


class OwnerServer:
    """Listens until told to stop or until idle.

    Parameters
    ----------
    address
        Socket path; the folder is made with mode 0700, the socket with 0600.
    operations_of
        A call, and the local user at the other end, to the ``Operations`` that acts for whoever asks in it.
    busy
        Whether work goes on that must not be cut off by idling.
    leaving
        Called once when nothing more is accepted: calls that wait for something must return.
    idle_s
        Leave after so many seconds without a connection; 0 = never.
    """

    def __init__(
        self,
        address: Path,
        *,
        operations_of: Callable[[Call, str], Operations],
        busy: Callable[[], bool],
        leaving: Callable[[], None],
        idle_s: float,
    ) -> None:
        self._address = address
        self._operations_of = operations_of
        self._busy = busy
        self._leaving = leaving
        self._idle_s = idle_s
        self._stop = threading.Event()
        self._connections: set[socket.socket] = set()
        self._in_call = 0
        self._lock = threading.Lock()
        self._last_seen = time.monotonic()

    @property
    def n_clients(self) -> int:
        """Open connections."""
        return len(self._connections)

    def stop(self) -> None:
        """Ask ``serve`` to return; safe in a signal handler."""
        self._stop.set()

    def serve(self) -> None:
        """Accept until stopped or idle; then let calls in flight finish and close everything."""
        with self._listening() as listener:
            listener.settimeout(0.2)
            while not self._stop.is_set() and not self._idle():
                with contextlib.suppress(TimeoutError):
                    peer, _ = listener.accept()
                    self._welcome(peer)
        self._stop.set()
        self._address.unlink(missing_ok=True)
        self._leaving()
        deadline = time.monotonic() + 10
        while self._in_call and time.monotonic() < deadline:
            time.sleep(0.02)
        for peer in list(self._connections):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def _listening(self) -> socket.socket:
        self._address.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = self._address.parent.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
            raise ConnectionLostError(
                f"folder {self._address.parent} belongs to another user, or lets others in.",
                next_step="Set XDG_RUNTIME_DIR to a folder of your own.",
            )
        self._address.unlink(missing_ok=True)  # we hold the file's lock: whoever made it is gone
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        previous = os.umask(0o177)
        try:
            listener.bind(str(self._address))
        finally:
            os.umask(previous)
        listener.listen(64)
        return listener

    def _idle(self) -> bool:
        if self._connections or self._busy():
            self._last_seen = time.monotonic()
        return 0 < self._idle_s < time.monotonic() - self._last_seen

    def _welcome(self, peer: socket.socket) -> None:
        user = _user_of(peer)
        if user is None:
            log.warning("refused a connection from another user")
            peer.close()
            return
        peer.settimeout(None)
        with self._lock:
            self._connections.add(peer)
        threading.Thread(target=self._converse, args=(peer, user), daemon=True).start()

    def _converse(self, peer: socket.socket, user: str) -> None:
        try:
            while (raw := receive_frame(peer)) is not None:
                if self._stop.is_set():  # not begun: the client asks the next owner
                    break
                send_frame(peer, encode(self._answer(raw, user)))
        except (OSError, ConnectionLostError) as error:
            log.info("a client went away: %s", error)
        finally:
            with self._lock:
                self._connections.discard(peer)
                self._last_seen = time.monotonic()
            peer.close()

    def _answer(self, raw: bytes, user: str) -> Reply:
        with self._lock:
            self._in_call += 1
        try:
            call: Call = decode(raw, Call)
            _check_protocol(call)
            return perform(self._operations_of(call, user), call)
        except WorkbenchError as error:
            return Reply(failure=failure_of(error))
        except Exception as error:
            log.exception("a call failed")
            fault = WorkbenchError(
                f"the owner failed: {type(error).__name__}: {str(error)[:300]}.",
                next_step="This is a defect; see owner.log in the .workbench folder beside the file.",
            )
            return Reply(failure=failure_of(fault))
        finally:
            with self._lock:
                self._in_call -= 1


def _check_protocol(call: Call) -> None:
    if call.protocol != PROTOCOL:
        raise ConnectionLostError(
            f"the client speaks protocol {call.protocol}, the owner {PROTOCOL}.",
            next_step="Stop the owner ('workbench stop FILE') or update both to one version.",
        )


def _user_of(peer: socket.socket) -> str | None:
    """Name of the local user at the other end; None when it is not the user this process runs as."""
    uid = user_at(peer)
    if uid != os.getuid():
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"
