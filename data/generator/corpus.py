"""Rows and truth of the three sources, and writing them to files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from data.generator import story
from data.generator.labels import Label

MAIL_COLUMNS = (
    "id",
    "timestamp",
    "thread_id",
    "subject",
    "body",
    "from",
    "to",
    "cc",
    "folder",
    "customer_tier",
    "country",
    "parcels_sent",
)
REVIEW_COLUMNS = (
    "review_id",
    "posted_at",
    "stars",
    "title",
    "review",
    "app_version",
    "platform",
    "country",
)
CHAT_KEYS = ("id", "timestamp", "thread_id", "text", "from", "agent", "queue", "wait_seconds")


@dataclass(slots=True, kw_only=True)
class Message:
    """One row of a source with its truth.

    Attributes
    ----------
    row : dict
        Columns of the source without id and time, which follow from the order of time.
    labels : tuple of str
        Full names, empty where no label applies.
    copy_of : Message or None
        The message of which this one is a near-duplicate.
    copy_kind : str
        ``double`` or ``forward``; empty for an original.
    """

    when: datetime
    row: dict[str, str | int]
    labels: tuple[str, ...]
    copy_of: Message | None = None
    copy_kind: str = ""
    id: str = field(default="")


def rfc3339(when: datetime) -> str:
    """Write a time in UTC, whole seconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(messages: list[Message], prefix: str) -> list[Message]:
    """Sort by time and give ids in that order."""
    messages.sort(key=lambda m: (m.when, str(m.row.get("thread_id", ""))))
    for i, message in enumerate(messages, 1):
        message.id = f"{prefix}{i:06d}"
    return messages


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def write(
    folder: Path,
    *,
    mails: list[Message],
    reviews: list[Message],
    chats: list[Message],
    labels: dict[str, Label],
    seed: int,
) -> dict[str, int]:
    """Write all files of the corpus; returns the number of messages of each source."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    files["mailbox.csv"] = _csv(
        MAIL_COLUMNS, [[m.id, rfc3339(m.when), *(m.row[c] for c in MAIL_COLUMNS[2:])] for m in mails]
    )
    files["reviews.csv"] = _csv(
        REVIEW_COLUMNS, [[m.id, rfc3339(m.when), *(m.row[c] for c in REVIEW_COLUMNS[2:])] for m in reviews]
    )
    files["chats.jsonl"] = "".join(
        json.dumps(
            {"id": m.id, "timestamp": rfc3339(m.when), **{k: m.row[k] for k in CHAT_KEYS[2:]}},
            ensure_ascii=False,
        )
        + "\n"
        for m in chats
    )
    sources = {"mailbox": mails, "reviews": reviews, "chats": chats}
    files["truth.csv"] = _csv(
        ("source", "id", "label"),
        [(name, m.id, label) for name, ms in sources.items() for m in ms for label in m.labels],
    )
    files["taxonomy.csv"] = _csv(
        ("label", "description", "external_id"),
        [(x.path, x.description, f"BP-{i:03d}") for i, x in enumerate(labels.values(), 1)],
    )
    files["duplicates.csv"] = _csv(
        ("source", "id", "duplicate_of", "kind"),
        [
            (name, m.id, m.copy_of.id, m.copy_kind)
            for name, ms in sources.items()
            for m in ms
            if m.copy_of is not None
        ],
    )
    files["story.json"] = (
        json.dumps(
            {
                "carrier": story.CARRIER,
                "seed": seed,
                "first_day": story.FIRST_DAY.isoformat(),
                "last_day": story.LAST_DAY.isoformat(),
                "messages": {name: len(ms) for name, ms in sources.items()},
                "drift": {
                    "label": labels[story.DRIFT_KEY].path,
                    "what": "customers stop saying 'locker' and name the new app feature that replaces it",
                    "from_phrase": "locker",
                    "to_phrase": story.DRIFT_BRAND,
                    "starts": story.DRIFT_LAUNCH.isoformat(),
                    "half_way": story.DRIFT_MIDDLE.isoformat(),
                },
                "new_topic": {
                    "label": labels[story.NEW_KEY].path,
                    "what": "a flat fee on small parcels from abroad, introduced during the year",
                    "phrase": "clearance fee",
                    "starts": story.NEW_START.isoformat(),
                },
            },
            indent=2,
        )
        + "\n"
    )
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return {name: len(ms) for name, ms in sources.items()}
