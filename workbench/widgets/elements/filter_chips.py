"""Conditions of a filter that no control shows, each to be taken away."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text


class FilterChips(Element):
    """A row of conditions in words.

    Attributes
    ----------
    chips : list of str
        One text per condition; the row is gone while there is none.
    """

    _esm = module_text("filter_chips")
    _css = style_text("filter_chips")

    chips = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._remove = Callbacks()
        super().__init__(**traits)
        self.handle("remove", self._removed)

    def on_remove(self, callback: Callable[[int], object]) -> Callable[[], None]:
        """Call back with the place, from 0, of the condition that the person takes away; returns the undo."""
        return self._remove.add(callback)

    def _removed(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        place, text = content.get("place"), content.get("text")
        # The words travel along: a chip of a row that has changed meanwhile must not take away another condition.
        if isinstance(place, int) and 0 <= place < len(self.chips) and self.chips[place] == text:
            self._remove(place)
        return None
