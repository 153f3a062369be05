"""Streams in words: what waits, what a draft leads to, what another version changes. Every text of others is escaped."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from workbench.domain import Message, StreamBatch, StreamComparison, StreamItem, StreamStatus
from workbench.errors import InputError
from workbench.primitives.colour import colour_of
from workbench.widgets.panels.figures import Row
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import empty
from workbench.widgets.panels.rows import list_row
from workbench.widgets.state import read_day, short

ERROR_COLUMNS: list[dict[str, Any]] = [
    {"key": "label", "title": "Label", "width": 140},
    {"key": "from", "title": "Comes from", "width": 160},
    {"key": "wrong", "title": "Wrong", "kind": "number", "digits": 1, "width": 76},
    {"key": "wrong_between", "title": "95 %", "width": 104},
    {"key": "missed", "title": "Missed", "kind": "number", "digits": 1, "width": 80},
    {"key": "missed_between", "title": "95 %", "width": 104},
    {"key": "n", "title": "Tested", "kind": "number", "width": 76},
]
CHANGE_COLUMNS: list[dict[str, Any]] = [
    {"key": "label", "title": "Label", "width": 150},
    {"key": "now", "title": "Comes now", "kind": "number", "width": 120},
    {"key": "then", "title": "Would come", "kind": "number", "width": 124},
    {"key": "gained", "title": "Gained", "kind": "number", "width": 90},
    {"key": "lost", "title": "Lost", "kind": "number", "width": 90},
    {"key": "note", "title": "Note", "width": 160},
]
_MOST_METADATA = 160
_NAMED = 8


def standing_html(total: Row) -> str:
    """How all streams do, in a line."""
    n = total["streams"]
    return (
        f'<p class="wb-headline"><b>{n:,}</b> stream{"s" * (n != 1)} · <b>{total["n"]:,}</b> waiting · '
        f"<b>{total['exceptions']:,}</b> exception{'s' * (total['exceptions'] != 1)}</p>"
    )


def nothing_html(*, has_version: bool, may_make: bool) -> str:
    """What a dataset without streams says, and what to do."""
    if not may_make:
        return empty("No stream yet.", "Who may manage streams creates them here.")
    if not has_version:
        return empty(
            "No stream yet, and no model.",
            "Review messages in Train or Annotate and train a version first: a stream holds one, so that it says the same "
            "tomorrow. A stream without a version hands on messages without labels.",
        )
    return empty(
        "No stream yet.", "Press New stream: choose messages, a model version and thresholds, then save."
    )


def passing_html(n: int, *, is_new: bool) -> str:
    """How many messages pass a filter, and from where on it counts."""
    rest = (
        "The stream begins with what is stored after it is made."
        if is_new
        else "Another filter counts from the next fetch on; the place stays."
    )
    return f'<p class="wb-status"><b>{n:,}</b> message{"s" * (n != 1)} of the dataset pass{"es" * (n == 1)} now. {rest}</p>'


def error_words(row: Row, why: str) -> dict[str, str]:
    """The columns of ``ERROR_COLUMNS`` that are no figures; ``why`` says where the threshold comes from."""
    return {
        "from": f"{100 * row['threshold']:.4g} %, {why}",
        "wrong_between": _between(row["wrong_low"], row["wrong_high"]),
        "missed_between": _between(row["missed_low"], row["missed_high"]),
    }


def errors_html(rows: Sequence[Row], silent: Sequence[str], *, every: bool) -> str:
    """What a table of expected errors rests on, and what it leaves out.

    Parameters
    ----------
    silent
        Labels of the version that the table does not list.
    every
        Whether these come, however improbable; else they do not come.
    """
    named = html.escape(", ".join(short(name) for name in silent[:_NAMED]))
    named += " and others" if len(silent) > _NAMED else ""
    how = "Come with every message, however improbable" if every else "Do not come"
    rest = f"{how}: {named}." if silent else ""
    if not rows and not every:
        return empty(
            "No label comes with these messages.",
            "Choose thresholds: for all labels above, or label by label below.",
        )
    weeks = next((row["n_weeks"] for row in rows if row["n_weeks"]), None)
    last = "week" if weeks == 1 else f"{weeks} weeks"
    told = (
        f"Messages a week, at the volumes of the last {last} of what passes the filter, each with its 95 % interval; "
        "shares come from tested messages that the model did not learn from. "
        if weeks
        else ""
    )
    few = "Where nothing is told, too few test messages have the label, or the predictions of the version were not kept. "
    untold = few if any(row["wrong"] is None for row in rows) else ""
    return f'<p class="wb-status">{told}{untold}{rest}</p>'


def problem_html(title: str, next_step: str) -> str:
    """What went wrong, beside the control that it is about."""
    return f'<p class="wb-status wb-careful" role="alert"><b>{html.escape(title)}</b> {html.escape(next_step)}</p>'


def change_words(row: Row) -> dict[str, str]:
    """The column of ``CHANGE_COLUMNS`` that is no figure."""
    return {"note": "" if row["known"] else "unknown to it"}


def change_html(found: StreamComparison) -> str:
    """What another version changes, in a sentence."""
    if not found.n:
        return (
            f'<p class="wb-status wb-careful">Version {found.other} and version {found.version} have predicted no message '
            "in common yet. Predict with it in Models to compare.</p>"
        )
    return (
        f'<p class="wb-headline">With version {found.other}, <b>{found.n_changed:,}</b> of the newest {found.n:,} messages '
        f"would come with other labels than with version {found.version}.</p>"
        '<p class="wb-status">With the thresholds that are saved now. Which of two versions is right, Models compares.</p>'
    )


def ahead_html(found: StreamBatch, status: StreamStatus) -> str:
    """Where a stream stands and what comes next."""
    if not status.n_waiting:
        return '<p class="wb-status">Nothing waits: consumers have taken all that passes.</p>'
    more = ""
    if found.awaits_predictions:
        more = " The rest waits for predictions of the stream's version."
    elif found.n_filtered:
        more = f" {found.n_filtered:,} that do not pass are passed over with them."
    since = moment(status.oldest_waiting)
    return (
        f'<p class="wb-status"><b>{status.n_waiting:,}</b> wait, the oldest stored {html.escape(since)}; the next '
        f"<b>{len(found.items):,}</b> are below. Looking moves nothing.{more}</p>"
    )


def moment(at: datetime | None) -> str:
    """A moment as it also stands in a figure's frame: the day with two digits; empty for none."""
    return f"{at:%d %b %Y, %H:%M} UTC" if at else ""


