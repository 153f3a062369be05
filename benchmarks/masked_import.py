"""What masking costs an import: the same made mails into a source that is masked and one that is not, by turns.

Run: python benchmarks/masked_import.py [--messages 20000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import personal_data
import pyarrow as pa
from common import machine

from workbench.domain import MESSAGE_SCHEMA
from workbench.settings import Settings
from workbench.workspace import open_workspace

PIECE = 2_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def batches(n: int) -> list[pa.Table]:
    """``n`` mails, five of six without anything personal but their heads, in threads of two."""
    made = [(text, people) for text, people, _ in personal_data.mails(11)]
    rows = []
    for number in range(n):
        text, people = made[number % len(made)]
        body = text if number % 6 == 0 else text[text.find("\n") + 1 :].replace("@", " ").replace("+", "")
        rows.append(
            {
                "message_id": f"m{number}", "timestamp": START + timedelta(minutes=number), "thread_id": f"t{number // 2}",
                "subject": f"Case {number}", "body": body, "signature": "", "full_text": body, "sender": people[0],
                "recipients": people[1:], "language": "en", "properties": "{}",
            }
        )  # fmt: skip
    return [pa.Table.from_pylist(rows[at : at + PIECE], schema=MESSAGE_SCHEMA) for at in range(0, n, PIECE)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"machine: {machine()}")
    pieces = batches(asked.messages)
    took: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * asked.rounds):
        masked = bool(turn % 2)
        with (
            tempfile.TemporaryDirectory() as folder,
            open_workspace(Path(folder) / "w.duckdb", settings=Settings(encoder="hash-test")) as opened,
        ):
            there = opened.operations("bench")
            source = there.create_source("demo", "mail", mask_personal=masked)
            begun = time.process_time()
            for number, piece in enumerate(pieces):
                there.put_messages(source.source_id, piece, f"b{number}", piece.num_rows)
            took[masked].append(time.process_time() - begun)
    for masked, times in took.items():
        each = np.array(times) / asked.messages * 1000
        print(
            f"{'masked' if masked else 'as it came':11}{np.median(each):.3f} core-seconds per 1,000 messages {np.round(each, 3)}"
        )
    print(f"ratio of medians {np.median(took[True]) / np.median(took[False]):.2f}, n = {asked.messages:,}")


if __name__ == "__main__":
    main()
