"""The test messages behind one label's figures: which are right and wrong, what it is mixed up with, by group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import ipywidgets as ipw

from workbench import charts
from workbench.domain import (
    BREAKDOWNS,
    JudgedMessage,
    LabelId,
    LabelOutcomes,
    Message,
    Outcome,
    Uid,
)
from workbench.errors import InputError, NotTrainedError, TooFewAnnotationsError
from workbench.primitives.colour import colour_of
from workbench.widgets.elements import DataTable, MessageList
from workbench.widgets.panels.base import Panel, empty, fill, rows_of, section
from workbench.widgets.panels.reading import Reader
from workbench.widgets.panels.rows import card_row, list_row

View = Outcome | Literal["mixed_up", "groups"]
_WORDS: dict[Outcome, str] = {
    "false_positive": "Wrong",
    "false_negative": "Missed",
    "true_positive": "Right",
    "true_negative": "Rightly without",
}
_MEANS: dict[View, str] = {
    "false_positive": "Predicted, but nobody gave it the label; the likeliest first.",
    "false_negative": "It has the label, but was not predicted; the least likely first.",
    "true_positive": "Predicted, and it has the label; the likeliest first.",
    "true_negative": "Not predicted, and it does not have the label; the likeliest first.",
    "mixed_up": "Labels that messages got in the place of this one, or this one in their place.",
    "groups": "Precision and recall of this label by what the messages have in common.",
}
_MIXED = [
    {"key": "label", "title": "Mixed up with", "width": 240},
    {"key": "taken_for", "title": "Given instead", "kind": "number", "width": 150},
    {"key": "taken_from", "title": "Should have been", "kind": "number", "width": 170},
]
_SHARE = {"kind": "percent", "width": 106}
_GROUPS = [
    {"key": "value", "title": "Group", "width": 180},
    {"key": "n", "title": "Messages", "kind": "number", "width": 96},
    {"key": "n_label", "title": "With the label", "kind": "number", "width": 140},
    {"key": "precision", "title": "Precision", **_SHARE},
    {"key": "precision_low", "title": "95 % from", **_SHARE},
    {"key": "precision_high", "title": "to", **_SHARE},
    {"key": "recall", "title": "Recall", **_SHARE},
    {"key": "recall_low", "title": "95 % from", **_SHARE},
    {"key": "recall_high", "title": "to", **_SHARE},
]
_PLAIN = {"source": "Source", "language": "Language", "month": "Month"}
_MOST_PROPERTIES = 200


class BehindLabel:
    """What a threshold makes of the test messages of one label.

    Parameters
    ----------
    panel
        The panel that it is a part of.
    turn_to
        Called with the id of a label that the person wants to see.
    """

    def __init__(self, panel: Panel, turn_to: Callable[[str], None]) -> None:
        self._panel = panel
        self._settling = False
        self._asked: tuple[LabelId, float, int] | None = None
        self.found: LabelOutcomes | None = None
        self.view = ipw.ToggleButtons(style={"button_width": "auto"})
        self.view.add_class("wb-parts")
        self.means = panel.words()
        self.messages = MessageList(
            height=300, selectable=False, title="Test messages", empty_text="No test message."
        )
        self.messages.on_page(self.page)
        self.messages.on_open(panel.heard(self.read))
        self.reader = Reader()
        self.reader.on_close(panel.guard(self.close))
        self.mixed = DataTable(columns=_MIXED, height=300, title="Labels mixed up with this one")
        self.mixed.on_open(panel.heard(turn_to))
        self.by = ipw.Dropdown(
            description="By", layout=ipw.Layout(width="280px"), style={"description_width": "initial"}
        )
        self.groups = DataTable(columns=_GROUPS, height=300, title="Precision and recall by group")
        self.view.observe(self._unless_settling(self.show_view), "value")
        self.by.observe(self._unless_settling(self.show_groups), "value")
        self._shown = ipw.VBox()
        self.widget = section("Test messages behind it", self.view, self.means, self._shown)

    def offer_groups(self) -> None:
        """Offer what the dataset's messages can be grouped by."""
        dataset = self._panel.dataset
        names = dataset.operations.filter_values(dataset.dataset_id, "property", n_most=_MOST_PROPERTIES)
        plain = [(_PLAIN[one], one) for one in BREAKDOWNS]
        properties = [(one.value.partition(":")[2], one.value) for one in names.values]
        known, chosen = [*plain, *properties], self.by.value

        def offer() -> None:
            self.by.options = known
            self.by.value = chosen if chosen in (value for _, value in known) else known[0][1]

        self._quietly(offer)

    def show(self, label_id: LabelId, threshold: float, version: int) -> None:
        """Show the test messages of a label at a threshold."""
        dataset = self._panel.dataset
        try:
            found = dataset.operations.label_outcomes(dataset.dataset_id, label_id, threshold, version)
        except (
            NotTrainedError,
            TooFewAnnotationsError,
            InputError,
        ) as error:  # none kept, or the label is gone
            self._asked = self.found = None
            self.means.value = empty(error.message, error.next_step)
            self.view.layout.display, self._shown.children = "none", ()
            return
        self._asked, self.found = (label_id, threshold, version), found
        (counts,) = rows_of(charts.outcome_counts(found))
        options: list[tuple[str, View]] = [
            *((f"{words} {counts[one]:,}", one) for one, words in _WORDS.items()),
            (f"Mixed up with {counts['n_mixed_up']:,}", "mixed_up"),
            ("By group", "groups"),
        ]
        chosen = self.view.value

        def offer() -> None:
            self.view.options = options
            self.view.value = chosen or next(iter(_WORDS))

        self._quietly(offer)
        self.view.layout.display = None
        self.show_view()

    def show_view(self) -> None:
        """Show the messages of an outcome, the labels mixed up, or the groups; what is not shown is not there."""
        chosen: View | None = self.view.value
        if self.found is None or chosen is None:
            return
        self.close()
        # The counts stand on the buttons above.
        self.means.say(f'<p class="wb-status">{_MEANS[chosen]}</p>', charts.outcome_counts(self.found))
        if chosen == "mixed_up":
            fill(self.mixed, charts.labels_mixed_up(self.found))
            self._shown.children = (self.mixed,)
        elif chosen == "groups":
            self.show_groups()
            self._shown.children = (self.by, self.groups)
        else:
            self.messages.reload(getattr(self.found.counts, chosen))
            self._shown.children = (self.messages,)

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows for the list: what the message carries, and how likely the label was said to be."""
        if self._asked is None or limit < 1 or self.view.value not in _WORDS:
            return []
        label_id, threshold, version = self._asked
        dataset = self._panel.dataset
        found = dataset.operations.outcome_messages(
            dataset.dataset_id, label_id, self.view.value, threshold, version, offset, min(limit, 256)
        )
        names = {str(one.label_id): one.name for one in dataset.operations.labels(dataset.dataset_id)}
        return [self._row(one, names, label_id) for one in found.messages]

    def show_groups(self) -> None:
        """Fill the table of groups."""
        if self._asked is None or self.by.value is None:
            return
        label_id, threshold, version = self._asked
        dataset = self._panel.dataset
        found = dataset.operations.validation_breakdown(
            dataset.dataset_id, self.by.value, label_id, threshold, version
        )
        fill(self.groups, charts.breakdown_groups(found, threshold))

    def read(self, uid: str) -> None:
        """Show a whole message below the list.

        Raises
        ------
        InputError
            It is gone.
        """
        dataset = self._panel.dataset
        found: tuple[Message, ...] = dataset.operations.get_messages(dataset.dataset_id, (Uid(uid),))
        if not found:
            raise InputError(
                "this message is gone.", next_step="Somebody deleted it; choose the label again."
            )
        names = {str(one.label_id): one.name for one in dataset.operations.labels(dataset.dataset_id)}
        self.reader.show(card_row(found[0]), list_row(found[0], names)["labels"])
        self._shown.children = (self.messages, self.reader.widget)

    def close(self) -> None:
        """Take the message away."""
        if self.reader.shown:
            self.reader.hide()
            self._shown.children = (self.messages,)
        self.messages.active_id = ""

    def _row(self, one: JudgedMessage, names: dict[str, str], label_id: LabelId) -> dict[str, Any]:
        row = list_row(one.message, names)
        said = {
            "id": label_id,
            "path": names.get(str(label_id), str(label_id)),
            "colour": colour_of(label_id),
            "probability": one.probability,
            "state": "predicted",
        }
        return row | {"labels": [said, *(label for label in row["labels"] if label["state"] != "predicted")]}

    def _quietly(self, set_controls: Callable[[], None]) -> None:
        """Set controls without hearing of it."""
        self._settling = True
        try:
            set_controls()
        finally:
            self._settling = False

    def _unless_settling(self, action: Callable[[], None]) -> Callable[[object], None]:
        guarded = self._panel.guard(action)
        return lambda _change: None if self._settling else guarded()
