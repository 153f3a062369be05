"""Model versions as cards, and two of them compared as rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workbench.charts.words import percent, percent_range
from workbench.domain import ModelVersion
from workbench.widgets.panels.catalog import counted, day

_TAGS = {"live": ("Live", "excellent"), "staging": ("Staging", "average")}
_SHOWN_STREAMS = 3


def compared_columns(first: str, second: str) -> list[dict[str, Any]]:
    """Columns of the table of a comparison; the versions by number."""
    return [
        {"key": "label", "title": "Label", "width": 240},
        {"key": "verdict", "title": "Verdict", "width": 170},
        {"key": "first", "title": f"Version {first}", "kind": "percent", "digits": 1, "width": 110},
        {"key": "second", "title": f"Version {second}", "kind": "percent", "digits": 1, "width": 110},
        {"key": "difference", "title": "Points", "kind": "points", "digits": 1, "width": 90},
        {"key": "low", "title": "95 % from", "kind": "points", "digits": 1, "width": 100},
        {"key": "high", "title": "to", "kind": "points", "digits": 1, "width": 80},
        {"key": "n", "title": "Test messages", "kind": "number", "width": 130},
    ]


def in_order(versions: Iterable[ModelVersion]) -> list[ModelVersion]:
    """Starred ones first, then newest first."""
    return sorted(versions, key=lambda one: (not one.starred, -one.version))


def version_option(one: ModelVersion) -> str:
    """A version as one choice of many."""
    marks = [*([one.tag.capitalize()] if one.tag else []), *(["pinned"] if one.pinned else [])]
    star = "★ " if one.starred else ""
    return " · ".join([f"{star}{one.version}", f"{one.created_at:%d %b %Y %H:%M}", *marks])


def version_card(one: ModelVersion, *, newest: int, dataset: str) -> dict[str, Any]:
    """A version for ``CatalogCards``: what it is, how good, and what can be done with it."""
    title = f"{'★ ' if one.starred else ''}Version {one.version}"
    return {
        "id": str(one.version),
        "title": title,
        "name": f"{day(one.created_at)}, {one.created_at:%H:%M} UTC",
        "text": one.description,
        **_badge(one, newest),
        "figures": [
            [one.n_reviewed, "reviewed"],
            [one.n_labels, "labels"],
            ["–" if one.rating is None else f"{one.rating:.0f}", "rating"],
        ],
        "facts": _facts(one, newest),
        "links": [
            {
                "title": "Validation",
                "app": "validation",
                "query": {"dataset": dataset, "version": str(one.version)},
            }
        ]
        if one.validated
        else [],
        "actions": _actions(one, newest),
    }


def quality_words(one: ModelVersion) -> str:
    """Mean average precision with its interval."""
    if one.mean_average_precision is None:
        return "not known" if one.validated else "not validated"
    between = percent_range(one.mean_average_precision_low, one.mean_average_precision_high)
    return f"{percent(one.mean_average_precision, 0)}" + (f" ({between})" if between else "")


def held_words(names: Sequence[str]) -> str:
    """Which streams hold a version."""
    shown = ", ".join(names[:_SHOWN_STREAMS])
    more = f" and {len(names) - _SHOWN_STREAMS:,} more" if len(names) > _SHOWN_STREAMS else ""
    return f"stream{'s' if len(names) > 1 else ''} {shown}{more}"


def only_words(names: Sequence[str], version: int) -> str:
    """What a version knows alone; empty for nothing."""
    if not names:
        return ""
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")  # noqa: PLR2004
    return f"Only version {version} knows {counted(len(names), 'label')}: {shown}."


def _badge(one: ModelVersion, newest: int) -> dict[str, Any]:
    text, level = _TAGS.get(one.tag or "", ("Newest" if one.version == newest else "", "none"))
    words = [text] * bool(text) + ["Pinned"] * one.pinned
    return {"badge": {"text": " · ".join(words), "level": level}} if words else {}


def _facts(one: ModelVersion, newest: int) -> list[list[str]]:
    kept = "always: it is the newest" if one.version == newest else "until newer ones take its place"
    facts = [
        ["Precision", quality_words(one)],
        ["Kept", "until it is unpinned" if one.pinned else kept],
        ["Predictions", "stored" if one.predicted else "not stored: Predict again"],
    ]
    if one.held_by:
        facts.append(["Held by", held_words(one.held_by)])
    if one.rolled_back_from:
        facts.append(["Origin", f"version {one.rolled_back_from} again"])
    return facts


NEEDS = {
    "compare": "compare_versions",
    "rollback": "start_rollback",
    "predict": "start_predict",
    "pin": "pin_version",
    "unpin": "pin_version",
    "tag": "tag_version",
    "verify": "start_verify",
    "star": "star_version",
    "describe": "describe_version",
    "delete": "delete_version",
}
"""The operation behind each action of a card."""


def _actions(one: ModelVersion, newest: int) -> list[dict[str, str]]:
    actions = [{"key": "compare", "title": "Compare"}] if one.validated else []
    if one.version != newest:
        actions.append({"key": "rollback", "title": "Go back"})
    if not one.predicted:
        actions.append({"key": "predict", "title": "Predict again"})
    actions += [
        {"key": "unpin", "title": "Unpin"} if one.pinned else {"key": "pin", "title": "Pin"},
        {"key": "tag", "title": "Tag"},
        {"key": "verify", "title": "Verify"},
        {"key": "star", "title": "Take the star away" if one.starred else "Star", "icon": "star"},
        {"key": "describe", "title": "Describe", "icon": "pencil"},
        {"key": "delete", "title": "Delete", "icon": "trash"},
    ]
    return actions
