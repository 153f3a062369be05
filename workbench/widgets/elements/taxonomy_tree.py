"""The labels of a dataset as a tree: counts, state and search, and the gestures that change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypedDict, cast, get_args

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

if TYPE_CHECKING:
    from workbench.charts import Figure

LABEL_STATES = ("untrained", "gathering", "poor", "fair", "healthy", "excellent")
"""States of a label's ring, from the weakest; each has its own shape, text and colour."""

TreeAction = Literal["move", "move_to", "merge", "split", "delete", "describe", "order", "undo"]


class TreeGesture(TypedDict):
    """What a person wants to do with labels.

    Attributes
    ----------
    action
        ``move`` hangs them from ``target_id``, ``move_to`` and ``merge`` are to ask where to; ``order`` puts siblings
        in the order of ``label_ids``, below ``target_id``.
    label_ids
        Labels it is about; none for ``undo``.
    target_id
        The label they go to or hang from; empty = none, they are roots.
    """

    action: TreeAction
    label_ids: list[str]
    target_id: str


class TaxonomyTree(Element):
    """Tree of labels; only what is in view is in the page, so a thousand labels are as quick as ten.

    Keys: arrows move, open and close; Enter or Space select, F2 rename, ``n`` new label below the focused
    one, Home and End, ``/`` search. Where changes are offered also: ``d`` describe, ``m`` move to, Ctrl+X and Ctrl+V
    cut and paste, Alt with an arrow up or down puts a label in order, ``g`` merge, ``s`` split, Delete, Ctrl+Z undo,
    Shift+F10 the menu of them all.

    Attributes
    ----------
    labels : list of dict
        ``{"id", "path", "colour", "count", "predicted", "state", "note"}``: path ``"Parent > Child"``, count of
        reviewed messages or None, predicted the expected number of the others or None, state one of `LABEL_STATES` or
        None, note a text shown on hover. A parent that is missing from the list is drawn without count and cannot be
        selected.
    wanted : int
        Examples before the quality of a label is estimated: the dial of one that gathers them fills up to it, and says
        how many of them there are. 0 = only the state is told.
    selected_ids : list of str
        Selected labels in list order.
    multiple : bool
        Whether more than one may be selected (Ctrl or Shift adds).
    editable : bool
        Whether a new label is offered.
    renames : bool
        Whether a label can be renamed; ``on_rename`` switches it on.
    changes : bool
        Whether labels can be moved, merged, split, described, deleted and put in order; ``on_gesture`` switches it on.
    undoes : str
        What an undo takes back; empty for nothing.
    error : str
        Shown above the tree, for instance why a rename was refused; empty for none.
    said : str
        What was done, shown above the tree; empty for none.
    height : int
        Greatest height in CSS pixels.
    title : str
        Accessible name.
    """

    _esm = module_text("taxonomy_tree", "label_state", "tree_menu", "tree_model")
    _css = style_text("taxonomy_tree", "label_state")

    labels = traitlets.List(traitlets.Dict()).tag(sync=True)
    wanted = traitlets.Int(0, min=0).tag(sync=True)
    selected_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    multiple = traitlets.Bool(True).tag(sync=True)
    editable = traitlets.Bool(True).tag(sync=True)
    renames = traitlets.Bool(False).tag(sync=True)
    changes = traitlets.Bool(False).tag(sync=True)
    undoes = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(520, min=120).tag(sync=True)
    title = traitlets.Unicode("Taxonomy").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self.figure: Figure | None = None
        """What the counts come from; kept here for who asks the screen for its numbers."""
        self._rename, self._new, self._gesture = Callbacks(), Callbacks(), Callbacks()
        super().__init__(**traits)
        self.handle("rename", self._renamed)
        self.handle("new", self._created)
        self.handle("gesture", self._wanted)

    def on_rename(self, callback: Callable[[str, str], object]) -> Callable[[], None]:
        """Call back with label id and new last part of its path; set `labels` or `error`. Returns the undo."""
        self.renames = True
        return self._rename.add(callback)

    def on_new_label(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the path of a label to create; set `labels` or `error`. Returns the undo."""
        return self._new.add(callback)

    def on_gesture(self, callback: Callable[[TreeGesture], object]) -> Callable[[], None]:
        """Call back with what a person wants to change; set `labels`, `said` or `error`. Returns the undo."""
        self.changes = True
        return self._gesture.add(callback)

    def focus_label(self, label_id: str = "") -> None:
        """Bring a label into view and give it the keyboard; empty = the one that had it last."""
        self.emit("focus", {"label_id": label_id})

    def type_again(self) -> None:
        """Open the name that was typed last once more, after it was refused."""
        self.emit("refused")

    def _renamed(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._quiet()
        self._rename(str(content.get("label_id")), str(content.get("name")))
        return None

    def _created(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._quiet()
        self._new(str(content.get("path")))
        return None

    def _wanted(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        action, ids = content.get("action"), content.get("label_ids")
        if action not in get_args(TreeAction):
            return None
        self._quiet()
        self._gesture(
            TreeGesture(
                action=cast(TreeAction, action),
                label_ids=[str(one) for one in ids] if isinstance(ids, list) else [],
                target_id=str(content.get("target_id") or ""),
            )
        )
        return None

    def _quiet(self) -> None:
        self.error = self.said = ""
