"""Things of the workspace as cards: what each holds, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text


class CatalogCards(Element):
    """Cards with figures, facts, links to apps, and actions.

    Attributes
    ----------
    cards : list of dict
        ``{"id", "title", "name", "text", "badge", "figures", "bars", "facts", "problem", "links", "actions"}``, all but ``id`` and
        ``title`` optional: ``badge`` is ``{"text", "level"}`` with level ``none``, ``poor``, ``average``, ``good``
        or ``excellent``; ``figures`` are pairs of number and noun; ``bars`` is ``{"values", "title"}``, numbers in order and what they are in words; ``facts`` pairs of name and text; ``problem`` is
        what went wrong and what to do, as a pair, ``calm`` where somebody wanted it so; ``links``
        ``{"title", "app", "query"}``; ``actions`` ``{"key", "title", "icon"}``: with an icon the title is said only.
    title : str
        Accessible name of the list.
    empty_title, empty_text : str
        What is so when there is no card, and what to do.
    """

    _esm = module_text("catalog_cards")
    _css = style_text("catalog_cards")

    cards = traitlets.List(traitlets.Dict()).tag(sync=True)
    title = traitlets.Unicode("Cards").tag(sync=True)
    empty_title = traitlets.Unicode("Nothing here yet.").tag(sync=True)
    empty_text = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._act = Callbacks()
        super().__init__(**traits)
        self.handle("act", self._acted)

    def on_act(self, callback: Callable[[str, str], object]) -> Callable[[], None]:
        """Call back with key of the action and id of the card; returns the undo."""
        return self._act.add(callback)

    def _acted(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._act(str(content.get("key")), str(content.get("card")))
        return None
