"""Clusters side by side: read their messages, pick, and give them a label."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

if TYPE_CHECKING:
    from workbench.charts import Figure


class ApplyEvent(TypedDict):
    """A label given to messages of clusters.

    ``label`` is a label id, or with ``new`` a path to create. ``uids`` are the selected messages among those
    shown; ``cluster_ids`` the clusters with at least one of them; ``excluded`` the shown messages of those
    clusters that were unselected, for a caller that applies the label to whole clusters.
    """

    label: str
    new: bool
    cluster_ids: list[str]
    uids: list[str]
    excluded: list[str]


class ClusterGrid(Element):
    """Cards of up to 30 clusters with about 12 messages each. Every message is selected at the start.

    Attributes
    ----------
    clusters : list of dict
        ``{"id", "name", "size", "share", "phrases", "colour", "snippets", "done", "labels"}``: size in
        messages, share of all messages in [0, 1], phrases as list of str, ``snippets`` as
        ``{"uid", "text", "ranges"}`` with half-open underlined ranges in code points, done as bool, ``labels``
        as label ids already given.
    excluded : list of str
        Uids of shown messages that are not selected.
    taxonomy : list of dict
        ``{"id", "path", "colour"}``.
    allow_new_labels : bool
        Whether a label that does not exist may be created.
    hide_done : bool
        Whether clusters with ``done`` are hidden.
    unclustered : float
        Share of messages in no cluster, in [0, 1]; -1 when not known.
    title : str
        Heading above the cards.
    can_open : bool
        Whether the name of a cluster is a button that asks to show it, see `on_open`.
    can_label : bool
        Whether messages can be selected and labelled; without, the cards are there to be read.
    active_id : str
        Cluster whose card is marked, for instance the one clicked on the map.
    """

    _esm = module_text("cluster_grid", "typeahead")
    _css = style_text("cluster_grid", "typeahead")

    clusters = traitlets.List(traitlets.Dict()).tag(sync=True)
    excluded = traitlets.List(traitlets.Unicode()).tag(sync=True)
    taxonomy = traitlets.List(traitlets.Dict()).tag(sync=True)
    allow_new_labels = traitlets.Bool(True).tag(sync=True)
    hide_done = traitlets.Bool(False).tag(sync=True)
    unclustered = traitlets.Float(-1.0).tag(sync=True)
    title = traitlets.Unicode("Clusters").tag(sync=True)
    can_open = traitlets.Bool(True).tag(sync=True)
    can_label = traitlets.Bool(True).tag(sync=True)
    active_id = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self.figure: Figure | None = None
        """What sizes and shares come from; kept here for who asks the screen for its numbers."""
        self._apply = Callbacks()
        self._open = Callbacks()
        super().__init__(**traits)
        self.handle("apply", self._applied)
        self.handle("open", self._opened)

    def on_apply(self, callback: Callable[[ApplyEvent], object]) -> Callable[[], None]:
        """Call back when a label is applied; set ``done`` and ``labels`` in `clusters`. Returns the undo.

        An exception is shown in the bar and nothing changes.
        """
        return self._apply.add(callback)

    def on_open(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the id of a cluster whose name is pressed; returns the undo."""
        return self._open.add(callback)

    def visible(self) -> list[str]:
        """Return the ids of the clusters that are not hidden: all, or with `hide_done` those that are not done."""
        return [str(one["id"]) for one in self.clusters if not (self.hide_done and one.get("done"))]

    def invert(self) -> None:
        """Select what is not selected, and the other way round, among the messages of the visible clusters."""
        out, visible = set(self.excluded), set(self.visible())
        shown = dict.fromkeys(
            str(snippet["uid"])
            for cluster in self.clusters
            if str(cluster["id"]) in visible
            for snippet in cluster.get("snippets", ())
        )
        hidden = [uid for uid in self.excluded if uid not in shown]
        self.excluded = [*hidden, *(uid for uid in shown if uid not in out)]

    def selected_uids(self, cluster_id: str) -> list[str]:
        """Return the selected ones among the shown messages of a cluster."""
        out = set(self.excluded)
        return [
            str(snippet["uid"])
            for cluster in self.clusters
            if cluster["id"] == cluster_id
            for snippet in cluster.get("snippets", ())
            if snippet["uid"] not in out
        ]

    def _applied(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        # Counted here again: the browser names clusters, Python decides which messages that means.
        known = {str(cluster["id"]): cluster for cluster in self.clusters}
        asked = content.get("cluster_ids")
        ids = [str(one) for one in asked if str(one) in known] if isinstance(asked, list) else []
        gone = content.get("excluded")
        if isinstance(gone, list):
            self.excluded = [str(uid) for uid in gone]
        picked = {one: self.selected_uids(one) for one in ids}
        ids = [one for one in ids if picked[one]]
        shown = [str(s["uid"]) for one in ids for s in known[one].get("snippets", ())]
        uids = list(dict.fromkeys(uid for one in ids for uid in picked[one]))
        if uids:
            self._apply(
                ApplyEvent(
                    label=str(content["label"]),
                    new=bool(content.get("new")),
                    cluster_ids=ids,
                    uids=uids,
                    excluded=[uid for uid in dict.fromkeys(shown) if uid not in set(uids)],
                )
            )
        return len(uids)

    def _opened(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.active_id = str(content.get("cluster_id"))
        self._open(self.active_id)
        return None
