"""Discover: bring messages in, see what people write about, label it in bulk."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import ipywidgets as ipw
import numpy as np

from workbench import charts
from workbench.domain import (
    ClusterRun,
    DiscoverOptions,
    Event,
    LabelId,
    MapData,
    MessageFilter,
    ReviewMode,
    Uid,
)
from workbench.widgets.elements import ApplyEvent, ClusterGrid, Form, MessageMap, pack_mask
from workbench.widgets.panels.base import Panel, bar
from workbench.widgets.panels.cluster_map import map_html, show_points
from workbench.widgets.panels.deleting import ask_how, ask_original, by_source
from workbench.widgets.panels.editing import Offers
from workbench.widgets.panels.exporting import ExportBox
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.panels.importing import ImportWizard
from workbench.widgets.panels.labelling import add_label, sentiment_choice
from workbench.widgets.panels.listing import Listing
from workbench.widgets.panels.questions import Questions
from workbench.widgets.panels.rows import cluster_row, taxonomy_rows
from workbench.widgets.state import PanelState, short

SHOWN, CARDS = 30, 12
"""Clusters side by side, and messages of each."""
_PAGE = 256
_MOST_HITS = 1024


class DiscoverPanel(Panel):
    """Map, clusters, search, bulk labels.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Discover"
    gated: ClassVar[Mapping[str, str]] = {
        "run_button": "start_discover",
        "label_button": "judge",
        "delete_button": "delete_messages",
    }

    def dim(self) -> None:
        """Also what the cards of the clusters offer."""
        super().dim()
        self.clusters.can_label = not self.refusal("judge")

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.map = MessageMap(height=520, category_kind="clusters")
        self.map.on_select(self.heard(self.select))
        self.map.on_hover(self.tooltip)
        self.clusters = ClusterGrid()
        self.clusters.add_class("wb-section")
        self.clusters.on_apply(self.apply)
        self.clusters.on_open(self.heard(self.open_cluster))
        self.listing = Listing(lambda: self.dataset)
        self.found, self.reader = self.listing.found, self.listing.reader
        self.found.on_open(self.heard(self.listing.read))
        self.reader.on_close(self.guard(self.listing.close))
        self.reader.on_delete_original(self.guard(self.delete_original))
        self.filters = FilterBar(self.state, Offers(self))
        self.filters.on_change(self.guard(self.filter))
        self.search = self.filters.text
        self.method = ipw.Dropdown(
            options=[("HDBSCAN (fast)", "fast_hdbscan"), ("HDBSCAN", "hdbscan"), ("EVoC", "evoc")],
            description="Clusters by",
            layout=ipw.Layout(width="240px"),
            style={"description_width": "72px"},
        )
        self.run_button = ipw.Button(
            description="Discover", button_style="primary", tooltip="Embed, map, cluster, name"
        )
        self.run_button.on_click(self.guard(self.discover))
        self.label_name = ipw.Text(
            placeholder="Label: Parent > Child", tooltip="Label for the selected messages"
        )
        self.label_name.add_class("wb-grow")
        self.sentiment = sentiment_choice()
        self.label_button = ipw.Button(description="Label selected")
        self.label_button.on_click(self.aside(self.label_button, self.label_selected, busy="Labelling …"))
        self.delete_button = ipw.Button(description="Delete …", tooltip="Delete the selected messages")
        self.delete_button.on_click(self.aside(self.delete_button, self.delete_selected, busy="Counting …"))
        self.form = Form()
        self.questions = Questions(self.form, self.show_deleted)
        self.form.on_submit(self.questions.save)
        self.summary = self.words()
        self.importer = ImportWizard(self)
        self.importer.on_loaded(self.show_loaded)
        self.intake = ipw.Accordion([self.importer.widget], titles=("Import messages",))
        self.export = ExportBox(lambda: self.dataset, self.listing.listed)
        self._points: MapData | None = None
        self._run_id = ""
        self.summary.add_class("wb-grow")
        map_side = ipw.VBox([self.map, bar(self.summary, self.method, self.run_button)])
        self._labelling = bar()
        self._offer_labelling()
        list_side = ipw.VBox(
            [
                self.found,
                self.reader.widget,
                self._labelling,
                self.form,
            ]
        )
        columns = ipw.HBox([map_side, list_side])
        columns.add_class("wb-columns")
        self._rest = ipw.VBox([self.filters.widget, columns, self.clusters])
        run = self._show_first()
        # The cards rest on hundreds of messages: map and list are on screen before they are read.
        threading.Thread(
            target=self._quietly, args=(partial(self._show_clusters, run),), name="cards", daemon=True
        ).start()
        return ipw.VBox([self.intake, self._rest])

    def refresh(self) -> None:
        """Read map, clusters and taxonomy again; a message that somebody is reading stays."""
        self._show_clusters(self._show_first())

    def _show_first(self) -> ClusterRun | None:
        """Show everything but the cards of the clusters; returns the run they are of."""
        info = self.dataset.info
        if not info.n_messages:
            self.intake.selected_index = 0
        self._rest.layout.display = None if info.n_messages else "none"
        self._read_labels()
        sources = [one for one in self.operations.sources() if one.source_id in info.source_ids]
        self.filters.offer_sources(sources)
        self.importer.offer(sources)
        run = self.operations.cluster_run(self.dataset.dataset_id)
        self._show_map(run, self.operations.map_data(self.dataset.dataset_id), info.encoder)
        self._list_filtered()
        return run

    def restart(self) -> None:
        """Another dataset: its own source to import into, no filter."""
        self.filters.show(self.state)
        self.intake.selected_index = None
        self._offer_labelling()
        self.listing.close()
        self.refresh()

    def show_again(self, state: PanelState) -> None:
        """List what an earlier filter passes."""
        self.filters.show(state)
        self.filter()

    def show_loaded(self) -> None:
        """Messages were loaded: show them, and leave the outcome of the import on screen."""
        self.refresh()
        self.intake.selected_index = 0

    def discover(self) -> None:
        """Start embedding, mapping, clustering and naming."""
        job_id = self.operations.start_discover(
            self.dataset.dataset_id, DiscoverOptions(method=self.method.value)
        )
        self.follow(job_id, then=self.refresh)

    def filter(self) -> None:
        """List the messages that pass the filter bar; nothing set = all, newest first."""
        self.listing.close()
        self._list_filtered()

    def find(self, text: str) -> None:
        """List the messages that hold all words."""
        self.filters.text.value = text

    def select(self, mask: np.ndarray) -> None:
        """List the messages of a lasso, those in its middle first; nothing selected = what the filter passes."""
        if self._points is None or not mask.any():
            self.filter()
            return
        rows = np.flatnonzero(mask)
        place = self._points.xy[rows]
        near = np.argsort(((place - place.mean(axis=0)) ** 2).sum(axis=1), kind="stable")
        self._list(tuple(self._points.uids[row] for row in rows[near]), "cluster")

    def open_cluster(self, cluster_id: str) -> None:
        """List the messages of a cluster and bring them forward on the map."""
        run = self.operations.cluster_run(self.dataset.dataset_id)
        chosen = next((c for c in run.clusters if str(c.cluster_id) == cluster_id), None) if run else None
        if chosen is None:
            return
        self._list(MessageFilter(clusters=(chosen.cluster_id,)), "cluster", chosen.phrases)
        if self._points is not None:
            self.map.highlight = pack_mask(self._points.cluster == chosen.cluster_id)

    def tooltip(self, row: int) -> str | None:
        """Text for the point under the pointer."""
        if self._points is None:
            return None
        found = self.operations.get_messages(self.dataset.dataset_id, (self._points.uids[row],))
        if not found:
            return None
        head = short(found[0].subject or found[0].body, 80)
        return f"{head}\n{short(found[0].body, 160)}"

    def apply(self, event: ApplyEvent) -> None:
        """Give a label to the selected messages of clusters."""
        label_id = self._label(event["label"], new=event["new"])
        self._assign([Uid(uid) for uid in event["uids"]], label_id, "cluster")
        self.clusters.clusters = [
            {**one, "done": True, "labels": [*one.get("labels", []), label_id]}
            if one["id"] in event["cluster_ids"]
            else one
            for one in self.clusters.clusters
        ]

    def label_selected(self) -> None:
        """Give the typed label to the messages selected in the list."""
        uids = self.listing.chosen()
        label_id = self._label(self.label_name.value, new=True)
        self._assign(uids, label_id, self.listing.picked_by)
        self.tell(f"{len(uids)} messages labelled {self.listing.names[label_id]}.")
        self.listing.untick()
        self.found.reload()

    def delete_selected(self) -> None:
        """Say what deleting the messages selected in the list takes, and ask how."""
        ask_how(self.operations, self.questions.ask, by_source(self.listing.chosen()), about="the list")

    def delete_original(self) -> None:
        """Say what deleting the mail goes with that the message on screen came as, and ask how."""
        if self.listing.message is not None:
            ask_original(self.operations, self.questions.ask, self.listing.message)

    def show_deleted(self, said: str) -> None:
        """Messages are gone: list and map without them."""
        self.listing.untick()
        self.listing.close()
        self.refresh()
        self.tell(said)

    def hear(self, event: Event) -> None:
        """A new map or new labels: show them."""
        if event.topic == "discover":
            self.refresh()
        elif event.topic == "taxonomy":
            self._read_labels()
        elif event.topic == "import":
            self._show_newer()
        elif event.topic == "model":
            self.found.reload()  # other predictions

    def _show_newer(self) -> None:
        """Count messages that came in; what a person is reading or has lassoed stays."""
        if self._rest.layout.display is not None:
            self.refresh()
            return
        run = self.operations.cluster_run(self.dataset.dataset_id)
        if run is not None:
            self._summarise(run, self.dataset.info.encoder)
        if not self.reader.shown:
            self.listing.count()

    def _read_labels(self) -> None:
        labels = self.operations.labels(self.dataset.dataset_id)
        self.listing.names = {one.label_id: one.name for one in labels}
        self.clusters.taxonomy = taxonomy_rows(labels)
        self.filters.offer_labels(labels)

    def _list_filtered(self) -> None:
        self.show_state(self.filters.state(self.state))
        words = self.state.text.split()
        phrases = tuple(word.strip('"') for word in words if word.strip('"'))
        self.map.highlight = b""
        self.listing.show(self.filters.where(self.state), "search" if words else "recent", phrases)
        self._bring_forward_hits()
        conditions = self.state.conditions()
        asked = f"ds.messages({conditions})" if conditions else "ds.clusters()"
        self.code.code = self.state.code(f"ds.discover()\n{asked}")

    def _list(
        self, what: MessageFilter | tuple[Uid, ...], picked_by: ReviewMode, phrases: tuple[str, ...] = ()
    ) -> None:
        self.listing.close()
        self.map.highlight = b""
        self.listing.show(what, picked_by, phrases)

    def _bring_forward_hits(self) -> None:
        """Show on the map what the filter passes, while that is few enough to be told one by one."""
        if (
            self._points is None
            or self.listing.where in (None, MessageFilter())
            or not 0 < self.found.total <= _MOST_HITS
        ):
            return
        hits: set[str] = set()
        for offset in range(0, self.found.total, _PAGE):
            found = self.operations.find_messages(
                self.dataset.dataset_id, self.listing.where or MessageFilter(), offset=offset, limit=_PAGE
            )
            hits |= {one.uid for one in found.messages}
        self.map.highlight = pack_mask(np.fromiter((uid in hits for uid in self._points.uids), dtype=bool))

    def _offer_labelling(self) -> None:
        """What can be done with the selected messages; how a label is meant only where labels have a sentiment."""
        mood = [self.sentiment] if self.dataset.info.has_sentiment else []
        self._labelling.children = (
            self.label_name,
            *mood,
            self.label_button,
            self.delete_button,
            *self.export.widgets,
        )

    def _label(self, name_or_id: str, *, new: bool) -> LabelId:
        if not new and name_or_id in self.listing.names:
            return LabelId(name_or_id)
        made = self.operations.create_label(self.dataset.dataset_id, name_or_id)
        self.listing.names[made.label_id] = made.name
        return made.label_id

    def _assign(self, uids: list[Uid], label_id: LabelId, mode: ReviewMode) -> None:
        said = self.sentiment.value if self.dataset.info.has_sentiment else None
        add_label(self.operations, self.dataset.dataset_id, uids, label_id, mode, said)

    def _show_map(self, run: ClusterRun | None, points: MapData | None, encoder: str) -> None:
        self._points = points if run else None
        show_points(self.map, run, points)
        self._summarise(run if points else None, encoder)

    def _summarise(self, run: ClusterRun | None, encoder: str) -> None:
        self.summary.say(map_html(run, encoder), *([charts.map_counts(run)] if run else []))

    def _show_clusters(self, run: ClusterRun | None) -> None:
        self.figure_of(self.clusters, charts.cluster_sizes(run, top=SHOWN) if run else None)
        if run is None:
            self.clusters.clusters = []
            return
        shown = run.clusters[:SHOWN]
        uids = tuple(uid for cluster in shown for uid in cluster.shown[:CARDS])
        read = {
            one.uid: one
            for start in range(0, len(uids), 500)
            for one in self.operations.get_messages(self.dataset.dataset_id, uids[start : start + 500])
        }
        with self.clusters.hold_sync():
            if run.run_id != self._run_id:  # of other clusters all is selected again
                self._run_id, self.clusters.excluded = run.run_id, []
            self.clusters.unclustered = run.share_unclustered
            self.clusters.clusters = [
                cluster_row(cluster, [read[uid] for uid in cluster.shown[:CARDS] if uid in read])
                for cluster in shown
            ]
