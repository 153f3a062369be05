"""What the monitor's job makes of times: windows, and the weeks in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.workspace.work.watching import tagged, weekly_counts, window_edges

START = datetime(2026, 1, 5, tzinfo=UTC)


def times(days: list[float]) -> np.ndarray:
    return np.array([np.datetime64((START + timedelta(days=d)).replace(tzinfo=None), "us") for d in days])


def test_weeks_are_counted_back_from_the_end_and_the_rest_is_left_out() -> None:
    found = times([0, 2.9, 3, 3.1, 9.9, 10, 16.9, 17, 40])
    # 17 days hold two whole weeks: from day 3 and from day 10.
    assert weekly_counts(found, START, START + timedelta(days=17)) == (3, 2)
    assert weekly_counts(found[::-1], START, START + timedelta(days=17)) == (3, 2)


def test_a_span_shorter_than_a_week_has_no_weeks() -> None:
    assert weekly_counts(times([0, 1]), START, START + timedelta(days=6)) == ()


def test_empty_weeks_are_counted_too() -> None:
    assert weekly_counts(times([1, 20]), START, START + timedelta(days=21)) == (1, 0, 1)


def test_windows_are_whole_weeks_and_the_newest_ends_behind_the_last_message() -> None:
    found = times(list(np.linspace(0, 364, 4_000)))
    edges = window_edges(found)
    assert len(edges) == 6
    assert set(np.diff(edges[1:])) == {np.timedelta64(28, "D")}
    assert edges[-1] > found.max()
    assert edges[0] == found.min()


def test_messages_of_one_moment_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="all messages are of the same moment"):
        window_edges(times([1, 1, 1]))


def test_exceptions_are_known_from_the_stream_or_the_first_of_them_on() -> None:
    found = times([0, 1, 2, 3, 4])
    row_of = {uid: row for row, uid in enumerate("abcde")}
    made = START + timedelta(days=2)
    late = [
        ("d", "refunds", "Wrong", made),
        ("d", "archive", "None", made),
        ("gone", "refunds", "None", START),
    ]
    # Made on day 2, before its first exception: what came later could have been tagged.
    both = (("refunds", "Wrong"), ("archive", "None"))
    assert tagged(late, row_of, found) == [None, None, None, both, ()]
    # The first exception is older than the stream: it only marks the beginning, else its rate would be too high.
    assert tagged([*late, ("a", "refunds", "None", made)], row_of, found) == [None, (), (), both, ()]
    assert tagged(late[2:], row_of, found) == []
