"""Turning texts into vectors."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.embed import Encoder, load_encoder, message_text
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import read_table


@cache
def encoder(name: str, cache_dir: str, n_threads: int) -> Encoder:
    """The encoder, loaded once per worker."""
    return load_encoder(name, cache_dir=Path(cache_dir), n_threads=n_threads)


def identify(payload: dict[str, Any], _report: Report) -> str:
    """Load the encoder and tell its id."""
    return encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"]).encoder_id


def encode_texts(payload: dict[str, Any], report: Report) -> int:
    """Encode the texts of an Arrow file, handing over pieces as NPY files: resumable by construction.

    Texts are sorted by length over the whole file, so that a batch pads little; each piece comes with the
    positions of its rows.
    """
    table = read_table(payload["texts"])
    subjects, bodies = table.column("subject").to_pylist(), table.column("body").to_pylist()
    texts = [message_text(subject, body) for subject, body in zip(subjects, bodies, strict=True)]
    order = np.argsort([len(text) for text in texts], kind="stable")
    model = encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"])
    target = Path(payload["spool"]) / "piece.npy"
    for start in range(0, len(order), payload["piece_rows"]):
        rows = order[start : start + payload["piece_rows"]]

        def tell(done: int, _total: int, start: int = start) -> None:
            report.progress(start + done, len(order))

        vectors = model.encode([texts[row] for row in rows], progress=tell, cancelled=report.cancelled)
        np.save(target, vectors, allow_pickle=False)
        report.item({"path": str(target), "rows": rows})
    return len(order)
