"""Maps, clusters and names."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.discover import PreviousRun, discover
from workbench.embed import message_text
from workbench.language import phrases
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
    report.stage(payload["prefix"] + "mapping, clustering, naming", unit="steps")
    found = discover(
        texts,
        np.asarray(vectors),
        method=payload["method"],
        min_cluster_size=payload["min_cluster_size"],
        random_state=payload["seed"],
        find_phrases=phrases,
        previous=_previous(payload, uids),
        encode_phrases=model.encode,
        progress=report.progress,
        cancelled=report.cancelled,
    )
    clusters = [
        {
            "cluster_id": c.cluster,
            "name": c.name,
            "phrases": c.phrases,
            "n_messages": c.size,
            "share": c.share,
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


def _previous(payload: dict[str, Any], uids: list[str]) -> PreviousRun:
    """Cluster of each row in the run before, -1 = none or new."""
    before = dict(zip(payload["known_uids"], payload["known_clusters"].tolist(), strict=True))
    labels = np.fromiter((before.get(uid, -1) for uid in uids), dtype=np.int32, count=len(uids))
    return PreviousRun(labels=labels, next_id=payload["next_id"])
