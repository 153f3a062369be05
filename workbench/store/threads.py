"""Conditions on threads as SQL, counted over the dataset as ``Message.thread`` is."""

# ruff: noqa: S608 - every value is bound; what is joined is written in this file

from __future__ import annotations

from workbench.domain import Bounds, ThreadFilter
from workbench.store.people import Bind, person

_MEMBERS = (
    "message t WHERE t.thread_key IS NOT NULL"
    " AND t.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)"
)
_IN_TIME = "PARTITION BY t.thread_key ORDER BY t.timestamp, t.upload_seq"
_DURATION = "(max(epoch_us(t.timestamp)) - min(epoch_us(t.timestamp))) / 1e6"
_ANSWERED = "min(us) FILTER (WHERE sender <> first_sender)"
_RESPONSE = f"({_ANSWERED} - min(us)) / 1e6"


def thread_condition(condition: ThreadFilter, bind: Bind, *, of_first: bool = False) -> list[str]:
    """What must hold of a row ``m``: its thread, or its place there, is among those that pass.

    Parameters
    ----------
    of_first
        Only rows of the table ``first`` are asked about, so no other thread has to be looked at.
    """
    members = _MEMBERS + (" AND t.thread_key IN (SELECT thread_key FROM first)" if of_first else "")
    parts = ["m.thread_key IS NOT NULL"]
    having = _within("count(*)", condition.n_messages, bind) + _within(_DURATION, condition.duration_s, bind)
    if having:
        parts.append(
            f"m.thread_key IN (SELECT t.thread_key FROM {members} GROUP BY t.thread_key"
            f" HAVING {' AND '.join(having)})"
        )
    if condition.position is not None:
        placed = f"SELECT t.upload_seq, row_number() OVER ({_IN_TIME}) AS position FROM {members}"
        found = " AND ".join(_within("position", condition.position, bind))
        parts.append(f"m.upload_seq IN (SELECT upload_seq FROM ({placed}) WHERE {found})")
    answers = _within(_RESPONSE, condition.response_s, bind)
    if condition.answered is not None:
        answers.append(f"{_ANSWERED} IS {'NOT ' if condition.answered else ''}NULL")
    if answers:
        told = (
            "SELECT t.thread_key, epoch_us(t.timestamp) AS us, t.sender,"
            f" first_value(t.sender) OVER ({_IN_TIME}) AS first_sender FROM {members}"
        )
        parts.append(
            f"m.thread_key IN (SELECT thread_key FROM ({told}) GROUP BY thread_key"
            f" HAVING {' AND '.join(answers)})"
        )
    if condition.first_sender is not None:
        # Conditions on people speak of a row m: here of a thread, whose sender is its first.
        begun = (
            "SELECT t.thread_key, arg_min_null(t.sender, (t.timestamp, t.upload_seq)) AS sender"
            f" FROM {members} GROUP BY t.thread_key"
        )
        passing = person("sender", condition.first_sender, bind)
        parts.append(f"m.thread_key IN (SELECT m.thread_key FROM ({begun}) m WHERE {passing})")
    return parts


def _within(figure: str, bounds: Bounds | None, bind: Bind) -> list[str]:
    if bounds is None:
        return []
    ends = ((">=", bounds.at_least), ("<=", bounds.at_most))
    return [f"{figure} {sign} {bind(float(bound))}" for sign, bound in ends if bound is not None]
