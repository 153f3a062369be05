"""Conditions of a filter that no control shows, each to be changed or taken away, and others to be added."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, Handler, JsonValue, module_text, style_text


class FilterChips(Element):
    """A row of conditions in words.

    Attributes
    ----------
    chips : list of str
        One text per condition.
    menu : list of dict
        What can be added: ``kind``, ``title`` and ``group``. While it is empty nothing can be changed, and
        the row is gone when there is no condition either.
    """

    _esm = module_text("filter_chips", "filter_editor")
    _css = style_text("filter_chips")

    chips = traitlets.List(traitlets.Unicode()).tag(sync=True)
    menu = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._remove = Callbacks()
        super().__init__(**traits)
        self.handle("remove", self._removed)

    def on_remove(self, callback: Callable[[int], object]) -> Callable[[], None]:
        """Call back with the place, from 0, of the condition that the person takes away; returns the undo."""
        return self._remove.add(callback)

    def edit_with(self, open_: Handler, values: Handler, apply: Handler) -> None:
        """Name who answers when a condition is opened, when values are looked for, and when a condition is made.

        ``open_`` gets ``kind``, or ``place`` and ``text``, and returns ``kind``, ``title``, ``help``, ``fields``,
        ``values`` and ``titles`` with ``place`` (-1 = new) and ``text``; ``values`` gets ``of`` and ``part`` and
        returns ``value``, ``title`` and ``n`` of each; ``apply`` gets what was opened with the answers as
        ``values`` and returns ``errors`` by field.
        """
        for kind, handler in (("open", open_), ("values", values), ("apply", apply)):
            self.handle(kind, handler)

    def _removed(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        place, text = content.get("place"), content.get("text")
        # The words travel along: a chip of a row that has changed meanwhile must not take away another condition.
        if isinstance(place, int) and 0 <= place < len(self.chips) and self.chips[place] == text:
            self._remove(place)
        return None
