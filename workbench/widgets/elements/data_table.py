"""A sortable table that fetches its rows in pages and gives them away as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import traitlets

from workbench.primitives import neutral_cell

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

if TYPE_CHECKING:
    from workbench.charts import Figure

Record = Mapping[str, JsonValue]
TablePage = Callable[[int, int, str, bool], Sequence[Record]]
_COPY_PIECE = 5000


class DataTable(Element):
    """Table of at most some 50,000 rows.

    Attributes
    ----------
    columns : list of dict
        ``{"key", "title", "kind", "digits", "width"}``; kind is ``text`` (default), ``number``, ``percent`` (a
        fraction, shown as per cent), ``points`` (a difference of fractions, shown in percentage points), ``state`` (a
        state of a label's ring, see ``TaxonomyTree``; ``examples`` names the key of the number of examples, ``wanted``
        is how many there should be) or ``label`` (a dict
        ``{"path", "colour"}``). ``digits`` defaults to 0.
    total : int
        Number of rows.
    sort_key : str
        Key of the sorted column; empty: the order of the source.
    descending : bool
        Direction.
    height : int
        Greatest height in CSS pixels; a short table is lower.
    title : str
        Accessible name and name of the copied table.
    code : str
        The Python lines that give the same rows, for 'Copy code'. Empty: it is not offered.
    opens : bool
        Whether a row can be opened, by click or Enter.
    """

    _esm = module_text("data_table", "label_state", "virtual")
    _css = style_text("data_table", "label_state", "virtual")

    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    total = traitlets.Int(0, min=0).tag(sync=True)
    sort_key = traitlets.Unicode("").tag(sync=True)
    descending = traitlets.Bool(False).tag(sync=True)
    height = traitlets.Int(420, min=100).tag(sync=True)
    title = traitlets.Unicode("Table").tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    opens = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self.figure: Figure | None = None
        """What is listed, where it is a figure; kept here for who asks the screen for its numbers."""
        self._page: TablePage | None = None
        self._open = Callbacks()
        self._rows: list[Record] = []
        self._order: tuple[str, bool, list[Record]] | None = None
        super().__init__(**traits)
        self.handle("page", self._answer_page)
        self.handle("open", self._opened)
        self.handle("csv", lambda _content, _buffers: self.to_csv())

    def set_rows(self, rows: Sequence[Record]) -> None:
        """Show rows kept here; sorting puts missing values last in both directions."""
        self._rows, self._order, self._page = list(rows), None, None
        self.total = len(self._rows)
        self.emit("reload")

    def on_page(self, callback: TablePage) -> None:
        """Set the one function that gives rows: ``callback(offset, limit, sort_key, descending)``."""
        self._page = callback

    def on_open(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the first cell of the row that the person opens; returns the undo."""
        self.opens = True
        return self._open.add(callback)

    def _opened(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._open(str(content.get("key")))
        return None

    def reload(self, total: int | None = None) -> None:
        """Fetch again; ``total`` None keeps the number of rows."""
        if total is not None:
            self.total = total
        self.emit("reload")

    def to_csv(self) -> str:
        """Return the whole table in its present order as CSV, safe to open in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_plain(column.get("title", column["key"])) for column in self.columns])
        for offset in range(0, self.total, _COPY_PIECE):
            for row in self._rows_at(offset, _COPY_PIECE, self.sort_key, self.descending):
                writer.writerow([_plain(row.get(column["key"])) for column in self.columns])
        return out.getvalue()

    def _rows_at(self, offset: int, limit: int, key: str, descending: bool) -> Sequence[Record]:
        if self._page is not None:
            return self._page(offset, limit, key, descending)
        if self._order is None or self._order[:2] != (key, descending):
            self._order = (key, descending, _sorted(self._rows, key, descending))
        return self._order[2][offset : offset + limit]

    def _answer_page(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        offset, limit = content.get("offset"), content.get("limit")
        key, down = str(content.get("sort_key") or ""), bool(content.get("descending"))
        if not isinstance(offset, int) or not isinstance(limit, int):
            return []
        if key not in {str(column["key"]) for column in self.columns}:
            key = ""
        return [dict(row) for row in self._rows_at(max(0, offset), min(limit, _COPY_PIECE), key, down)]


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        value = value.get("path")
    return neutral_cell(value) if isinstance(value, str) else value


def _sorted(rows: list[Record], key: str, descending: bool) -> list[Record]:
    if not key:
        return rows

    def rank(row: Record) -> tuple[int, float, str]:
        value = _plain(row.get(key))
        if isinstance(value, int | float):
            return (0, float(value), "")
        return (1, 0.0, str(value).casefold())

    present = [row for row in rows if row.get(key) is not None]
    missing = [row for row in rows if row.get(key) is None]
    return sorted(present, key=rank, reverse=descending) + missing
