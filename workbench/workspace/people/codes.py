"""One-time codes of an authenticator app (RFC 6238: six digits, 30 seconds), and recovery codes."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from datetime import datetime
from io import BytesIO

from workbench.domain.people import CodeSetup
from workbench.primitives import hex_digest

STEP_S = 30
_SKEW = 1
"""Steps that a phone's clock may be off, either way."""
_N_RECOVERY = 10
_RECOVERY_BYTES = 15
"""120 random bits, so that a plain hash keeps a recovery code."""


def new_secret() -> str:
    """A secret for an app, base32, of 160 bits."""
    return b32encode(secrets.token_bytes(20)).decode()


def setup_of(secret: str, *, user: str, workspace: str) -> CodeSetup:
    """What an app needs, with a picture."""
    from pyotp import TOTP  # noqa: PLC0415 - only where codes are set up

    uri = TOTP(secret).provisioning_uri(name=user, issuer_name=workspace)
    return CodeSetup(secret=secret, uri=uri, picture=_picture(uri))


def step_of(code: str, secret: str, *, at: datetime, after: int) -> int | None:
    """The time step that a code belongs to, None when it is wrong.

    Parameters
    ----------
    at
        Now; one step earlier and later count too.
    after
        The step of the last code that was taken: that one and those before it do not count again.
    """
    from pyotp import TOTP  # noqa: PLC0415 - only where codes are asked for

    given = re.sub(r"\s", "", code)[:12]
    now, app = int(at.timestamp()) // STEP_S, TOTP(secret)
    found = None
    for step in range(now - _SKEW, now + _SKEW + 1):
        same = hmac.compare_digest(app.generate_otp(step).encode(), given.encode())
        if same and step > after:
            found = step
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes for the day when the phone is lost: ``ABCD-EFGH-…``, six groups of four."""
    made = [b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(_N_RECOVERY)]
    return tuple("-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in made)


def recovery_hash(code: str) -> str:
    """The hash under which a recovery code is kept; spaces, dashes and case do not count."""
    return hex_digest("recovery", re.sub(r"[\s-]", "", code[:100]).upper(), n_digits=64)


def without_recovery(hashes: str, code: str) -> str | None:
    """Kept hashes, separated by spaces, without the one of a code; None when it is none of them."""
    wanted = recovery_hash(code)
    kept = [one for one in hashes.split() if not hmac.compare_digest(one, wanted)]
    return " ".join(kept) if len(kept) < len(hashes.split()) else None


def _picture(uri: str) -> str:
    import segno  # noqa: PLC0415 - only where codes are set up

    drawn = BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, border=4, xmldecl=False, light="#fff")
    return drawn.getvalue().decode()
