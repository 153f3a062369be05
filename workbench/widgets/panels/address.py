"""The address of the page follows the panel, so that a reload or a link shows the same."""

from __future__ import annotations

from pathlib import Path

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
    """

    _esm = (_HERE / "address.js").read_text("utf-8")

    query = traitlets.Unicode("").tag(sync=True)
    visitor = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        super().__init__(**{"layout": ipw.Layout(display="none"), **traits})
