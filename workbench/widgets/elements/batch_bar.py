"""How far a batch is: what is done, skip, finish."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Element, JsonValue, module_text, style_text


class BatchBar(Element):
    """Progress of a batch of reviews, with the buttons to skip a message and to finish.

    Attributes
    ----------
    title : str
        What the batch is.
    done, skipped, total : int
        Messages reviewed and passed over, of all.
    """

    _esm = module_text("batch_bar")
    _css = style_text("batch_bar")

    title = traitlets.Unicode("").tag(sync=True)
    done = traitlets.Int(0, min=0).tag(sync=True)
    skipped = traitlets.Int(0, min=0).tag(sync=True)
    total = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._skip = Callbacks()
        self._finish = Callbacks()
        super().__init__(**traits)
        self.handle("skip", lambda _content, _buffers: _run(self._skip))
        self.handle("finish", lambda _content, _buffers: _run(self._finish))

    def on_skip(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person passes a message over; returns the undo."""
        return self._skip.add(callback)

    def on_finish(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person ends the batch; returns the undo."""
        return self._finish.add(callback)

    def focus_card(self) -> None:
        """Put the keyboard on the card below, so that its keys work at once."""
        self.emit("focus", {"what": "card"})

    def focus_finish(self) -> None:
        """Put the keyboard on the button that ends the batch."""
        self.emit("focus", {"what": "finish"})


def _run(callbacks: Callbacks) -> JsonValue:
    callbacks()
    return None
