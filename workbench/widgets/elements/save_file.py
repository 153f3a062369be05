"""A file to save: fetched when the person asks, handed to the browser as a download and as nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import traitlets

from .base import Content, Element, JsonValue, module_text, style_text


class SaveFile(Element):
    """A button that saves a file.

    The content may be hostile: the browser gets it as bytes without a type it could show, under ``name``.

    Attributes
    ----------
    caption : str
        Text of the button; empty hides it.
    name : str
        Name of the file on the person's machine.
    """

    _esm = module_text("save_file")
    _css = style_text("save_file")

    caption = traitlets.Unicode("").tag(sync=True)
    name = traitlets.Unicode("file").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._give: Callable[[], bytes | Iterable[bytes]] | None = None
        super().__init__(**traits)
        self.handle("save", self._asked)

    def on_save(self, callback: Callable[[], bytes | Iterable[bytes]]) -> None:
        """Set the one function that gives the content, whole or in pieces; what it raises is shown beside the button."""
        self._give = callback

    def _asked(self, _content: Content, _buffers: list[memoryview]) -> JsonValue:
        if self._give is None:
            return None
        content = self._give()
        n_bytes = 0
        for piece in [content] if isinstance(content, bytes) else content:
            self.emit("piece", {"first": not n_bytes}, [piece])
            n_bytes += len(piece)
        self.emit("file", {"name": self.name})
        return n_bytes
