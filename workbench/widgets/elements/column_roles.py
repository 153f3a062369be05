"""Which column of a file is what: a role per column, with sample values beside it."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text


class ColumnRoles(Element):
    """One line per column.

    Attributes
    ----------
    columns : list of dict
        ``{"name", "samples"}``: a column and some of its values as text.
    roles : list of dict
        ``{"key", "title", "many"}``; only a role with ``many`` may be given to several columns: giving another
        one to a second column takes it from the first.
    chosen : dict
        Key of the role by name of the column.
    spare : str
        Key of the role that a column falls back to.
    title : str
        Accessible name.
    """

    _esm = module_text("column_roles")
    _css = style_text("column_roles")

    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    roles = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    spare = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("Columns").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._change = Callbacks()
        super().__init__(**traits)
        self.handle("choose", self._chose)

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when a role was given; returns the undo."""
        return self._change.add(callback)

    def choose(self, column: str, role: str) -> None:
        """Give a role to a column; unknown columns and roles change nothing."""
        known = {str(one["key"]): bool(one.get("many")) for one in self.roles}
        if role not in known or column not in {one["name"] for one in self.columns}:
            return
        others = {
            name: self.spare if given == role and not known[role] else given
            for name, given in self.chosen.items()
        }
        self.chosen = {**others, column: role}
        self._change()

    def _chose(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.choose(str(content.get("column")), str(content.get("role")))
        return None
