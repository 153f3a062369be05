"""Balance and coverage of one dataset."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from workbench.classify import add_ancestors, parents_of
from workbench.domain import PropertyBalance
from workbench.language import phrases
from workbench.monitor import (
    ValueCounts,
    balance,
    property_balance,
    similarity,
    uncovered,
)
from workbench.workspace.work.evidence import covered, mode_shares


def weigh(
    payload: dict[str, Any],
    uids: list[str],
    texts: list[str],
    vectors: np.ndarray,
    probabilities: np.ndarray,
    thresholds: np.ndarray,
) -> dict[str, Any]:
    """Reviewed messages against all, by text and by property, and what labels cover; a balance report as plain values.

    Parameters
    ----------
    payload
        Of the job: what was reviewed, the labels, ``spread`` (see ``session.monitoring``), the seed.
    uids, texts, vectors
        Of all messages, in one order.
    probabilities, thresholds
        (n, n_labels) and (n_labels,), labels as in the payload's ``label_ids``.
    """
    reviewed_uids = set(payload["reviewed_uids"])
    reviewed = np.array([uid in reviewed_uids for uid in uids])
    found = balance(vectors, reviewed, random_state=payload["seed"], texts=texts, find_phrases=phrases)
    targets = np.zeros((len(payload["reviewed_uids"]), len(payload["all_label_ids"])), dtype=bool)
    targets[payload["pairs"][:, 0], payload["pairs"][:, 1]] = True
    place = {label: column for column, label in enumerate(payload["all_label_ids"])}
    kept = [column for column, label in enumerate(payload["label_ids"]) if label in place]
    columns = [place[payload["label_ids"][column]] for column in kept]
    paths = [tuple(payload["paths"][column]) for column in columns]
    targets = add_ancestors(targets[:, columns], parents_of(paths))
    groups = [
        {
            "name": region.name,
            "share_all": region.share_all,
            "share_reviewed": region.share_reviewed,
            "low": region.low,
            "high": region.high,
            "n_reviewed": region.n_reviewed,
            "messages": tuple(uids[row] for row in region.rows),
        }
        for region in found.regions
    ]
    cover = covered(probabilities[:, kept], targets, paths, thresholds[kept]) if columns else None
    open_groups = (
        uncovered(vectors, cover.cover, texts=texts, find_phrases=phrases, random_state=payload["seed"])
        if cover
        else ()
    )
    return {
        "n_messages": len(uids),
        "n_reviewed": int(reviewed.sum()),
        "balance": found.balance,
        "balance_low": found.low,
        "balance_high": found.high,
        "similarity": similarity(vectors[reviewed], vectors[~reviewed], random_state=payload["seed"]),
        "band": found.band,
        "groups": groups,
        "mode_shares": mode_shares(payload["modes"]),
        "coverage": cover.coverage if cover else None,
        "share_covered": cover.share_covered if cover else None,
        "properties": msgspec.to_builtins(_by_property(payload, len(uids), int(reviewed.sum()))),
        "uncovered": [
            {
                "name": group.name,
                "phrases": group.phrases,
                "n": group.n,
                "share": group.share,
                "seeds": tuple(uids[row] for row in group.rows),
            }
            for group in open_groups
        ],
    }


def _by_property(payload: dict[str, Any], n_messages: int, n_reviewed: int) -> tuple[PropertyBalance, ...]:
    counts: dict[str, list[ValueCounts]] = {}
    for name, value, n, n_here in payload["spread"]:
        counts.setdefault(name, []).append(ValueCounts(value=value, n_messages=n, n_reviewed=n_here))
    return property_balance(
        counts, n_messages=n_messages, n_reviewed=n_reviewed, random_state=payload["seed"]
    )
