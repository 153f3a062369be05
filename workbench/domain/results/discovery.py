"""Maps and clusters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from workbench.domain.ids import DatasetId, RunId, Uid

ClusterMethod = Literal["hdbscan", "fast_hdbscan", "evoc"]


@dataclass(frozen=True, kw_only=True)
class DiscoverOptions:
    """How to map and cluster.

    Attributes
    ----------
    method
        ``fast_hdbscan`` on a UMAP reduction by default.
    min_cluster_size
        Smallest cluster, in messages; None = chosen from the number of messages.
    first_map
        Make a quick map from the fast static encoder first, while the default one works.
    """

    method: ClusterMethod = "fast_hdbscan"
    min_cluster_size: int | None = None
    first_map: bool = True
    seed: int = 7


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A machine group.

    Attributes
    ----------
    cluster_id
        Stable from run to run (matched by member overlap); never -1.
    name
        Up to two phrases joined by `` / ``.
    phrases
        Up to 10 phrases that tell it from the rest, best first; underlined in its messages.
    n_messages, share
        Members; ``share`` of all messages, in [0, 1].
    n_reviewed
        Members that a person reviewed.
    medoid
        The member nearest the centre.
    shown
        Up to 12 members near the medoid but unlike each other.
    x, y
        Where to write the name on the map.
    """

    cluster_id: int
    name: str
    phrases: tuple[str, ...]
    n_messages: int
    share: float
    n_reviewed: int
    medoid: Uid
    shown: tuple[Uid, ...]
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class ClusterRun:
    """One finished run; ``clusters`` by descending size. ``share_unclustered`` is always shown.

    ``encoder`` tells a first quick map (static encoder) from the real one. ``n_new`` counts messages that
    came since, placed by their nearest neighbours or not at all.
    """

    run_id: RunId
    dataset_id: DatasetId
    method: str
    encoder: str
    seed: int
    n_messages: int
    share_unclustered: float
    created_at: datetime
    clusters: tuple[Cluster, ...]
    n_new: int = 0


@dataclass(frozen=True, kw_only=True)
class MapData:
    """The map's points, rows as in ``uids``.

    Attributes
    ----------
    xy
        float32, (n, 2).
    cluster
        int32, (n,), -1 = unclustered.
    label
        int32, (n,): index into ``label_ids`` of the most probable (or assigned) label, -1 = none.
    reviewed
        bool, (n,).
    """

    run_id: RunId
    uids: tuple[Uid, ...]
    xy: np.ndarray
    cluster: np.ndarray
    label: np.ndarray
    label_ids: tuple[str, ...]
    reviewed: np.ndarray


__all__ = [
    "Cluster",
    "ClusterMethod",
    "ClusterRun",
    "DatasetId",
    "DiscoverOptions",
    "MapData",
]
