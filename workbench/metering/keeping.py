"""Which policy counts for a source, and which of its messages a run may take: pure rules, the clock comes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.domain import RetentionNotice, RetentionPolicy

_FIRST_RETRY_S, _MOST_DOUBLED = 60.0, 20
_LONGEST_S = 86_400.0 * 36_500
_NEAREST = ("source", "project", "workspace")


@dataclass(frozen=True, kw_only=True)
class Window:
    """Messages stored before ``before`` go, once ``possible_at`` has come.

    Attributes
    ----------
    noticed_at, possible_at
        None = it is not announced, and nothing may go.
    is_open
        Whether they may go now.
    """

    before: datetime
    noticed_at: datetime | None = None
    possible_at: datetime | None = None
    is_open: bool = False


def policy_for(
    policies: Iterable[RetentionPolicy], *, project: str, source_id: str
) -> RetentionPolicy | None:
    """The policy of the source, else of its project, else of the workspace; None where there is none."""
    targets = {"source": source_id, "project": project, "workspace": ""}
    fitting = {one.scope: one for one in policies if targets[one.scope] == one.target}
    return next((fitting[scope] for scope in _NEAREST if scope in fitting), None)


def limit_at(policy: RetentionPolicy, now: datetime) -> datetime:
    """Messages stored before this moment are past the policy."""
    return now - timedelta(days=policy.keep_days)


def announced(policy: RetentionPolicy, notices: Iterable[RetentionNotice]) -> tuple[RetentionNotice, ...]:
    """Notices of one source on the terms of the policy in force, oldest first; others count no more."""
    terms = (policy.action, policy.keep_days, policy.annotated)
    fitting = (one for one in notices if (one.action, one.keep_days, one.annotated) == terms)
    return tuple(sorted(fitting, key=lambda one: one.noticed_at))


def windows(
    policy: RetentionPolicy, notices: Iterable[RetentionNotice], now: datetime
) -> tuple[Window | None, Window]:
    """What may go now, and what comes next.

    Parameters
    ----------
    notices
        Of one source.
    now
        Aware.

    Returns
    -------
    tuple
        The window of the newest notice that is old enough, None without one. And the window of the oldest notice
        that is not; without one, what is past the limit now and was not announced.
        No window reaches further than the limit, also when the clock was put back.
    """
    limit = limit_at(policy, now)
    is_open: Window | None = None
    for notice in announced(policy, notices):
        possible_at = notice.noticed_at + timedelta(days=policy.notice_days)
        due = policy.action != "report" and possible_at <= now
        window = Window(
            before=min(notice.before, limit),
            noticed_at=notice.noticed_at,
            possible_at=possible_at,
            is_open=due,
        )
        if not due:
            return is_open, window
        is_open = window
    return is_open, Window(before=limit)


def next_turn(
    last_at: datetime | None, set_at: datetime, now: datetime, *, interval_s: float, n_failures: int
) -> datetime:
    """When a policy that is carried out unattended has its next turn.

    Parameters
    ----------
    last_at
        Of its last turn; None = it had none, and has the first one interval after it was set.
    n_failures
        In a row. After a failure it is tried again after 2, 4, 8 … minutes, at most the interval.
    interval_s
        Above 0.

    Returns
    -------
    datetime
        At most one interval from now, also when the clock was put back.
    """
    longest = min(interval_s, _LONGEST_S)
    wait_s = min(_FIRST_RETRY_S * 2.0 ** min(n_failures, _MOST_DOUBLED), longest) if n_failures else longest
    return min(last_at or set_at, now) + timedelta(seconds=wait_s)
