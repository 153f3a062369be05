"""Annotate: one message after the other, chosen by a query strategy; others' judgements appear as they come."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench.domain import (
    Event,
    EventPage,
    LabelId,
    Message,
    MessageFilter,
    ReviewMode,
    ThreadLetter,
    Uid,
)
from workbench.errors import InputError
from workbench.widgets.elements import AnnotationCard
from workbench.widgets.panels.base import Panel, bar, section
from workbench.widgets.panels.editing import Offers
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.panels.judging import CardJudging, Offer, told
from workbench.widgets.panels.keeping import Keeping
from workbench.widgets.panels.labelling import in_words
from workbench.widgets.panels.rows import card_row, taxonomy_rows
from workbench.widgets.panels.taxonomy import TaxonomyEditor
from workbench.widgets.panels.taxonomy_files import TaxonomyFiles
from workbench.widgets.state import PanelState

BATCH = 20
MODES: tuple[tuple[str, ReviewMode], ...] = (
    ("Shuffle: a random sample", "shuffle"),
    ("Cluster: typical messages of each cluster", "cluster"),
    ("Recent: the newest", "recent"),
    ("Low confidence: least covered", "low_confidence"),
    ("Rebalance: under-represented", "rebalance"),
    ("Teach label: unsure", "teach"),
    ("Label: most confident", "label"),
    ("Check label: may be wrong", "check"),
    ("Missed label: may be missing", "missed"),
    ("Search: messages with these words", "search"),
)
POPULATION: dict[str, str] = {
    "check": "yes",
    "cluster": "no",
    "label": "no",
    "low_confidence": "no",
    "missed": "yes",
    "rebalance": "no",
    "shuffle": "no",
    "teach": "no",
}
"""Modes that are about reviewed messages only, or about the others; the rest show any."""
MOST = 256
_MOST_READ = 512
_RANDOM = ("shuffle", "rebalance")
_NEEDS_LABEL = ("teach", "label", "check", "missed")


class AnnotatePanel(Panel):
    """Review messages.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.mode``, ``state.label`` and ``state.text`` choose the first batch.
    """

    name: ClassVar[str] = "Annotate"

    def build(self) -> ipw.Widget:
        """Make the body."""
        known = {mode for _, mode in MODES}
        self.mode = ipw.Dropdown(
            options=list(MODES),
            value=self.state.mode if self.state.mode in known else "shuffle",
            description="Show",
            layout=ipw.Layout(width="330px"),
            style={"description_width": "40px"},
        )
        self.label = ipw.Dropdown(
            description="Label",
            options=[],
            layout=ipw.Layout(width="320px"),
            style={"description_width": "40px"},
        )
        self.filters = FilterBar(self.state, Offers(self), without=("label",))
        self.filters.on_change(self.guard(self.new_batch))
        self.search = self.filters.text
        self.next_button = ipw.Button(
            description="New batch", tooltip="Choose other messages by the same mode"
        )
        self.next_button.on_click(self.guard(self.new_batch))
        self.train_button = ipw.Button(
            description="Train", button_style="primary", tooltip="Train on all that is reviewed"
        )
        self.train_button.on_click(self.guard(self.train))
        self.card = AnnotationCard()
        self.judging = CardJudging(
            self.card, self.operations, lambda: self.dataset.dataset_id, made_labels=self.name_labels
        )
        self.keeping = Keeping(self, self.card, self.label)
        self.judging.on_stored(self.keeping.follow)
        self.card.on_need_more(lambda _after: self.more())
        self.taxonomy = TaxonomyEditor(self, height=620)
        self.taxonomy_files = TaxonomyFiles(self.taxonomy)
        self.tree = self.taxonomy.tree
        self.tree.observe(self._unless_settling(self.teach), "selected_ids")
        self._queued: set[str] = set()
        self._shown: tuple[str, str | None] = ("", None)
        self.refresh()
        for control in (self.mode, self.label):
            control.observe(self._settled(self.change_batch), "value")
        side = section("Taxonomy", self.taxonomy.asking, self.tree, *self.taxonomy_files.widgets)
        side.add_class("wb-side")
        columns = ipw.HBox([self.card, side])
        columns.add_class("wb-columns")
        columns.add_class("wb-main-side")
        self.guard(self.new_batch)()
        controls = bar(self.mode, self.label, self.next_button, self.train_button, *self.keeping.widgets)
        return ipw.VBox([controls, self.filters.widget, columns])

    def refresh(self) -> None:
        """Read everything beside the messages again; what is on the card stays."""
        info = self.dataset.info
        self.filters.offer_sources(
            [one for one in self.operations.sources() if one.source_id in info.source_ids]
        )
        self.card.has_sentiment = info.has_sentiment
        self._report = self.operations.validation(self.dataset.dataset_id)
        self.read_labels()

    def read_labels(self) -> None:
        """Read the labels and their counts again; what is on the card stays."""
        labels = self.operations.labels(self.dataset.dataset_id)
        self.filters.offer_labels(labels)
        self.card.taxonomy = taxonomy_rows(labels)
        self.taxonomy.show(labels, self._report)
        options = [(one.name, str(one.label_id)) for one in labels]
        if options != list(self.label.options):
            known, before = [label_id for _, label_id in options], self.label.value
            wanted = next((label_id for name, label_id in options if name == self.state.label), None)
            kept = self.label.value if self.label.value in known else wanted
            self._settling = True  # a longer taxonomy must not change the batch on screen
            try:
                self.label.options = options
                self.label.value = kept if kept is not None else next(iter(known), None)
            finally:
                self._settling = False
            if before and before not in known and self.mode.value in _NEEDS_LABEL and self.state.label:
                self._leave_label()
            elif kept == before and self.state.label not in ("", self.label.label):  # it was renamed or moved
                self.show_state(self.state.with_(label=str(self.label.label)))
                self.code.code = self.state.code(self._call())

    def name_labels(self) -> None:
        """Tell the card the labels there are now."""
        self.card.taxonomy = taxonomy_rows(self.operations.labels(self.dataset.dataset_id))

    def _leave_label(self) -> None:
        """The label that the batch is about is gone: turn to the one it hung from, or to a random sample."""
        gone = self.state.label
        above = gone.rpartition(" > ")[0]
        parent = dict(self.label.options).get(above) if above else None
        self._settling = True
        try:
            if parent is None:
                self.mode.value = "shuffle"
            else:
                self.label.value = parent
        finally:
            self._settling = False
        self.new_batch()
        shown = f"messages for {above!r}" if parent else "a random sample"
        self.tell(f"The label {gone!r} is gone.", f"The queue shows {shown} now.")

    def restart(self) -> None:
        """Another dataset: its taxonomy, no filter, and a fresh batch."""
        self.taxonomy.restart()
        self.filters.show(self.state)
        self.refresh()
        self.new_batch()

    def show_again(self, state: PanelState) -> None:
        """A batch by an earlier mode, label and filter."""
        known, labels = {mode for _, mode in MODES}, dict(self.label.options)
        self._settling = True
        try:
            self.mode.value = state.mode if state.mode in known else self.mode.value
            self.label.value = labels.get(state.label, self.label.value)
        finally:
            self._settling = False
        self.filters.show(state)
        self.new_batch()

    def teach(self) -> None:
        """Show messages for the label chosen in the tree; a mode that is about a label stays."""
        chosen = next(iter(self.tree.selected_ids), None)
        if chosen is None or (chosen == self.label.value and self.mode.value in _NEEDS_LABEL):
            return
        self._settling = True
        try:
            self.label.value = chosen
            if self.mode.value not in _NEEDS_LABEL:
                self.mode.value = "teach"
        finally:
            self._settling = False
        self.new_batch()

    def change_batch(self) -> None:
        """Another batch where the mode or its label is another than that of the one on screen."""
        if self._chosen() != self._shown:
            self.new_batch()

    def new_batch(self) -> None:
        """Choose messages by the mode, among those that pass the filter, and show the first."""
        mode = self.mode.value
        self.label.layout.display = None if mode in _NEEDS_LABEL else "none"
        self.keeping.show(mode)
        label = str(self.label.label or "") if mode in _NEEDS_LABEL else ""
        self.tree.selected_ids = [self.label.value] if label else []
        self.filters.lock_review(POPULATION.get(mode))
        self.show_state(self.filters.state(self.state.with_(mode=mode, label=label)))
        self.code.code = self.state.code(self._call())
        self._queued, self._shown = set(), self._chosen()
        try:
            rows, why_empty = self._rows(self._pick()), ""
        except InputError as error:  # the mode needs what is not there yet: said where the messages would be
            rows, why_empty = [], f"{error.message[:1].upper()}{error.message[1:]} {error.next_step}"
        with self.card.hold_sync():
            self.card.scope = str(self.dataset.dataset_id)
            words = self.state.text if mode == "search" else ""
            self.card.about = " · ".join(filter(None, (self.mode.label, label, words)))
            self.card.empty_text = why_empty or ("" if rows else self._why_empty())
            self.card.cursor = 0
            self.card.queue = rows

    def more(self) -> None:
        """Add another batch behind the one on screen."""
        rows = self._rows(self._pick())
        if rows:
            self.card.extend(rows)

    def train(self) -> None:
        """Start a training."""
        self.follow(self.operations.start_train(self.dataset.dataset_id), then=self.refresh)

    def hear(self, event: Event) -> None:
        """Show what other visitors did to messages of this queue."""
        if event.topic != "judgement" or event.subject not in self.judging.offers:
            return
        payload: dict[str, Any] = json.loads(event.payload)
        if payload["event_id"] not in self.judging.own:
            self.card.apply_remote(event.subject, told(payload, event.actor))

    def read_queue(self) -> None:
        """Show what a change of the taxonomy made of messages in the queue; what is not saved yet stays on top."""
        known = {row["uid"]: row["revision"] for row in self.card.queue[-_MOST_READ:]}
        uids = tuple(Uid(uid) for uid in known)
        for one in self.operations.get_messages(self.dataset.dataset_id, uids) if uids else ():
            if one.revision > known[one.uid]:
                self.card.apply_remote(
                    one.uid,
                    {
                        "assigned": list(one.assigned),
                        "dismissed": list(one.dismissed),
                        "reviewed": one.reviewed,
                        "revision": one.revision,
                        "sentiments": in_words(one.sentiments),
                        "by": "A change of the taxonomy",
                    },
                )

    def take_news(self, page: EventPage) -> None:
        """As every panel; labels and their counts are read once per page of news, however long it is."""
        super().take_news(page)
        topics = {event.topic for event in page.events}
        if "model" in topics:
            self._quietly(self.refresh)
        elif topics & {"judgement", "taxonomy"}:
            self._quietly(self.read_labels)
        if "taxonomy" in topics:
            self._quietly(self.read_queue)

    def _why_empty(self) -> str:
        """What an empty queue says: why, and what to do."""
        if not self.dataset.info.n_messages:
            return "There are no messages yet. Import some in Discover."
        if self.mode.value == "search":
            return "No message has these words." if self.search.value.strip() else "Type words to search for."
        if self.mode.value in _NEEDS_LABEL and not self.label.options:
            return "There is no label yet. Create one in the taxonomy, or choose another mode."
        if self.filters.where(self.state) != MessageFilter():
            return "No message to review passes the filter. Take a condition away, or choose another mode."
        return "This mode has no message to review. Choose another one."

    def _chosen(self) -> tuple[str, str | None]:
        mode = self.mode.value
        return mode, self.label.value if mode in _NEEDS_LABEL else None

    def _call(self) -> str:
        conditions = self.state.conditions()
        if self.state.mode == "search":
            return f"ds.messages({conditions})"
        label = f"label={self.state.label!r}" if self.state.label else ""
        return f"ds.next_batch({', '.join(filter(None, (repr(self.state.mode), str(BATCH), label, conditions)))})"

    def _pick(self) -> list[Message]:
        version = self.dataset.info.model_version or None
        mode: ReviewMode = self.mode.value
        if mode == "search":
            return self._search(version)
        if mode in _NEEDS_LABEL and not self.label.value:
            return []
        label_id = LabelId(self.label.value) if mode in _NEEDS_LABEL else None
        asked = min(BATCH + len(self._queued), MOST)
        batch = self.operations.next_batch(
            self.dataset.dataset_id, mode, asked, label_id, where=self.filters.where(self.state)
        )
        pairs = zip(batch.uids, batch.probabilities, strict=True)
        fresh = [(uid, p) for uid, p in pairs if uid not in self._queued]
        taken = fresh[:BATCH]
        # Of a random draw only a part is shown: the chance of being shown is smaller by that part.
        part = len(taken) / max(len(fresh), 1) if mode in _RANDOM else 1.0
        for uid, p in taken:
            self.judging.offers[uid] = Offer(
                mode=batch.mode,
                probability=p * part,
                model_version=version,
                n_population=batch.n_population,
            )
        return self._read([uid for uid, _ in taken])

    def _search(self, version: int | None) -> list[Message]:
        """The next messages with the words, unreviewed and reviewed, best first; picked by hand, so no probability."""
        if not self.search.value.strip():
            return []
        found = self.operations.find_messages(
            self.dataset.dataset_id,
            self.filters.where(self.state),
            "relevance",
            offset=len(self._queued),
            limit=BATCH,
        ).messages
        for one in found:
            self.judging.offers[one.uid] = Offer(mode="search", probability=None, model_version=version)
        return self._read([one.uid for one in found])

    def _read(self, uids: list[Uid]) -> list[Message]:
        self._queued |= set(uids)
        return list(self.operations.get_messages(self.dataset.dataset_id, tuple(uids))) if uids else []

    def _rows(self, messages: list[Message]) -> list[dict[str, Any]]:
        run = self.operations.cluster_run(self.dataset.dataset_id) if messages else None
        phrases = {cluster.cluster_id: cluster.phrases for cluster in run.clusters} if run else {}
        words = tuple(word.strip('"') for word in self.state.text.split() if word.strip('"'))
        threaded = tuple(one.uid for one in messages if one.thread_id)
        letters = self.operations.thread_letters(self.dataset.dataset_id, threaded) if threaded else ()
        beside: dict[Uid, list[ThreadLetter]] = {}
        for letter in letters:
            beside.setdefault(letter.beside, []).append(letter)
        return [
            card_row(one, beside.get(one.uid, ()), words or phrases.get(one.cluster_id, ()))
            for one in messages
        ]
