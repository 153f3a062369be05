"""A list of messages of any length: only what is on screen is fetched and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

Row = dict[str, JsonValue]
PageCallback = Callable[[int, int], Sequence[Row]]


class MessageList(Element):
    """Message cards with selection.

    Attributes
    ----------
    total : int
        Number of rows. Setting it, or calling `reload`, fetches again.
    all_selected : bool
        False: `selected_ids` lists what is selected. True: everything is, except `excluded_ids`.
    selected_ids, excluded_ids : list of str
        Ids in the order in which they were chosen; which of the two counts says `all_selected`.
    selectable : bool
        Whether rows carry a checkbox.
    active_id : str
        Id of the row last opened; empty for none.
    height : int
        Height in CSS pixels.
    empty_text : str
        Shown when `total` is 0.
    title : str
        Accessible name.

    Notes
    -----
    A row is a dict with ``id`` and, all optional, ``subject``, ``sender``, ``at`` (text), ``snippet``,
    ``phrases`` and ``subject_phrases`` (half-open ranges in ``snippet`` and ``subject``, in code points) and ``labels``: a list of ``{"id", "path",
    "colour", "probability", "state"}`` with state ``predicted`` (default), ``assigned`` or ``dismissed``.
    """

    _esm = module_text("message_list", "virtual")
    _css = style_text("message_list", "virtual")

    total = traitlets.Int(0, min=0).tag(sync=True)
    all_selected = traitlets.Bool(False).tag(sync=True)
    selected_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    excluded_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    selectable = traitlets.Bool(True).tag(sync=True)
    active_id = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(520, min=120).tag(sync=True)
    empty_text = traitlets.Unicode("No messages match.").tag(sync=True)
    title = traitlets.Unicode("Messages").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._page: PageCallback | None = None
        self._open = Callbacks()
        super().__init__(**traits)
        self.handle("page", self._answer_page)
        self.handle("open", lambda content, _buffers: self._opened(str(content.get("row"))))

    @property
    def n_selected(self) -> int:
        """Number of selected rows."""
        return self.total - len(self.excluded_ids) if self.all_selected else len(self.selected_ids)

    def is_selected(self, row_id: str) -> bool:
        """Say whether a row is selected."""
        return row_id not in self.excluded_ids if self.all_selected else row_id in self.selected_ids

    def select_all(self) -> None:
        """Select every row, also those never fetched."""
        with self.hold_sync():
            self.all_selected, self.selected_ids, self.excluded_ids = True, [], []

    def select_none(self) -> None:
        """Select no row."""
        with self.hold_sync():
            self.all_selected, self.selected_ids, self.excluded_ids = False, [], []

    def on_page(self, callback: PageCallback) -> None:
        """Set the one function that gives rows: ``callback(offset, limit)``, at most ``limit`` of them."""
        self._page = callback

    def on_open(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the id of a row that is opened (Enter or click); returns the undo."""
        return self._open.add(callback)

    def reload(self, total: int | None = None) -> None:
        """Forget fetched rows and fetch again; ``total`` None keeps the number of rows."""
        if total is not None:
            self.total = total
        self.emit("reload")

    def _answer_page(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        offset, limit = content.get("offset"), content.get("limit")
        if self._page is None or not isinstance(offset, int) or not isinstance(limit, int):
            return []
        return list(self._page(max(0, offset), min(max(0, limit), 1000)))

    def _opened(self, row_id: str) -> JsonValue:
        self._open(row_id)
        return None
