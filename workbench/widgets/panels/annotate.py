"""Annotate: one message after the other, chosen by a query strategy; others' judgements appear as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import ipywidgets as ipw

from workbench.domain import Label, LabelId, Message, MessageFilter, ReviewMode, Uid
from workbench.errors import InputError
from workbench.widgets.panels.base import bar
from workbench.widgets.panels.editing import Offers
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.panels.judging import Offer
from workbench.widgets.panels.reviewing import MODES, OF_LABEL, ReviewPanel
from workbench.widgets.panels.suspecting import CAPTION, SUSPECTS, Suspecting
from workbench.widgets.panels.taxonomy_files import TaxonomyFiles
from workbench.widgets.state import PanelState

BATCH = 20
POPULATION: dict[str, str] = {
    "check": "yes",
    "cluster": "no",
    "label": "no",
    "low_confidence": "no",
    "missed": "yes",
    "rebalance": "no",
    "shuffle": "no",
    "suspects": "yes",
    "teach": "no",
}
"""Modes that are about reviewed messages only, or about the others; the rest show any."""
MOST = 256
_RANDOM = ("shuffle", "rebalance")
_SHOWN: tuple[tuple[str, str], ...] = (*MODES[:-1], (CAPTION, SUSPECTS), MODES[-1])


class AnnotatePanel(ReviewPanel):
    """Review messages.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.mode``, ``state.label`` and ``state.text`` choose the first batch.
    """

    name: ClassVar[str] = "Annotate"
    gated: ClassVar[Mapping[str, str]] = {
        "train_button": "start_train",
        "next_button": "next_batch",
        "keeping.keep": "keep_as_is",
        "keeping.undo": "keep_as_is",
        "taxonomy_files.import_button": "import_labels",
    }

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.make_choice("Show", _SHOWN, self.state.mode)
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
        self.make_desk()
        self.suspecting = Suspecting(self)
        self.card.on_need_more(lambda _after: self.more())
        self.taxonomy_files = TaxonomyFiles(self.taxonomy)
        self.tree.observe(self._unless_settling(self.teach), "selected_ids")
        self._shown: tuple[str, str | None] = ("", None)
        self.refresh()
        for control in (self.mode, self.label):
            control.observe(self._settled(self.change_batch), "value")
        self.guard(self.new_batch)()
        controls = bar(self.mode, self.label, self.next_button, self.train_button, *self.keeping.widgets)
        desk = self.desk(*self.taxonomy_files.widgets)
        return ipw.VBox([controls, self.filters.widget, self.suspecting.line, desk])

    def doubted(self, uid: str) -> tuple[LabelId, ...]:
        """The labels that a suspect is in the queue for; in other modes none."""
        return self.suspecting.doubted(uid)

    def refresh(self) -> None:
        """Read everything beside the messages again; what is on the card stays."""
        info = self.dataset.info
        self.filters.offer_sources(
            [one for one in self.operations.sources() if one.source_id in info.source_ids]
        )
        self.card.has_sentiment = info.has_sentiment
        super().refresh()

    def offer_labels(self, labels: Sequence[Label]) -> None:
        """Offer these labels; where the one that the batch is about is gone, another batch comes."""
        self.filters.offer_labels(labels)
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
            if before and before not in known and self.mode.value in OF_LABEL and self.state.label:
                self._leave_label()
            elif kept == before and self.state.label not in ("", self.label.label):  # it was renamed or moved
                self.show_state(self.state.with_(label=str(self.label.label)))
                self.code.code = self.state.code(self._call())

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
        known, labels = {mode for _, mode in _SHOWN}, dict(self.label.options)
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
        if chosen is None or (chosen == self.label.value and self.mode.value in OF_LABEL):
            return
        self._settling = True
        try:
            self.label.value = chosen
            if self.mode.value not in OF_LABEL:
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
        self.label.layout.display = None if mode in OF_LABEL else "none"
        self.keeping.show(mode)
        self.suspecting.show(mode)
        label = str(self.label.label or "") if mode in OF_LABEL else ""
        self.tree.selected_ids = [self.label.value] if label else []
        self.filters.lock_review(POPULATION.get(mode))
        self.show_state(self.filters.state(self.state.with_(mode=mode, label=label)))
        self.code.code = self.state.code(self._call())
        self._queued, self._shown = set(), self._chosen()
        refused = self.refusal("judge")
        try:
            rows, why_empty = [] if refused else self._rows(self._pick()), ""
            if refused:
                why_empty = (
                    f"You may look at this dataset, not annotate it. {refused} Its messages are in Discover."
                )
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

    def _why_empty(self) -> str:
        """What an empty queue says: why, and what to do."""
        if not self.dataset.info.n_messages:
            return "There are no messages yet. Import some in Discover."
        if self.mode.value == "search":
            return "No message has these words." if self.search.value.strip() else "Type words to search for."
        if self.mode.value in OF_LABEL and not self.label.options:
            return "There is no label yet. Create one in the taxonomy, or choose another mode."
        if self.filters.where(self.state) != MessageFilter():
            return "No message to review passes the filter. Take a condition away, or choose another mode."
        return "This mode has no message to review. Choose another one."

    def _chosen(self) -> tuple[str, str | None]:
        mode = self.mode.value
        return mode, self.label.value if mode in OF_LABEL else None

    def _call(self) -> str:
        conditions = self.state.conditions()
        if self.state.mode == "search":
            return f"ds.messages({conditions})"
        if self.state.mode == SUSPECTS:
            return f"ds.suspects({BATCH})"
        label = f"label={self.state.label!r}" if self.state.label else ""
        return f"ds.next_batch({', '.join(filter(None, (repr(self.state.mode), str(BATCH), label, conditions)))})"

    def _pick(self) -> list[Message]:
        version = self.dataset.info.model_version or None
        if self.mode.value == SUSPECTS:
            return self._suspect(version)
        mode: ReviewMode = self.mode.value
        if mode == "search":
            return self._search(version)
        if mode in OF_LABEL and not self.label.value:
            return []
        label_id = LabelId(self.label.value) if mode in OF_LABEL else None
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

    def _suspect(self, version: int | None) -> list[Message]:
        """The next messages whose labels may be wrong, most suspect first; each would always be picked."""
        found = self.suspecting.pick(BATCH, self._queued, self.filters.where(self.state))
        for one in found:
            self.judging.offers[one.uid] = Offer(
                mode=self.suspecting.mode_of(one), probability=1.0, model_version=version
            )
        return self._read([one.uid for one in found])

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
