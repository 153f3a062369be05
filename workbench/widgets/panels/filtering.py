"""Which messages: words, days, reviewed or not, label, source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import ipywidgets as ipw

from workbench.domain import Label, LabelFilter, LabelId, MessageFilter, Source, SourceId
from workbench.errors import FilterError
from workbench.widgets.elements import FilterChips
from workbench.widgets.panels.asking import AskLine
from workbench.widgets.panels.conditions import one_by_one
from workbench.widgets.panels.editing import FilterEditor, Names, Offers
from workbench.widgets.state import PanelState, read_day

_ANY = ""


class FilterBar:
    """The filter bar of a panel.

    Parameters
    ----------
    state
        What it shows at first.
    offers
        Values to choose from; None = what no control shows can be taken away, not added or changed.
    without
        ``label`` or ``review``: what the panel itself decides on; its control is left out.
    """

    def __init__(self, state: PanelState, offers: Offers | None = None, without: Sequence[str] = ()) -> None:
        self.text = ipw.Text(
            placeholder='Search messages, e.g. refund or "not received"', continuous_update=False
        )
        self.text.add_class("wb-grow")
        narrow = {"description_width": "36px"}
        self.since = ipw.DatePicker(description="From", style=narrow, layout=ipw.Layout(width="180px"))
        self.until = ipw.DatePicker(description="To", style=narrow, layout=ipw.Layout(width="180px"))
        self.review = ipw.Dropdown(
            options=[("All messages", ""), ("Reviewed", "yes"), ("Not reviewed", "no")],
            tooltip="Reviewed or not",
            layout=ipw.Layout(width="142px"),
        )
        self.label = ipw.Dropdown(
            options=[("Any label", _ANY)], tooltip="Label", layout=ipw.Layout(width="200px")
        )
        self.source = ipw.Dropdown(
            options=[("All sources", _ANY)], tooltip="Source", layout=ipw.Layout(width="170px")
        )
        self._without = tuple(without)
        self.chips = FilterChips()
        self.chips.add_class("wb-chips-line")
        self.chips.on_remove(self.remove)
        self._names = Names()
        self.editor = FilterEditor(
            read=lambda: self._asked.more, change=self.change, names=self._names, offers=offers
        )
        self.chips.edit_with(self.editor.open, self.editor.values, self.editor.apply)
        self.chips.menu = self.editor.menu
        self._changed: list[Callable[[], object]] = []
        self._settling = False
        self._asked = state
        self.show(state)
        for control in (self.text, self.since, self.until, self.review, self.label, self.source):
            control.observe(self._tell, "value")
        chosen = [self.review] * ("review" not in without) + [self.label] * ("label" not in without)
        self.asking = AskLine(self, offers.panel) if offers is not None else None
        asked = [self.asking.sentence] if self.asking is not None else []
        # One box for all: a page has at most 50 widgets.
        controls = ipw.HBox([self.text, self.since, self.until, *chosen, self.source, *asked, self.chips])
        controls.add_class("wb-bar")
        controls.add_class("wb-filters")
        self.widget = controls

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back when the person changed a condition."""
        self._changed.append(callback)

    def show(self, state: PanelState) -> None:
        """Set the controls from a state without telling anybody."""
        self._settling, self._asked = True, state
        try:
            self.text.value, self.review.value = state.text, state.review
            self.since.value, self.until.value = read_day(state.since), read_day(state.until)
            for control, name in ((self.label, state.label), (self.source, state.source)):
                control.value = dict(control.options).get(name, _ANY)
        finally:
            self._settling = False
        self._show_chips()

    def remove(self, place: int) -> None:
        """Take away a condition that no control shows."""
        self.change(one_by_one(self._asked.more)[place].rest)

    def change(self, more: MessageFilter) -> None:
        """Have other conditions than those that the controls show.

        Raises
        ------
        FilterError
            Labels of which any is enough, while the control asks for a label that must be there.
        """
        if self.label.value and _are_alternatives(more):
            raise FilterError(
                f"labels of which any is enough cannot stand beside {self.label.label!r}, which must be there.",
                next_step="Choose 'Any label' in the bar first.",
                details={"field": "match"},
            )
        self._asked = self._asked.with_(more=more)
        self._show_chips()
        for callback in self._changed:
            callback()

    def offer_labels(self, labels: Sequence[Label]) -> None:
        """Offer these labels; the chosen one stays."""
        self._names.labels = {one.label_id: one.name for one in labels}
        self._show_chips()
        if "label" in self._without:
            return
        self._offer(
            self.label, "Any label", [(one.name, str(one.label_id)) for one in labels], self._asked.label
        )

    def offer_sources(self, sources: Sequence[Source]) -> None:
        """Offer these sources; hidden while there is only one."""
        rows = [(one.full_name, str(one.source_id)) for one in sources]
        self._names.sources = {one.source_id: one.full_name for one in sources}
        self._show_chips()
        self._offer(self.source, "All sources", rows, self._asked.source)
        self.source.layout.display = None if len(rows) > 1 else "none"

    def state(self, before: PanelState) -> PanelState:
        """``before`` with what the controls say."""
        said = {
            "review": "" if self.review.disabled else self.review.value,
            "label": self.label.label if self.label.value else "",
            "source": self.source.label if self.source.value else "",
        }
        self._asked = before.with_(
            text=self.text.value,
            since=self.since.value.isoformat() if self.since.value else "",
            until=self.until.value.isoformat() if self.until.value else "",
            more=self._asked.more,
            **{name: value for name, value in said.items() if name not in self._without},
        )
        return self._asked

    def lock_review(self, value: str | None) -> None:
        """Show that the mode itself decides whether messages are reviewed (``yes``, ``no``); None = the person does."""
        if value is None and not self.review.disabled:
            return
        self._settling = True
        try:
            self.review.value, self.review.disabled = value or self._asked.review, value is not None
        finally:
            self._settling = False

    def where(self, state: PanelState) -> MessageFilter:
        """The filter of a state, names looked up; what the controls say is added to what no control shows.

        A label of the control must be there; it would only be one more of labels of which any is enough, so
        that the control rests beside them.
        """
        where = state.where()
        labels = (LabelFilter(label_id=LabelId(self.label.value)),) if self.label.value else ()
        sources = (SourceId(self.source.value),) if self.source.value else ()
        return replace(
            where,
            labels=tuple(dict.fromkeys((*where.labels, *labels))),
            sources=tuple(dict.fromkeys((*where.sources, *sources))),
        )

    def _show_chips(self) -> None:
        is_resting = _are_alternatives(self._asked.more)
        if is_resting:
            self._settling, before = True, self._settling
            self.label.value, self._settling = _ANY, before
        self.label.disabled = is_resting
        self.label.tooltip = "Labels are chosen below" if is_resting else "Label"
        self.chips.chips = [self._names.say(one.condition) for one in one_by_one(self._asked.more)]

    def _offer(self, control: ipw.Dropdown, any_: str, rows: list[tuple[str, str]], asked: str) -> None:
        options = [(any_, _ANY), *rows]
        if options == list(control.options):
            return
        kept = _ANY if control.disabled else control.value or dict(rows).get(asked, _ANY)
        self._settling = True
        try:
            control.options = options
            control.value = kept if kept in dict(rows).values() else _ANY
        finally:
            self._settling = False

    def _tell(self, _change: object) -> None:
        if not self._settling:
            for callback in self._changed:
                callback()


def _are_alternatives(where: MessageFilter) -> bool:
    return bool(where.labels) and where.labels_match == "any"
