"""The address of the page follows the panel, so that a reload or a link shows the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as ipw
import traitlets

_HERE = Path(__file__).parent


class Address(anywidget.AnyWidget):
    """Writes into the address bar of an app; shows nothing and does nothing in a notebook.

    Attributes
    ----------
    query : str
        State of the panel, ``dataset=demo%2Fsupport&mode=teach``; replaces what the address holds.
    visitor : str
        Name of the visitor, kept in the address and handed on to the other apps; empty = left alone.
    goes_back : bool
        Each change is a step of the browser's history; set by ``on_return``.
    """

    _esm = (_HERE / "address.js").read_text("utf-8")

    query = traitlets.Unicode("").tag(sync=True)
    visitor = traitlets.Unicode("").tag(sync=True)

    goes_back = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        super().__init__(**{"layout": ipw.Layout(display="none"), **traits})
        self._return: Callable[[str], object] | None = None
        self.on_msg(self._heard)

    def on_return(self, callback: Callable[[str], object]) -> None:
        """Call back with the query of an earlier address when the person goes back, or forward, to it."""
        self._return, self.goes_back = callback, True

    def _heard(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") != "return":
            return
        try:
            if self._return is not None:
                self._return(str(content.get("query", "")))
        finally:
            self.send({"type": "returned"})
