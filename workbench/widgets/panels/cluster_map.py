"""A run of clusters on the map: its points, colours and names, and what is said below it."""

from __future__ import annotations

import numpy as np

from workbench.domain import ClusterRun, MapData
from workbench.widgets.elements import MessageMap
from workbench.widgets.panels.rows import cluster_colour

_NAMES_ON_MAP = 60


def show_points(element: MessageMap, run: ClusterRun | None, points: MapData | None) -> None:
    """Show the messages of a run on a map; without one it is empty."""
    if run is None or points is None:
        element.set_points(np.zeros((0, 2), dtype="f4"))
        return
    order = {cluster.cluster_id: place for place, cluster in enumerate(run.clusters)}
    category = np.array([order.get(int(c), -1) for c in points.cluster], dtype=np.int64)
    element.palette = [cluster_colour(c.cluster_id) for c in run.clusters]
    element.category_names = [c.name for c in run.clusters]
    element.set_points(points.xy, category)
    element.annotations = [
        {"x": c.x, "y": c.y, "text": c.name, "category": place}
        for place, c in enumerate(run.clusters[:_NAMES_ON_MAP])
    ]


def map_html(run: ClusterRun | None, encoder: str) -> str:
    """What is said of a run whose dataset has this encoder, as HTML."""
    if run is None:
        return '<p class="wb-status">No map yet: press Discover.</p>'
    newer = f" · {run.n_new:,} newer messages not on it yet" if run.n_new else ""
    quick = " · a quick first map; the real one follows" if run.encoder != encoder else ""
    return (
        f'<p class="wb-status">{run.n_messages:,} messages, {len(run.clusters)} clusters, '
        f"<b>{run.share_unclustered:.0%}</b> in no cluster{newer}{quick}</p>"
    )
