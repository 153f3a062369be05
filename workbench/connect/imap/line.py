"""The line to an IMAP server: opened, signed in, bounded, and its failures worded."""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from workbench.connect.failures import protocol_broken, refused, throttled, unreachable
from workbench.connect.hosts import check_plain, tls_context, word_os_error
from workbench.domain.connections import ImapConnection
from workbench.domain.secrets import Secrets
from workbench.errors import InputError

_GREETING_BYTES = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _TooMuchError(Exception):
    """The answer is longer than any honest one; outside imaplib's tree, which would swallow its kind."""


class _Bounded(imaplib.IMAP4):
    """Counts what the server sends, so that no answer fills the memory."""

    bytes_left = _GREETING_BYTES

    def read(self, size: int) -> bytes:
        """Read a literal, unless it is longer than what is left."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, n_bytes: int) -> None:
        self.bytes_left -= n_bytes
        if self.bytes_left < 0:
            raise _TooMuchError("too long an answer")


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS."""


@contextmanager
def worded(connection: ImapConnection, secrets: Secrets) -> Iterator[None]:
    """Turn whatever goes wrong on the line into a `ConnectError` without secrets."""
    host = f"{connection.host}:{connection.port}"
    try:
        yield
    except OSError as error:
        raise word_os_error(error, host, secrets) from None
    except _TooMuchError as error:
        raise protocol_broken(host, str(error)) from None
    except imaplib.IMAP4.abort as error:
        text = secrets.clean(str(error))
        if "unexpected" in text or "not supported" in text:
            raise protocol_broken(host, text) from None
        raise unreachable(host, f"the connection ended ({text})") from None
    except imaplib.IMAP4.error as error:
        raise protocol_broken(host, secrets.clean(str(error))) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # What the standard library's parser trips over when an answer is no IMAP at all.
        raise protocol_broken(host, f"it cannot be read ({type(error).__name__})") from None


def open_line(
    connection: ImapConnection, secrets: Secrets, timeout_s: float, *, address: str = ""
) -> _Bounded:
    """Connect and sign in; with ``address`` in the name of that mailbox, by the rights of the user.

    Raises
    ------
    InputError
        The connection would be plain to another machine, or a name holds control characters.
    ConnectError
        Anything the server or the network does.
    """
    if connection.security == "plain":
        check_plain(connection.host, allowed=connection.allow_plain)
    for name in (connection.user_name, address, secrets.password, secrets.token):
        if _CONTROL.search(name):
            raise InputError(
                f"user name, mailbox or password for {connection.host!r} holds a control character.",
                next_step="Enter it again; such characters often come with pasted text.",
            )
    context = tls_context(connection.ca_file) if connection.security != "plain" else None
    with worded(connection, secrets):
        line: _Bounded
        if connection.security == "tls":
            line = _BoundedTls(connection.host, connection.port, ssl_context=context, timeout=timeout_s)
        else:
            line = _Bounded(connection.host, connection.port, timeout=timeout_s)
        try:
            if context is not None and connection.security == "starttls":
                line.starttls(ssl_context=context)
            _sign_in(line, connection, secrets, address)
        except BaseException:
            hang_up(line, politely=False)
            raise
    return line


def _sign_in(line: _Bounded, connection: ImapConnection, secrets: Secrets, address: str) -> None:
    user, host = connection.user_name, f"{connection.host}:{connection.port}"
    try:
        if connection.sign_in == "token":
            proof = f"user={address or user}\x01auth=Bearer {secrets.token}\x01\x01".encode()
            line.authenticate("XOAUTH2", _Once(proof))
        elif "AUTH=PLAIN" in line.capabilities:
            line.authenticate("PLAIN", _Once(f"{address}\0{user}\0{secrets.password}".encode()))
        elif address:
            raise protocol_broken(host, "it does not let one user sign in for another (no AUTH=PLAIN)")
        else:
            quoted = user.replace("\\", "\\\\").replace('"', '\\"')
            line.login(f'"{quoted}"', secrets.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        encoded = [base64.b64encode(s.encode()).decode() for s in (secrets.password, secrets.token) if s]
        text = secrets.clean(str(error), *encoded)
        code = text.upper()
        if "[UNAVAILABLE]" in code:
            raise unreachable(host, text) from None
        if "[LIMIT]" in code or "[INUSE]" in code:
            raise throttled(host) from None
        raise refused(host, f"{user} for {address}" if address else user, text) from None


class _Once:
    """Answers the first challenge with the proof, the second with nothing (as XOAUTH2 wants), then cancels."""

    def __init__(self, proof: bytes) -> None:
        self._answers = iter((proof, b""))

    def __call__(self, _challenge: bytes) -> bytes | None:
        return next(self._answers, None)


def hang_up(line: imaplib.IMAP4, *, politely: bool) -> None:
    """Close, with a LOGOUT if the line still works; never fails."""
    with suppress(
        OSError, _TooMuchError, imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError
    ):
        if politely:
            line.logout()
            return
    with suppress(OSError):
        line.shutdown()
