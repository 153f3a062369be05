"""How a failure of a server that is not ours is worded: each names the host and the next step.

What a server said is shown only after secrets, control characters and anything beyond 200 characters were taken
out of it.
"""

from __future__ import annotations

from workbench.errors import (
    CertificateError,
    CredentialsRefusedError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
)


def unreachable(host: str, why: str) -> UnreachableError:
    """Word that nobody answers at ``host``."""
    return UnreachableError(
        f"{host} cannot be reached: {why}.",
        next_step="Check host name, port and firewall; reading goes on by itself once it answers.",
        details={"host": host},
    )


def refused(host: str, who: str, why: str = "", *, next_step: str = "") -> CredentialsRefusedError:
    """Word that ``host`` does not let ``who`` in."""
    return CredentialsRefusedError(
        f"{host} refused {who!r}{f': {why}' if why else ''}.",
        next_step=next_step or "Check user name and password or token, and enter them again.",
        details={"host": host, "who": who},
    )


def throttled(host: str, retry_after_s: float | None = None) -> ThrottledError:
    """Word that ``host`` wants a pause."""
    wait = "it did not say how long" if retry_after_s is None else f"for {retry_after_s:g} s"
    return ThrottledError(
        f"{host} asks to wait ({wait}).",
        next_step="Nothing to do: reading goes on by itself after the pause.",
        details={"host": host, "retry_after_s": retry_after_s},
    )


def bad_certificate(host: str, why: str) -> CertificateError:
    """Word that the certificate of ``host`` does not hold."""
    return CertificateError(
        f"the certificate of {host} is not valid: {why}.",
        next_step="Use the host name in the certificate, or set 'ca_file' to your own authority's certificate.",
        details={"host": host},
    )


def protocol_broken(host: str, what: str) -> RemoteProtocolError:
    """Word that ``host`` answered nonsense."""
    return RemoteProtocolError(
        f"{host} gave an answer that cannot be used: {what}.",
        next_step="Check that address and port belong to the service you mean; if so, tell its administrator.",
        details={"host": host},
    )
