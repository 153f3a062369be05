"""A secret that a page shows once: a new token, recovery codes, the picture for an authenticator app."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from .base import Content, Element, JsonValue, module_text, style_text


class ShownOnce(Element):
    """A sheet with a secret, a button that copies it, and one that takes it away.

    The secret goes to the page in a message. It is kept in no trait: traits stay in the kernel, and in a notebook that
    is saved with its widgets.

    Attributes
    ----------
    shown : bool
        Whether something is on the sheet.
    """

    _esm = module_text("shown_once")
    _css = style_text("shown_once")

    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self.layout.display = None if self.shown else "none"
        self.observe(
            lambda change: setattr(self.layout, "display", None if change["new"] else "none"), "shown"
        )
        self.handle("done", self._done)

    def show(self, title: str, text: str, lines: Sequence[str], *, picture: str = "") -> None:
        """Show lines that are secret, with what they are for; ``picture`` is an SVG of our own making."""
        self.shown = True
        self.emit("secret", {"title": title, "text": text, "lines": list(lines), "picture": picture})

    def clear(self) -> None:
        """Take it off the screen."""
        self.shown = False
        self.emit("clear")

    def _done(self, _content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.clear()
        return None
