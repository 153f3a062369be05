"""Which policy counts, and which messages may go."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.stores import AT
from workbench.domain import RetentionNotice, RetentionPolicy, SourceId
from workbench.metering import next_turn, policy_for, windows

NOW = AT + timedelta(days=1_000)
POLICY = RetentionPolicy(scope="workspace", action="delete", set_by="ann", set_at=AT)


def notice(days_ago: float, **changes: object) -> RetentionNotice:
    at = NOW - timedelta(days=days_ago)
    made = RetentionNotice(
        source_id=SourceId("s"),
        action="delete",
        keep_days=730,
        annotated="keep",
        before=at - timedelta(days=730),
        noticed_at=at,
        noticed_by="ann",
        n_messages=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def limit(days_ago: float) -> datetime:
    return NOW - timedelta(days=730 + days_ago)


def test_the_nearest_policy_counts() -> None:
    project = replace(POLICY, scope="project", name="demo", target="demo")
    source = replace(POLICY, scope="source", name="demo/mail", target="s1")
    policies = (source, POLICY, project)
    assert policy_for(policies, project="demo", source_id="s1") is source
    assert policy_for(policies, project="demo", source_id="s2") is project
    assert policy_for(policies, project="other", source_id="s2") is POLICY
    assert policy_for((source, project), project="other", source_id="s2") is None


def test_without_a_notice_nothing_may_go() -> None:
    now_open, coming = windows(POLICY, (), NOW)
    assert now_open is None
    assert (coming.before, coming.noticed_at, coming.is_open) == (limit(0), None, False)


def test_a_notice_opens_on_the_day_and_covers_what_was_announced() -> None:
    now_open, coming = windows(POLICY, (notice(30),), NOW)
    assert now_open is not None
    assert (now_open.before, now_open.is_open) == (limit(30), True)
    assert coming.noticed_at is None
    now_open, coming = windows(POLICY, (notice(29.999),), NOW)
    assert now_open is None
    assert (coming.before, coming.possible_at) == (limit(29.999), NOW + timedelta(days=0.001))


def test_the_newest_notice_that_is_old_enough_counts() -> None:
    now_open, coming = windows(POLICY, (notice(5), notice(60), notice(40)), NOW)
    assert now_open is not None
    assert (now_open.before, coming.before) == (limit(40), limit(5))


@pytest.mark.parametrize("changes", [{"action": "archive"}, {"keep_days": 800}, {"annotated": "delete"}])
def test_other_terms_were_not_announced(changes: dict[str, object]) -> None:
    assert windows(POLICY, (notice(60, **changes),), NOW)[0] is None


def test_no_window_reaches_past_the_limit() -> None:
    """A notice from before the clock was put back, or one that somebody wrote."""
    now_open, _ = windows(POLICY, (notice(40, before=NOW),), NOW)
    assert now_open is not None
    assert now_open.before == limit(0)


def test_a_policy_that_reports_takes_nothing() -> None:
    assert windows(replace(POLICY, action="report"), (notice(60, action="report"),), NOW)[0] is None


def test_without_days_of_notice_it_is_open_at_once() -> None:
    now_open, _ = windows(replace(POLICY, notice_days=0), (notice(0),), NOW)
    assert now_open is not None


@pytest.mark.parametrize(
    ("last", "now", "n_failures", "next_at"),
    [
        (None, 0, 0, 86_400),  # set at 0: the first turn leaves time to look
        (100_000, 100_001, 0, 186_400),
        (100_000, 100_001, 1, 100_120),
        (100_000, 100_001, 3, 100_480),
        (100_000, 100_001, 99, 186_400),  # never later than a turn that did not fail
        (900_000, 1_000, 0, 87_400),  # the clock was put back
    ],
)
def test_a_turn_comes_an_interval_after_the_last_and_sooner_after_a_failure(
    last: float | None, now: float, n_failures: int, next_at: float
) -> None:
    def at(seconds: float) -> datetime:
        return AT + timedelta(seconds=seconds)

    found = next_turn(
        None if last is None else at(last), at(0), at(now), interval_s=86_400.0, n_failures=n_failures
    )
    assert found == at(next_at)


def test_an_endless_interval_is_a_century() -> None:
    begin = AT
    found = next_turn(None, begin, begin, interval_s=math.inf, n_failures=0)
    assert found == begin + timedelta(days=36_500)
