"""Maps, clusters and their names: arrays in, results out.

umap, hdbscan, fast_hdbscan, evoc and scipy are loaded by the functions that need them.
"""

from __future__ import annotations

from workbench.discover.clustering import ClusterLabels, cluster, default_min_cluster_size
from workbench.discover.describing import ClusterSummary, describe
from workbench.discover.duplicates import near_duplicates
from workbench.discover.matching import match_clusters
from workbench.discover.naming import ClusterName, name_clusters
from workbench.discover.neighbours import Neighbours, nearest
from workbench.discover.pipeline import Discovery, PreviousRun, discover
from workbench.discover.projection import project

__all__ = [
    "ClusterLabels",
    "ClusterName",
    "ClusterSummary",
    "Discovery",
    "Neighbours",
    "PreviousRun",
    "cluster",
    "default_min_cluster_size",
    "describe",
    "discover",
    "match_clusters",
    "name_clusters",
    "near_duplicates",
    "nearest",
    "project",
]
