"""Small batches of messages for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from workbench.domain import MESSAGE_SCHEMA

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXTS = (
    "my parcel has not arrived and the tracking page shows nothing",
    "the parcel arrived broken, I want a refund for the vase",
    "refund please, you charged me twice for one parcel",
    "thank you, the driver was very kind",
    "how do I change the delivery address of my parcel",
)


def batch(n: int, *, first: int = 0, suffix: str = "") -> pa.Table:
    """``n`` messages m<first>… with texts that repeat a few themes; two in a thread."""
    rows = range(first, first + n)
    return pa.table(
        {
            "message_id": [f"m{row}" for row in rows],
            "timestamp": [START + timedelta(hours=row) for row in rows],
            "thread_id": [f"t{row // 2}" for row in rows],
            "subject": [f"Case {row}" for row in rows],
            "body": [f"{TEXTS[row % len(TEXTS)]} no {row}{suffix}" for row in rows],
            "signature": ["" for _ in rows],
            "full_text": [f"{TEXTS[row % len(TEXTS)]} no {row}{suffix}" for row in rows],
            "sender": [f"customer{row % 7}@mail.example" for row in rows],
            "recipients": [["help@carrier.example"] for _ in rows],
            "language": ["en" for _ in rows],
            "properties": [f'{{"string:Team":"{"NS"[row % 2]}","number:NPS":{row % 11}}}' for row in rows],
        },
        schema=MESSAGE_SCHEMA,
    )
