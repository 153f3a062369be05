"""One-time codes and recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workbench.workspace.people.codes import (
    new_recovery_codes,
    new_secret,
    recovery_hash,
    setup_of,
    step_of,
    without_recovery,
)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The key of the test values in RFC 6238, appendix B (SHA-1); six digits of their eight."""
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert step_of(code, SECRET, at=at, after=0) == second // 30
    assert step_of(f" {code[:3]} {code[3:]}", SECRET, at=at, after=0) == second // 30


def test_a_clock_may_be_off_by_one_step_and_no_more() -> None:
    at = datetime.fromtimestamp(1234567890, UTC)
    step = 1234567890 // 30
    for off, found in ((-30, step), (30, step), (-60, None), (60, None)):
        assert step_of("005924", SECRET, at=at + timedelta(seconds=off), after=0) == found


def test_a_code_counts_once_and_none_before_it() -> None:
    at = datetime.fromtimestamp(1234567890, UTC)
    step = 1234567890 // 30
    assert step_of("005924", SECRET, at=at, after=step - 1) == step
    assert step_of("005924", SECRET, at=at, after=step) is None
    assert step_of("005924", SECRET, at=at, after=step + 1) is None


@pytest.mark.parametrize("code", ["", "005925", "00592", "0059241", "٠٠٥٩٢٤", "x" * 1000])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert step_of(code, SECRET, at=datetime.fromtimestamp(1234567890, UTC), after=0) is None


def test_an_app_is_set_up_by_picture_or_by_typing() -> None:
    secret = new_secret()
    made = setup_of(secret, user="ann", workspace="Workbench support")
    assert made.uri == f"otpauth://totp/Workbench%20support:ann?secret={secret}&issuer=Workbench%20support"
    assert made.picture.startswith("<svg") and "script" not in made.picture
    assert secret not in repr(made) and len(secret) == 32


def test_a_recovery_code_is_taken_once() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10 and all(len(code) == 29 for code in codes)
    kept = " ".join(map(recovery_hash, codes))
    left = without_recovery(kept, codes[3].lower().replace("-", " "))
    assert left is not None and len(left.split()) == 9
    assert without_recovery(left, codes[3]) is None
    assert without_recovery(kept, "") is None
    assert codes[0] not in kept
