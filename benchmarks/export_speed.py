"""How fast and in how much memory 50,000 annotated messages are exported, from the owner to a file.

Input: 50,000 made-up messages of 80 words, 50 labels, a judgement on each, and the predictions of one model
version. Prints per format: seconds (limit for CSV: 3), size, and how much the peak memory of this process rose; and
the same for CSV at a tenth of the messages, which shows that memory does not grow with them.
"""

from __future__ import annotations

import random
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import common
import numpy as np
import pyarrow as pa

N = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
N_LABELS = 50
WORDS = ["parcel", "late", "refund", "order", "claim", "policy", "thanks", "account", "delivery", "again"]


def fill(file: Path) -> None:
    from workbench.domain import MESSAGE_SCHEMA, Judgement, LabelId, ModelVersion, Uid
    from workbench.settings import Settings
    from workbench.workspace import open_workspace

    draw, start = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(file, settings=settings) as opened:
        operations = opened.operations("bench")
        source = operations.create_source("demo", "mail").source_id
        for first in range(0, N, 10_000):
            texts = [" ".join(draw.choices(WORDS, k=80)) for _ in range(min(10_000, N - first))]
            rows = [
                {
                    "message_id": f"m-{first + i}", "timestamp": start + timedelta(minutes=first + i), "thread_id": None,
                    "subject": text[:40], "body": text, "signature": "", "full_text": text, "sender": "a@x.org",
                    "recipients": ["b@x.org"], "language": "en",
                    "properties": f'{{"string:Team":"T{i % 7}","number:NPS":{i % 10}.0}}',
                }
                for i, text in enumerate(texts)
            ]  # fmt: skip
            operations.put_messages(source, pa.Table.from_pylist(rows, MESSAGE_SCHEMA), f"{first}", len(rows))
        dataset = operations.create_dataset("demo", "support", (source,)).dataset_id
        labels = [
            operations.create_label(dataset, f"Group {n % 5} > Label {n}").label_id for n in range(N_LABELS)
        ]
        uids = [Uid(f"{source}.m-{i}") for i in range(N)]
        for first in range(0, N, 5_000):
            judgements = tuple(
                Judgement(
                    event_id=secrets.token_hex(8), uid=uid, assigned=(labels[i % N_LABELS],), mode="recent"
                )
                for i, uid in enumerate(uids[first : first + 5_000])
            )
            operations.judge(dataset, judgements)
        version = ModelVersion(
            dataset_id=dataset, version=1, created_at=start, n_reviewed=N, n_labels=N_LABELS, encoder="hash-test",
            lineage={},
        )  # fmt: skip
        matrix = np.random.default_rng(7).random((N, N_LABELS), dtype=np.float32)
        with opened._workspace.store.write() as session:
            session.models.add_version(
                version, weights=b"", parameters="{}", label_ids=tuple(LabelId(label) for label in labels)
            )
            session.models.put_predictions(dataset, 1, uids, matrix)


def main() -> None:
    import workbench as wb
    from workbench.domain import MessageFilter

    print(f"machine: {common.machine()}")
    print(f"n = {N:,} annotated messages, {N_LABELS} labels")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "export.duckdb")
        dataset = wb.open(folder / "export.duckdb").dataset("demo/support")
        tenth = MessageFilter(until=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=N // 10))
        dataset.export(folder / "warm.csv", tenth)
        for kind, where in (
            ("csv", tenth),
            *((kind, MessageFilter()) for kind in ("csv", "jsonl", "parquet", "xlsx")),
        ):
            target, before = folder / f"messages.{kind}", common.peak_mib()
            begun = time.perf_counter()
            dataset.export(target, where)
            seconds = time.perf_counter() - begun
            n = N if where != tenth else N // 10
            size, rose = target.stat().st_size / 1e6, common.peak_mib() - before
            print(
                f"{kind:8} {n:8,} messages  {seconds:6.2f} s  {n / seconds:8,.0f} per second  {size:6.1f} MB, "
                f"peak memory rose by {rose:.0f} MiB"
            )


if __name__ == "__main__":
    main()
