"""The labels of a dataset as a tree: count, state, search, rename, new label."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

LABEL_STATES = ("untrained", "gathering", "poor", "fair", "healthy", "excellent")
"""States of a label's ring, from the weakest; each has its own shape, text and colour."""


class TaxonomyTree(Element):
    """Tree of labels.

    Keys: arrows move, open and close; Enter or Space select, F2 rename, ``n`` new label below the focused
    one, Home and End, ``/`` search.

    Attributes
    ----------
    labels : list of dict
        ``{"id", "path", "colour", "count", "state", "note"}``: path ``"Parent > Child"``, count of reviewed
        messages or None, state one of `LABEL_STATES` or None, note a text shown on hover. A parent that is
        missing from the list is drawn without count and cannot be selected.
    selected_ids : list of str
        Selected labels in list order.
    multiple : bool
        Whether more than one may be selected (Ctrl or Shift adds).
    editable : bool
        Whether a new label is offered.
    renames : bool
        Whether a label can be renamed; ``on_rename`` switches it on.
    error : str
        Shown above the tree, for instance why a rename was refused; empty for none.
    height : int
        Greatest height in CSS pixels.
    title : str
        Accessible name.
    """

    _esm = module_text("taxonomy_tree")
    _css = style_text("taxonomy_tree")

    labels = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    multiple = traitlets.Bool(True).tag(sync=True)
    editable = traitlets.Bool(True).tag(sync=True)
    renames = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(520, min=120).tag(sync=True)
    title = traitlets.Unicode("Taxonomy").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._rename = Callbacks()
        self._new = Callbacks()
        super().__init__(**traits)
        self.handle("rename", self._renamed)
        self.handle("new", self._created)

    def on_rename(self, callback: Callable[[str, str], object]) -> Callable[[], None]:
        """Call back with label id and new last part of its path; set `labels` or `error`. Returns the undo."""
        self.renames = True
        return self._rename.add(callback)

    def on_new_label(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the path of a label to create; set `labels` or `error`. Returns the undo."""
        return self._new.add(callback)

    def _renamed(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.error = ""
        self._rename(str(content.get("label_id")), str(content.get("name")))
        return None

    def _created(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.error = ""
        self._new(str(content.get("path")))
        return None