def read_moment(typed: str, field: str) -> datetime:
    """The beginning of a day (UTC) that was typed into a field of a form.

    Raises
    ------
    InputError
        It is no day.
    """
    day = read_day(typed)
    if day is None:
        raise InputError(
            f"{typed[:100]!r} is no day.",
            next_step="Choose one, as 2026-03-01.",
            details={field: typed[:100]},
        )
    return datetime.combine(day, time(), tzinfo=UTC)


def item_row(item: StreamItem) -> dict[str, Any]:
    """A message of a stream for ``MessageList``, with the labels that it would come with."""
    return list_row(item.message, {}) | {
        "labels": [
            {
                "id": one.label_id,
                "path": one.name,
                "colour": colour_of(one.label_id),
                "probability": one.probability,
                "state": "predicted",
            }
            for one in item.prediction.labels
        ]
    }


def exception_row(told: Mapping[str, Any], message: Message | None, names: dict[str, str]) -> dict[str, Any]:
    """An exception for ``MessageList``: its type and metadata above the message, who tagged it, and when."""
    row = list_row(message, names) if message else {"id": told["uid"], "snippet": "", "labels": []}
    metadata = metadata_words(str(told["metadata"]))
    return row | {
        "subject": " · ".join(filter(None, (str(told["type"]), metadata))),
        "subject_phrases": [],
        "sender": str(told["tagged_by"]),
        "at": minute(told["tagged_at"]),
        "snippet": f"{row.get('subject', '')} — {row['snippet']}".strip(" —"),
        "phrases": [],
    }


def metadata_words(metadata: str) -> str:
    """The metadata of an exception on one line."""
    told = json.loads(metadata) if metadata else {}
    return short(", ".join(f"{name}: {value}" for name, value in told.items()), _MOST_METADATA)


def _between(low: float | None, high: float | None) -> str:
    return "not known" if low is None or high is None else f"{low:.1f} to {high:.1f}"
