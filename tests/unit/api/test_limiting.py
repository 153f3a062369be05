"""Limits per caller: what is let through, how long to wait, and what is forgotten."""

from __future__ import annotations

import pytest

from workbench.api.limiting import Allowance
from workbench.api.rules import Rules
from workbench.errors import InputError, ThrottledError
from workbench.settings import Settings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_be_used_at_once_and_comes_back_evenly() -> None:
    clock = Clock()
    allowance = Allowance(6, "requests", clock)
    for _ in range(6):
        allowance.take("ann")
    with pytest.raises(ThrottledError, match="more than 6 requests in a minute") as refused:
        allowance.take("ann")
    assert refused.value.retry_after_s == 10
    assert refused.value.next_step == "Send this again in 10 s."
    allowance.take("bob")
    clock.now = 9.9
    with pytest.raises(ThrottledError, match="in 1 s"):
        allowance.take("ann")
    clock.now = 10.0
    allowance.take("ann")
    clock.now = 10_000.0
    for _ in range(6):
        allowance.take("ann")
    with pytest.raises(ThrottledError, match="requests"):
        allowance.take("ann")


def test_what_is_known_only_afterwards_is_a_debt() -> None:
    clock = Clock()
    allowance = Allowance(600, "bytes", clock)
    allowance.take("ann", 0)
    allowance.charge("ann", 1_200)
    with pytest.raises(ThrottledError, match="600 bytes") as refused:
        allowance.take("ann", 0)
    assert refused.value.retry_after_s == 61
    clock.now = 61.0
    allowance.take("ann", 0)


def test_none_is_no_limit() -> None:
    allowance = Allowance(0, "requests", Clock())
    for _ in range(10_000):
        allowance.take("ann")
    allowance.charge("ann", 1 << 40)
    allowance.take("ann")


def test_callers_who_are_many_are_forgotten_but_not_those_in_debt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.api.limiting._MOST_CALLERS", 3)
    clock = Clock()
    allowance = Allowance(1, "requests", clock)
    for name in "abc":
        allowance.take(name)
    allowance.charge("a", 5)
    clock.now = 61.0
    allowance.take("d")
    with pytest.raises(ThrottledError, match="requests"):
        allowance.take("a")
    for name in "efgh":
        allowance.take(name)
    assert len(allowance._buckets) == 3


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("http_threads", 0, "1 or more"),
        ("http_queue", -1, "0 or more"),
        ("http_requests_per_minute", -1, "0 or more"),
        ("http_bytes_per_minute", -1, "0 or more"),
        ("http_metrics", "everybody", "token, loopback"),
    ],
)
def test_rules_that_cannot_be_are_refused(name: str, value: object, words: str) -> None:
    with pytest.raises(InputError, match=f"setting '{name}' is") as refused:
        Rules.of(Settings(**{name: value}))  # type: ignore[arg-type]
    assert words in refused.value.next_step


def test_rules_are_those_of_the_settings() -> None:
    assert Rules.of(Settings()) == Rules()
    assert Rules.of(Settings(http_requests_per_minute=5, http_metrics="loopback")) == Rules(
        requests_per_minute=5, metrics_for="loopback"
    )
