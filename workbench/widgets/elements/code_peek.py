"""The Python line behind a control: the screen teaches the notebook."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text


class CodePeek(Element):
    """A small button that shows Python code and copies it.

    Attributes
    ----------
    code : str
        The code; empty hides the button.
    figures : str
        The code of the numbers that stand on the screen in words, shown below.
    caption : str
        Text of the button.
    """

    _esm = module_text("code_peek")
    _css = style_text("code_peek")

    code = traitlets.Unicode("").tag(sync=True)
    figures = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("Code").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._open = Callbacks()
        super().__init__(**traits)
        self.handle("open", self._opened)

    def on_open(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when a person opens it, so that what it shows can be brought up to date; returns the undo."""
        return self._open.add(callback)

    def _opened(self, _content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._open()
        return None
