"""Conditions on threads as SQL, counted over the dataset as ``Message.thread`` is.

A thread is found by its row in ``thread``; the rows of one that several sources share are put together. Only where a
message stands in its thread, beyond being the first or not, is counted over the messages, of long enough threads.
"""

# ruff: noqa: S608 - every value is bound; what is joined is written in this file

from __future__ import annotations

from workbench.domain import Bounds, ThreadFilter
from workbench.store.people import Bind, person

_OF_DATASET = "source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)"
_OF_FIRST = " AND thread_key IN (SELECT thread_key FROM first)"
_DURATION = "(last_at - first_at) / 1e6"
_RESPONSE = "(answered_at - first_at) / 1e6"


def thread_condition(condition: ThreadFilter, bind: Bind, *, of_first: bool = False) -> list[str]:
    """What must hold of a row ``m``: its thread, or its place there, is among those that pass.

    Parameters
    ----------
    of_first
        Only rows of the table ``first`` are asked about, so no other thread has to be looked at.
    """
    threads = _threads(of_first=of_first)
    passing = (
        _within("n_messages", condition.n_messages, bind)
        + _within(_DURATION, condition.duration_s, bind)
        + _within(_RESPONSE, condition.response_s, bind)
    )
    if condition.answered is not None:
        passing.append(f"answered_at IS {'NOT ' if condition.answered else ''}NULL")
    if condition.first_sender is not None:
        # Conditions on people speak of a row m: here of a thread, whose sender is its first.
        passing.append(person("sender", condition.first_sender, bind))
    parts = ["m.thread_key IS NOT NULL"]
    if passing:
        parts.append(f"m.thread_key IN (SELECT thread_key FROM {threads} m WHERE {' AND '.join(passing)})")
    if condition.position is not None:
        parts += _placed(condition.position, bind, threads)
    return parts


def is_told_by_rows(condition: ThreadFilter) -> bool:
    """Whether the rows of ``thread`` tell what passes, so that messages themselves need not be counted."""
    return condition.position is None or any(_ends(condition.position))


def _threads(*, of_first: bool) -> str:
    """Threads of the dataset: thread_key, n_messages, first_at, first_seq, last_at, sender, answered_at."""
    where = _OF_DATASET + (_OF_FIRST if of_first else "")
    return (
        "(SELECT thread_key, n_messages, first_at, first_seq, last_at, sender,"
        " CASE WHEN sender IS NOT NULL THEN other_at END AS answered_at"
        f" FROM thread WHERE NOT is_shared AND {where}"
        " UNION ALL SELECT thread_key, sum(n_messages)::BIGINT, min(first_at),"
        " arg_min(first_seq, (first_at, first_seq)), max(last_at), any_value(begun),"
        " CASE WHEN any_value(begun) IS NOT NULL"
        " THEN min(CASE WHEN spoke = begun THEN other_at ELSE spoke_at END) END"
        " FROM (SELECT *, first_value(sender) OVER (PARTITION BY thread_key ORDER BY first_at, first_seq) AS begun"
        f" FROM thread WHERE is_shared AND {where}) GROUP BY thread_key)"
    )


def _placed(position: Bounds, bind: Bind, threads: str) -> list[str]:
    has_all, is_first, is_other = _ends(position)
    firsts = f"(SELECT first_seq FROM {threads})"
    if has_all:
        return []
    if is_first or is_other:
        return [f"m.upload_seq {'' if is_first else 'NOT '}IN {firsts}"]
    long_enough = " AND ".join(_within("n_messages", Bounds(at_least=position.at_least or 1), bind))
    placed = (
        "SELECT t.upload_seq, row_number() OVER (PARTITION BY t.thread_key ORDER BY t.timestamp, t.upload_seq)"
        f" AS position FROM message t WHERE t.{_OF_DATASET}"
        f" AND t.thread_key IN (SELECT thread_key FROM {threads} WHERE {long_enough})"
    )
    found = " AND ".join(_within("position", position, bind))
    return [f"m.upload_seq IN (SELECT upload_seq FROM ({placed}) WHERE {found})"]


def _ends(position: Bounds) -> tuple[bool, bool, bool]:
    """Whether the bounds let every place pass, only the first, or all but the first; none of these = others."""
    low = 1 if position.at_least is None else position.at_least
    if position.at_most is None:
        return low <= 1, False, 1 < low <= 2  # noqa: PLR2004 - the second is the first of the others
    return False, low <= 1 <= position.at_most < 2, False  # noqa: PLR2004


def _within(figure: str, bounds: Bounds | None, bind: Bind) -> list[str]:
    if bounds is None:
        return []
    ends = ((">=", bounds.at_least), ("<=", bounds.at_most))
    return [f"{figure} {sign} {bind(float(bound))}" for sign, bound in ends if bound is not None]
