"""Drift and balance of one dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from workbench.embed import message_text
from workbench.errors import InputError
from workbench.language import phrases
from workbench.monitor import WindowData, drift
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import read_table
from workbench.workspace.work.evidence import held_out_instead
from workbench.workspace.work.weighing import weigh

FALSE_ALARM_RATE = 0.05
N_WINDOWS = 4
WINDOW = timedelta(days=28)
"""Four whole weeks: the same weekdays in every window."""
ENOUGH = 300
MOST_REFERENCE = 5_000


def compare(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Recent windows against the time before; reviewed messages against all. Reports as plain values."""
    table = read_table(payload["texts"])
    uids: list[str] = table.column("uid").to_pylist()
    texts = [
        message_text(subject, body)
        for subject, body in zip(
            table.column("subject").to_pylist(), table.column("body").to_pylist(), strict=True
        )
    ]
    vectors = np.load(payload["vectors"], mmap_mode="r")
    times = table.column("timestamp").to_numpy().astype("datetime64[us]")
    row_of = {uid: row for row, uid in enumerate(uids)}
    probabilities = np.zeros((len(uids), len(payload["label_ids"])), dtype=np.float32)
    rows = [row_of[uid] for uid in payload["predicted_uids"] if uid in row_of]
    known = [i for i, uid in enumerate(payload["predicted_uids"]) if uid in row_of]
    probabilities[rows] = np.load(payload["probabilities"], mmap_mode="r")[known]
    unseen, thresholds = held_out_instead(
        probabilities, row_of, payload["label_ids"], Path(payload["held_out"])
    )

    exceptions = tagged(payload["exceptions"], row_of, times)

    def window(chosen: np.ndarray, start: datetime, end: datetime) -> WindowData:
        return WindowData(
            uids=tuple(uids[row] for row in chosen),
            vectors=np.asarray(vectors[chosen], dtype=np.float32),
            probabilities=unseen[chosen],
            texts=tuple(texts[row] for row in chosen),
            start=start,
            end=end,
            weekly=weekly_counts(times, start, end),
            exceptions=tuple(exceptions[row] for row in chosen) if exceptions else (),
        )

    report.stage("comparing windows")
    edges = window_edges(times)
    order = [np.flatnonzero((times >= start) & (times < end)) for start, end in _pairs(edges)]
    random = np.random.default_rng(payload["seed"])
    before = order[0]
    if len(before) > MOST_REFERENCE:
        before = np.sort(random.choice(before, MOST_REFERENCE, replace=False))
    spans = [(_aware(start), _aware(end)) for start, end in _pairs(edges)]
    found = drift(
        window(before, *spans[0]),
        [window(chosen, *span) for chosen, span in zip(order[1:], spans[1:], strict=True) if len(chosen)],
        label_ids=payload["label_ids"],
        names=payload["label_names"],
        random_state=payload["seed"],
        false_alarm_rate=FALSE_ALARM_RATE,
        find_phrases=phrases,
    )
    report.stage("weighing balance")
    return {
        "drift": msgspec.to_builtins(found)
        | {
            "reference_start": spans[0][0],
            "reference_end": spans[0][1],
            "n_reference": len(before),
            "false_alarm_rate": FALSE_ALARM_RATE,
        },
        "balance": weigh(payload, uids, texts, np.asarray(vectors), probabilities, thresholds),
    }


def tagged(
    exceptions: Sequence[tuple[str, str, str, datetime]], row_of: Mapping[str, int], times: np.ndarray
) -> list[tuple[tuple[str, str], ...] | None]:
    """Stream and type of the exceptions of each message; None = it came before exceptions were tagged.

    That began when the first stream that has some was made, or after the first message that is one, whichever is
    earlier: a stream is often made after the messages that it is tried on. Before, no exception says nothing. Empty where
    no message is an exception.

    Parameters
    ----------
    exceptions
        Message, stream, type, and when the stream was made, UTC.
    row_of
        Row of each message of the dataset.
    times
        datetime64[us], (n,): when each came, UTC.
    """
    known = [(row_of[uid], stream, kind, made) for uid, stream, kind, made in exceptions if uid in row_of]
    if not known:
        return []
    began = min(made for *_, made in known).astimezone(UTC).replace(tzinfo=None)
    since = min(np.datetime64(began, "us"), *(times[row] for row, *_ in known))
    found: list[tuple[tuple[str, str], ...] | None] = [() if time > since else None for time in times]
    for row, stream, kind, _ in known:
        before = found[row]
        if before is not None:
            found[row] = (*before, (stream, kind))
    return found


def window_edges(times: np.ndarray) -> list[np.datetime64]:
    """Start of the reference, then the edges of up to four recent windows, the last one open.

    Windows are four weeks; they are doubled until the newest holds 300 messages or half the time is used up.

    Raises
    ------
    InputError
        All messages are of one moment, so nothing can be compared.
    """
    first, last = times.min(), times.max() + np.timedelta64(1, "us")
    length = np.timedelta64(WINDOW)
    span = last - first
    if span <= np.timedelta64(2, "us"):
        raise InputError(
            "all messages are of the same moment; drift compares times.",
            next_step="Import messages with their real timestamps.",
        )
    while (times >= last - length).sum() < ENOUGH and 4 * length < span:
        length = 2 * length
    length = min(length, span // 2)
    n_windows = int(min(N_WINDOWS, max(1, span // 2 // length)))
    return [first, *(last - step * length for step in range(n_windows, -1, -1))]


def weekly_counts(times: np.ndarray, start: datetime, end: datetime) -> tuple[int, ...]:
    """Messages of each whole week of a span, counted back from its end, oldest first; what is left over is left out."""
    last, week = np.datetime64(end.replace(tzinfo=None), "us"), np.timedelta64(7, "D")
    n_weeks = int((last - np.datetime64(start.replace(tzinfo=None), "us")) // week)
    edges = [last - step * week for step in range(n_weeks, -1, -1)]
    places = np.searchsorted(np.sort(times), np.array(edges, dtype="datetime64[us]"))
    return tuple(np.diff(places).tolist())


def _pairs(edges: list[np.datetime64]) -> list[tuple[np.datetime64, np.datetime64]]:
    return list(pairwise(edges))


def _aware(moment: np.datetime64) -> datetime:
    plain: datetime = moment.astype("datetime64[us]").item()
    return plain.replace(tzinfo=UTC)
