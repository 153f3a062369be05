"""Maps, clusters and names."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.discover import discover
from workbench.embed import message_text
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import read_table
from workbench.workspace.work.encoding import encoder


def discover_messages(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Project, cluster, name; clusters come as plain values, rows as uids."""
    table = read_table(payload["texts"])
    vectors = np.load(payload["vectors"], mmap_mode="r")
    uids = table.column("uid").to_pylist()
    texts = [
        message_text(subject, body)
        for subject, body in zip(
            table.column("subject").to_pylist(), table.column("body").to_pylist(), strict=True
        )
    ]
    model = encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"])
    found = discover(
        texts,
        np.asarray(vectors),
        method=payload["method"],
        min_cluster_size=payload["min_cluster_size"],
        random_state=payload["seed"],
        previous=_previous(payload, uids),
        next_id=payload["next_id"],
        encode_phrases=model.encode,
        stage=lambda name: report.stage(payload["prefix"] + name),
        cancelled=report.cancelled,
    )
    clusters = [
        {
            "cluster_id": c.cluster_id,
            "name": c.name,
            "phrases": c.phrases,
            "n_messages": c.n_messages,
            "share": c.n_messages / max(len(uids), 1),
            "medoid": uids[c.medoid],
            "shown": tuple(uids[row] for row in c.shown),
            "x": c.x,
            "y": c.y,
        }
        for c in found.clusters
    ]
    return {
        "uids": uids,
        "xy": found.xy,
        "cluster": found.labels,
        "clusters": clusters,
        "share_unclustered": found.share_unclustered,
    }


def _previous(payload: dict[str, Any], uids: list[str]) -> np.ndarray | None:
    """Cluster of each row in the run before, -1 = none or new; None when there was no run."""
    if not payload["known_uids"]:
        return None
    before = dict(zip(payload["known_uids"], payload["known_clusters"].tolist(), strict=True))
    return np.fromiter((before.get(uid, -1) for uid in uids), dtype=np.int32, count=len(uids))
