"""What a reader is told when a server that is not ours fails, and that it is the same after a journey."""

from __future__ import annotations

import pickle
import re

import pytest

from workbench.connect.failures import bad_certificate, protocol_broken, refused, throttled, unreachable
from workbench.errors import (
    CertificateError,
    ConnectError,
    CredentialsRefusedError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
    error_from_wire,
)

FAILURES = [
    (
        unreachable("imap.shop.example:993", "no answer in time"),
        UnreachableError,
        "imap.shop.example:993 cannot be reached: no answer in time.",
        "Check host name, port and firewall",
    ),
    (
        refused("imap.shop.example:993", "care", "authentication failed"),
        CredentialsRefusedError,
        "imap.shop.example:993 refused 'care': authentication failed.",
        "Check user name and password or token",
    ),
    (
        throttled("graph.example", 30),
        ThrottledError,
        "graph.example asks to wait (for 30 s).",
        "reading goes on by itself",
    ),
    (
        bad_certificate("mail.example", "it has expired"),
        CertificateError,
        "the certificate of mail.example is not valid: it has expired.",
        "set 'ca_file'",
    ),
    (
        protocol_broken("mail.example", "nonsense"),
        RemoteProtocolError,
        "mail.example gave an answer that cannot be used: nonsense.",
        "Check that address and port",
    ),
]


@pytest.mark.parametrize(("error", "kind", "message", "step"), FAILURES, ids=lambda value: str(value)[:20])
def test_each_failure_names_host_and_next_step_and_travels(
    error: ConnectError, kind: type[ConnectError], message: str, step: str
) -> None:
    assert type(error) is kind
    assert error.message == message
    assert step in error.next_step
    with pytest.raises(ConnectError, match=re.escape(message)):
        raise error
    wired = error_from_wire(error.code, error.message, error.next_step, error.details)
    for other in (wired, pickle.loads(pickle.dumps(error))):
        assert type(other) is kind
        assert (str(other), other.details) == (str(error), error.details)


def test_a_pause_without_a_length_says_so() -> None:
    error = throttled("graph.example")
    assert error.message == "graph.example asks to wait (it did not say how long)."
    assert error.retry_after_s is None
    assert throttled("graph.example", 7).retry_after_s == 7.0


@pytest.mark.parametrize(
    "kind", [CertificateError, CredentialsRefusedError, RemoteProtocolError, ThrottledError, UnreachableError]
)
def test_whatever_a_server_does_is_caught_as_one(kind: type[ConnectError]) -> None:
    with pytest.raises(ConnectError, match=r"mail\.example hung up\. Try again later\."):
        raise kind("mail.example hung up.", next_step="Try again later.")
