"""When to try again and when to give up: pure rules over what happened, for whoever has the clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from workbench.domain.connections import DisabledReason
from workbench.errors import (
    CertificateError,
    CredentialsRefusedError,
    ThrottledError,
    UnreachableError,
    WorkbenchError,
)

Happening = Literal[
    "succeeded", "unreachable", "refused", "throttled", "certificate", "protocol",
    "paused", "resumed", "quota_spent", "quota_freed",
]  # fmt: skip

_FIRST_S = 15.0
_LONGEST_S = 3600.0
_PATIENCE: dict[Happening, int] = {"refused": 3, "certificate": 3, "protocol": 10, "unreachable": 100}
"""Failures in a row after which a person must look; what mends itself gets more. Throttling never counts."""


@dataclass(frozen=True, kw_only=True)
class SyncStatus:
    """Whether an integration or mailbox is read, and when next.

    Attributes
    ----------
    disabled_reason
        None exactly when enabled.
    n_failures
        Failures since the last success, being asked to wait not counted.
    n_throttled
        Times in a row the server asked to wait.
    wait_s
        Least seconds until the next attempt; 0 = at the ordinary rhythm.
    """

    enabled: bool = True
    disabled_reason: DisabledReason | None = None
    n_failures: int = 0
    n_throttled: int = 0
    wait_s: float = 0.0


def backoff(n_failures: int, seed: int) -> float:
    """Seconds to wait after so many failures in a row.

    Doubles from 15 s to at most an hour; the seed (one per integration) spreads it between half and all of
    that, so that what failed together does not come back together.
    """
    if n_failures <= 0:
        return 0.0
    full = min(_LONGEST_S, _FIRST_S * 2.0 ** min(n_failures, 30))
    return full * (0.5 + 0.5 * random.Random(f"{seed}/{n_failures}").random())  # noqa: S311


def what_happened(error: WorkbenchError) -> Happening:
    """Read a failed attempt as a happening; what is not known counts as a broken protocol."""
    if isinstance(error, UnreachableError):
        return "unreachable"
    if isinstance(error, CredentialsRefusedError):
        return "refused"
    if isinstance(error, ThrottledError):
        return "throttled"
    return "certificate" if isinstance(error, CertificateError) else "protocol"


def next_status(
    status: SyncStatus, happening: Happening, *, seed: int, retry_after_s: float | None = None
) -> SyncStatus:
    """Status after something happened.

    A person's pause outlasts everything but their own ``resumed``, which also lifts the other reasons. A spent
    quota is lifted when it is freed. Repeated failures disable with ``sync_error``; what a last page brings
    after a pause changes nothing.
    """
    if happening == "resumed":
        return SyncStatus()
    if happening == "paused" or status.disabled_reason == "user":
        return _disabled(status, "user")
    if happening == "quota_spent":
        return _disabled(status, "quota")
    if happening == "quota_freed" and status.disabled_reason == "quota":
        return SyncStatus(n_failures=status.n_failures)
    if happening == "quota_freed" or not status.enabled:
        return status
    return _after_attempt(status, happening, seed, retry_after_s)


def _after_attempt(
    status: SyncStatus, happening: Happening, seed: int, retry_after_s: float | None
) -> SyncStatus:
    if happening == "succeeded":
        return SyncStatus()
    if happening == "throttled":
        n_throttled = status.n_throttled + 1
        wait_s = backoff(n_throttled, seed) if retry_after_s is None else max(0.0, retry_after_s)
        return replace(status, n_throttled=n_throttled, wait_s=wait_s)
    n_failures = status.n_failures + 1
    if n_failures >= _PATIENCE[happening]:
        return SyncStatus(enabled=False, disabled_reason="sync_error", n_failures=n_failures)
    return SyncStatus(n_failures=n_failures, wait_s=backoff(n_failures, seed))


def _disabled(status: SyncStatus, reason: DisabledReason) -> SyncStatus:
    return SyncStatus(enabled=False, disabled_reason=reason, n_failures=status.n_failures)
