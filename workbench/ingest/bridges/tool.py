"""What a bridge has to know of another tool, and what it finds in one of its items."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from workbench.ingest.bridges.line import Said
from workbench.ingest.times import TimeKind, TimeProblem, parse_time

KEY = "workbench"
"""Where, in the free metadata of another tool, everything travels that it has no place for."""
NAME_CHARACTERS = 100
"""Longest name of metadata that becomes a user property."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an item of another tool says.

    Attributes
    ----------
    text, at
        The message, and the keys that lead to it.
    said
        What people said of it; None = nothing yet.
    message_id, timestamp
        As the item has them, the time as RFC 3339 in UTC; "" = it has none.
    properties
        What it knows beside, named as user properties are.
    lost
        Names of what a message has no place for; one entry for each occurrence.
    """

    text: str
    at: Place
    said: Said | None
    message_id: str = ""
    timestamp: str = ""
    properties: dict[str, str | float] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


class Tool(Protocol):
    """One other tool; its items are decoded JSON, and none of these functions changes what it is given."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def item(self) -> str:
        """What it calls one message with its annotations."""

    @property
    def has_dismissed(self) -> bool:
        """Whether it has a place for labels that people dismissed."""

    def read(self, item: Any, place: str) -> Found:
        """What an item says.

        Raises
        ------
        FileFormatError
            It has no text, or a value of a type that it cannot have.
        """

    def write(self, text: str, said: Said | None, message_id: str, labels: Sequence[str]) -> Any:
        """A new item; ``labels`` are all names to choose from."""

    def labelled(self, item: Any, said: Said | None, place: str) -> Any:
        """The item with other labels; everything else of it stays."""

    def labels_in(self, item: Any) -> list[str]:
        """Names to choose from that the item lists."""

    def kept(self, item: Any) -> Any:
        """What stands under ``KEY``; None = nothing."""

    def keep(self, item: Any, rest: dict[str, Any] | None) -> Any:
        """The item with ``rest`` under ``KEY``; None takes it away."""


def metadata_properties(found: Mapping[str, Any]) -> dict[str, str | float]:
    """Texts and numbers of metadata as user properties; what is of another type stays in the item."""
    properties: dict[str, str | float] = {}
    for name, value in found.items():
        if name == KEY or not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
            continue
        if isinstance(value, str) and value.strip() and "\0" not in value:
            properties[f"string:{name}"] = value
        elif isinstance(value, int | float) and not isinstance(value, bool) and _is_exact(value):
            properties[f"number:{name}"] = value
    return properties


def _is_exact(value: float) -> bool:
    """Whether a property, which is a double, holds the number as it is."""
    return abs(value) <= 1 << 53 if isinstance(value, int) else math.isfinite(value)


def first_text(holder: Mapping[str, Any], *names: str) -> str:
    """The first of these keys that holds a text or a whole number, "" without one."""
    for name in names:
        value = holder.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def time_in(metadata: Mapping[str, Any]) -> str:
    """The time of the message where the metadata has one, as RFC 3339 in UTC; "" without one."""
    for name in ("timestamp", "date", "sent_at", "created_at"):
        written = metadata.get(name)
        if not isinstance(written, str):
            continue
        try:
            kind, moment, _ = parse_time(written)
        except TimeProblem:
            continue
        if kind is not TimeKind.EITHER:
            return moment_text(moment)
    return ""


def moment_text(moment: datetime) -> str:
    """A time as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
