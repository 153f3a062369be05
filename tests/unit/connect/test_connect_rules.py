"""Back-off and status: pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.connect import SyncStatus, backoff, next_status, what_happened
from workbench.connect.rules import Happening
from workbench.errors import (
    CertificateError,
    CredentialsRefusedError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
)

HAPPENINGS: list[Happening] = [
    "succeeded", "unreachable", "refused", "throttled", "certificate", "protocol", "paused", "resumed",
    "quota_spent", "quota_freed",
]  # fmt: skip


@given(st.integers(1, 10_000), st.integers())
def test_backoff_grows_within_its_bounds_and_is_the_same_again(n_failures: int, seed: int) -> None:
    full = min(3600.0, 15.0 * 2 ** min(n_failures, 30))
    assert full / 2 <= backoff(n_failures, seed) <= full
    assert backoff(n_failures, seed) == backoff(n_failures, seed)


def test_backoff_of_no_failure_is_nothing_and_seeds_spread() -> None:
    assert backoff(0, 1) == 0.0
    assert len({backoff(5, seed) for seed in range(50)}) == 50


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=60))
def test_a_reason_stands_exactly_when_disabled(happenings: list[Happening]) -> None:
    status = SyncStatus()
    for happening in happenings:
        before = status
        status = next_status(status, happening, seed=1)
        assert status.enabled == (status.disabled_reason is None)
        assert status.enabled or status.wait_s == 0.0
        if before.disabled_reason == "user" and happening != "resumed":
            assert status.disabled_reason == "user"


def test_pause_outlasts_success_quota_and_failures_and_ends_by_resuming() -> None:
    status = next_status(SyncStatus(), "paused", seed=1)
    for happening in ("succeeded", "quota_spent", "quota_freed", "refused", "throttled"):
        status = next_status(status, happening, seed=1)  # type: ignore[arg-type]
    assert status.disabled_reason == "user"
    assert next_status(status, "resumed", seed=1) == SyncStatus()


def test_a_spent_quota_is_lifted_when_freed_but_not_by_a_late_page() -> None:
    status = next_status(SyncStatus(), "quota_spent", seed=1)
    assert status.disabled_reason == "quota"
    assert next_status(status, "succeeded", seed=1) == status
    assert next_status(status, "quota_freed", seed=1).enabled
    broken = SyncStatus(enabled=False, disabled_reason="sync_error", n_failures=3)
    assert next_status(broken, "quota_freed", seed=1) == broken


@pytest.mark.parametrize(
    ("happening", "patience"), [("refused", 3), ("certificate", 3), ("protocol", 10), ("unreachable", 100)]
)
def test_repeated_failures_disable(happening: Happening, patience: int) -> None:
    status = SyncStatus()
    for attempt in range(1, patience):
        status = next_status(status, happening, seed=7)
        assert status == SyncStatus(n_failures=attempt, wait_s=backoff(attempt, 7))
    assert next_status(status, "succeeded", seed=7) == SyncStatus()
    assert next_status(status, happening, seed=7).disabled_reason == "sync_error"


def test_throttling_waits_as_told_and_never_disables() -> None:
    status = next_status(SyncStatus(n_failures=2), "throttled", seed=7, retry_after_s=90.0)
    assert status == SyncStatus(n_failures=2, n_throttled=1, wait_s=90.0)
    waits = []
    for _ in range(200):
        status = next_status(status, "throttled", seed=7)
        waits.append(status.wait_s)
    assert status.enabled
    assert waits[0] < waits[5] <= 3600.0


def test_errors_are_read_as_happenings() -> None:
    assert what_happened(UnreachableError("x")) == "unreachable"
    assert what_happened(CredentialsRefusedError("x")) == "refused"
    assert what_happened(ThrottledError("x")) == "throttled"
    assert what_happened(CertificateError("x")) == "certificate"
    assert what_happened(RemoteProtocolError("x")) == "protocol"
