"""Groups of like messages with which a label can begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as ipw

from workbench.charts import Figure
from workbench.domain import LabelId, Uid
from workbench.widgets.elements import ApplyEvent, ClusterGrid
from workbench.widgets.panels.base import Panel
from workbench.widgets.panels.labelling import add_label, sentiment_choice
from workbench.widgets.panels.rows import phrase_ranges, taxonomy_rows
from workbench.widgets.state import short

_SNIPPET = 220
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class SeedGroup:
    """A group as its card shows it: ``share`` of all messages it is counted in, in [0, 1]; ``seeds`` are messages of it."""

    name: str
    size: int
    share: float
    phrases: tuple[str, ...]
    seeds: tuple[Uid, ...]
    colour: str


class SeedGroups:
    """Cards of groups; what is typed there becomes a label of the messages selected on them.

    Parameters
    ----------
    panel
        On which they stand.
    title
        What the groups are.
    """

    def __init__(self, panel: Panel, title: str) -> None:
        self._panel = panel
        self.grid = ClusterGrid(title=title, can_open=False)
        self.grid.on_apply(self.apply)
        self.sentiment = sentiment_choice()
        self.widget = ipw.VBox([self.sentiment, self.grid])
        self.widget.add_class("wb-section")

    def show(self, groups: Sequence[SeedGroup], figure: Figure) -> None:
        """Show these groups, whose numbers are those of a figure, all messages selected; without one there is nothing to see."""
        panel = self._panel
        self.widget.layout.display = None if groups else "none"
        self.sentiment.layout.display = None if panel.dataset.info.has_sentiment else "none"
        uids = tuple(dict.fromkeys(uid for group in groups for uid in group.seeds))
        read = {
            one.uid: one
            for start in range(0, len(uids), _AT_ONCE)
            for one in panel.operations.get_messages(panel.dataset.dataset_id, uids[start : start + _AT_ONCE])
        }
        cards = []
        for number, group in enumerate(groups):
            texts = {
                uid: short(read[uid].body or read[uid].subject, _SNIPPET)
                for uid in group.seeds
                if uid in read
            }
            cards.append(
                {
                    "id": str(number),
                    "name": group.name,
                    "size": group.size,
                    "share": group.share,
                    "phrases": list(group.phrases),
                    "colour": group.colour,
                    "snippets": [
                        {"uid": uid, "text": text, "ranges": phrase_ranges(text, group.phrases)}
                        for uid, text in texts.items()
                    ],
                    "done": bool(texts) and all(read[uid].reviewed for uid in texts),
                    "labels": [],
                }
            )
        with self.grid.hold_sync():
            self.grid.excluded = []
            self.grid.can_label = not panel.refusal("judge")
            self.grid.clusters = cards
            self.show_labels()
        panel.figure_of(self.grid, figure)

    def show_labels(self) -> None:
        """Offer the labels that there are."""
        labels = self._panel.operations.labels(self._panel.dataset.dataset_id)
        self.grid.taxonomy = taxonomy_rows(labels)

    def apply(self, event: ApplyEvent) -> None:
        """Give a label, made if it is new, to the selected messages; an error is shown on the cards."""
        panel = self._panel
        known = {one["id"]: str(one["path"]) for one in self.grid.taxonomy}
        if event["new"] or event["label"] not in known:
            made = panel.operations.create_label(panel.dataset.dataset_id, event["label"])
            label_id, name = made.label_id, made.name
        else:
            label_id, name = LabelId(event["label"]), known[event["label"]]
        uids = [Uid(uid) for uid in event["uids"]]
        said = self.sentiment.value if panel.dataset.info.has_sentiment else None
        add_label(panel.operations, panel.dataset.dataset_id, uids, label_id, "cluster", said)
        self.show_labels()
        self.grid.clusters = [
            {**one, "done": True, "labels": [*one["labels"], label_id]}
            if one["id"] in event["cluster_ids"]
            else one
            for one in self.grid.clusters
        ]
        panel.tell(
            f"{len(uids)} messages labelled {name}.",
            "A label needs 25 examples: teach it in Annotate, then train and look again.",
        )
