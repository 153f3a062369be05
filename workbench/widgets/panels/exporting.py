"""Messages on screen as a file: what the list shows now, in the format that is chosen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import ipywidgets as ipw

from workbench.domain import ExportFormat, MessageFilter
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.widgets.elements import SaveFile

MOST = 50_000
"""Messages that go through the page; more are written beside it, from Python or the command line."""
_PIECE_BYTES = 4 << 20
_TITLES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "jsonl": "JSONL"}


class ExportBox:
    """A format and a button.

    Parameters
    ----------
    dataset, where
        Give what is on screen when the button is pressed.
    """

    def __init__(self, dataset: Callable[[], Dataset], where: Callable[[], MessageFilter]) -> None:
        self._dataset, self._where = dataset, where
        self.format = ipw.Dropdown(
            options=[(_TITLES[kind], kind) for kind in get_args(ExportFormat)],
            tooltip="Format of the exported file",
            layout=ipw.Layout(width="110px"),
        )
        self.save = SaveFile(caption="Export")
        self.save.on_save(self.pieces)
        self.format.observe(lambda _: self._name(), "value")
        self._name()
        self.widgets = (self.format, self.save)

    def pieces(self) -> Iterator[bytes]:
        """The file, piece by piece; it lies on disk meanwhile, and is gone afterwards.

        Raises
        ------
        InputError
            More messages than go through a page.
        """
        dataset, where = self._dataset(), self._where()
        n = dataset.operations.count_messages(dataset.dataset_id, where)
        if n > MOST:
            raise InputError(
                f"{n:,} messages are on the list; at most {MOST:,} go through the page.",
                next_step="Narrow the list, or use ds.export(…) or `workbench export`, which take all of them.",
                details={"messages": n, "most": MOST},
            )
        self._name()
        return self._written(dataset, where)

    def _written(self, dataset: Dataset, where: MessageFilter) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory(prefix="workbench-export-") as folder:
            path = dataset.export(Path(folder) / f"messages.{self.format.value}", where)
            with path.open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece

    def _name(self) -> None:
        self.save.name = f"messages.{self.format.value}"
