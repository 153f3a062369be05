"""Clusters: how large they are."""

from __future__ import annotations

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows, Tile, Treemap
from workbench.charts.theme import LABEL_PREFIX
from workbench.charts.words import count, percent, plain
from workbench.domain import Cluster, ClusterRun

_TYPES = {
    "cluster_id": "Int64",
    "name": "String",
    "share": "Float64",
    "n_reviewed": "Int64",
    "n": "Int64",
}


def _columns(clusters: tuple[Cluster, ...]) -> dict[str, list[str | float]]:
    return {
        "cluster_id": [c.cluster_id for c in clusters],
        "name": [c.name for c in clusters],
        "share": [c.share for c in clusters],
        "n_reviewed": [c.n_reviewed for c in clusters],
        "n": [c.n_messages for c in clusters],
    }


def _caption(run: ClusterRun, shown: int) -> str:
    return (
        f"n = {count(run.n_messages)} messages, {shown} of {len(run.clusters)} clusters; "
        f"{percent(run.share_unclustered)} of the messages are in no cluster. "
        f"Method {run.method}, seed {run.seed}; another seed moves the borders."
    )


def cluster_colour(cluster_id: int) -> str:
    """The colour role of a cluster, the same on the map."""
    return f"{LABEL_PREFIX}cluster-{cluster_id}" if cluster_id >= 0 else "neutral"


def cluster_sizes(run: ClusterRun, *, top: int = 15) -> Chart:
    """Messages per cluster, the largest first."""
    clusters = run.clusters[:top]
    return Chart(
        title="Largest clusters",
        caption=_caption(run, len(clusters)),
        columns=_columns(clusters),
        types=_TYPES,
        line=f"charts.cluster_sizes(ws.operations.cluster_run({str(run.dataset_id)!r}), top={top})",
        drawing=Rows(
            axis=Axis(title="Messages", low=0.0),
            rows=tuple(
                Row(
                    name=plain(c.name),
                    value=float(c.n_messages),
                    colour=cluster_colour(c.cluster_id),
                    text=f"{count(c.n_messages)} · {percent(c.share)}",
                )
                for c in clusters
            ),
            value_name="messages",
        ),
    )


def cluster_treemap(run: ClusterRun, *, top: int = 30) -> Chart:
    """All messages as an area: the largest clusters, the smaller ones together, and what is in none."""
    clusters = run.clusters[:top]
    rest = run.clusters[top:]
    tiles = [
        Tile(
            name=plain(c.name),
            value=float(c.n_messages),
            text=f"{count(c.n_messages)} · {percent(c.share)}",
            colour=cluster_colour(c.cluster_id),
        )
        for c in clusters
    ]
    others = sum(c.n_messages for c in rest)
    loose = round(run.share_unclustered * run.n_messages)
    for name, size in ((f"{len(rest)} smaller clusters", others), ("in no cluster", loose)):
        if size:
            share = percent(size / max(1, run.n_messages))
            tiles.append(
                Tile(name=name, value=float(size), text=f"{count(size)} · {share}", colour="neutral")
            )
    return Chart(
        title="Clusters by size",
        caption=_caption(run, len(clusters)),
        columns=_columns(clusters),
        types=_TYPES,
        line=f"charts.cluster_treemap(ws.operations.cluster_run({str(run.dataset_id)!r}), top={top})",
        drawing=Treemap(tiles=tuple(tiles)),
    )
