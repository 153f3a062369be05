"""Streams as cards: how far each is, what it hands on, and what needs somebody's eye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain import ModelVersion, Stream, StreamStatus, Unlisted, WebhookStatus
from workbench.widgets.panels.catalog import counted
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.threshold_words import percent
from workbench.widgets.status import duration_words

NEEDS = {
    "next": "fetch_stream",
    "exceptions": "stream_exceptions",
    "webhook": "webhook",
    "change": "amend_stream",
    "delete": "delete_stream",
}
"""The operation behind each action of a card."""
_NAMED = 3
_DAY_S = 86_400
_DAYS_FROM_S = 2 * _DAY_S
_REST: dict[Unlisted, str] = {
    "kept": "as kept with the version",
    "off": "none but those listed",
    "every": "every label, however improbable",
}


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A stream and how it does; ``status`` None = the visitor may not be told, and ``problem`` says why."""

    stream: Stream
    status: StreamStatus | None = None
    problem: tuple[str, str] | None = None


def stream_card(one: Watched, versions: Mapping[int, ModelVersion], now: datetime) -> dict[str, Any]:
    """A stream for ``CatalogCards``; ``versions`` are those of the dataset, by number."""
    stream, status = one.stream, one.status
    problem = one.problem or version_problem(stream, versions)
    if status and status.webhook and not problem:
        problem = webhook_problem(status.webhook)
    return {
        "id": stream.name,
        "title": stream.settings.title or stream.name,
        "name": stream.name,
        "text": stream.settings.description,
        **({"badge": _badge(status)} if status else {}),
        "figures": [
            [status.n_waiting, "waiting"],
            [sum(n for _, n in status.rates), "taken in 24 h"],
            [status.n_exceptions, "exceptions"],
        ]
        if status
        else [],
        "bars": {"values": [n for _, n in status.rates], "title": rate_words(status)} if status else None,
        "facts": _facts(stream, status, versions, now),
        **({"problem": list(problem), "calm": one.problem is None} if problem else {}),
        "links": [],
        "actions": [
            {"key": "next", "title": "Queue"},
            {"key": "exceptions", "title": "Exceptions"},
            {"key": "look", "title": "Thresholds"},
            {"key": "webhook", "title": "Webhook"},
            {"key": "change", "title": "Change", "icon": "pencil"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ],
    }


def version_problem(stream: Stream, versions: Mapping[int, ModelVersion]) -> tuple[str, str] | None:
    """What is to be known of the version that a stream holds, and what to do; None for nothing."""
    number = stream.settings.version
    if number is None:
        return None
    held, newest = versions.get(number), max(versions, default=number)
    if held is not None and not held.predicted:
        return (
            f"The predictions of version {number} are not ready.",
            "The stream waits for them; Models shows how far they are.",
        )
    if number < newest:
        return f"Version {newest} is newer.", "Change compares the two before you switch."
    return None


def webhook_problem(hook: WebhookStatus) -> tuple[str, str] | None:
    """What keeps a webhook from sending; None while it sends."""
    if hook.paused == "failures":
        return "The webhook is paused: its target failed too often.", hook.last_error or "Look at the target."
    if hook.last_error and hook.n_failures:
        return "The webhook cannot send at the moment.", hook.last_error
    return None


def rate_words(status: StreamStatus) -> str:
    """What the bars of a card show, in words."""
    most = max((n for _, n in status.rates), default=0)
    return f"Taken per hour in the last 24 hours, at most {counted(most, 'message')}"


def lag_words(status: StreamStatus, now: datetime) -> str:
    """How old the oldest message that waits is."""
    if status.oldest_waiting is None:
        return "nothing waits"
    return age_words((now - status.oldest_waiting).total_seconds())


def age_words(seconds: float) -> str:
    """An age for people: seconds, minutes, hours, then days."""
    if seconds < _DAYS_FROM_S:
        return duration_words(max(0.0, seconds))
    return f"{seconds / _DAY_S:.0f} days"


def threshold_words(stream: Stream) -> str:
    """The thresholds of a stream in short."""
    settings = stream.settings
    if settings.version is None:
        return "no labels come"
    shown = [f"{one.name} {percent(one.threshold)}" for one in settings.thresholds[:_NAMED]]
    n_more = len(settings.thresholds) - len(shown)
    listed = ", ".join(shown) + (f" and {n_more:,} more" if n_more else "")
    rest = settings.for_unlisted
    if not listed:
        return _REST[rest]
    return listed if rest == "off" else f"{listed}; others {_REST[rest]}"


def webhook_words(hook: WebhookStatus | None) -> str:
    """Whether a stream is sent, and how that goes."""
    if hook is None:
        return "none: consumers fetch"
    if hook.paused:
        return f"paused, {hook.url}"
    return f"{'trying again' if hook.n_failures else 'sending'}, {hook.url}"


def version_words(stream: Stream, versions: Mapping[int, ModelVersion]) -> str:
    """Which version a stream holds."""
    number = stream.settings.version
    if number is None:
        return "none: without labels"
    newest = " · newest" if number == max(versions, default=0) else ""
    tag = versions[number].tag if number in versions else None
    return f"{number} · pinned{f' · {tag}' if tag else ''}{newest}"


def _facts(
    stream: Stream, status: StreamStatus | None, versions: Mapping[int, ModelVersion], now: datetime
) -> list[list[str]]:
    facts = [["Version", version_words(stream, versions)], ["Thresholds", threshold_words(stream)]]
    if status is None:
        return facts
    return [
        *facts,
        ["Oldest waiting", lag_words(status, now)],
        ["Last taken", minute(status.last_fetched) if status.last_fetched else "never"],
        ["Webhook", webhook_words(status.webhook)],
    ]


def _badge(status: StreamStatus) -> dict[str, str]:
    if status.n_waiting:
        return {"text": "Waiting", "level": "average"}
    return {"text": "Up to date", "level": "good"}
