"""The taxonomy as a file: saved as CSV, and read from one after saying what it would do."""

from __future__ import annotations

import ipywidgets as ipw

from workbench.errors import FileFormatError, InputError
from workbench.widgets.elements import FileDrop, SaveFile
from workbench.widgets.panels.base import bar
from workbench.widgets.panels.taxonomy import TaxonomyEditor
from workbench.widgets.panels.taxonomy_words import import_foreseen, import_refused

MOST_BYTES = 8 << 20
"""Largest file that goes through the page; every label with the longest description is far below it."""


class TaxonomyFiles:
    """Two buttons, and the area for a file while one is wanted.

    Parameters
    ----------
    editor
        Whose taxonomy it is; asks in its form.
    """

    def __init__(self, editor: TaxonomyEditor) -> None:
        self._editor = editor
        self._pieces: dict[str, list[bytes]] = {}
        self.save = SaveFile(caption="Export CSV", name="taxonomy.csv")
        self.save.on_save(self.content)
        self.import_button = ipw.Button(
            description="Import CSV", tooltip="Make and amend labels as a file says"
        )
        self.import_button.on_click(lambda _: self.open())
        self.drop = FileDrop(
            accept=[".csv"],
            max_bytes=MOST_BYTES,
            prompt="A CSV with the columns label, description, external_id",
            layout=ipw.Layout(display="none"),
        )
        self.drop.on_start(lambda upload_id, _name, _size: self._pieces.__setitem__(upload_id, []))
        self.drop.on_piece(lambda upload_id, _index, piece: self._pieces[upload_id].append(piece))
        self.drop.on_end(self._received)
        self.drop.on_cancel(lambda upload_id: self._pieces.pop(upload_id, None))
        self.widgets = (bar(self.import_button, self.save), self.drop)

    def content(self) -> bytes:
        """The file to save."""
        return self._editor.operations.export_labels(self._editor.dataset_id).encode("utf-8-sig")

    def open(self) -> None:
        """Show the area for a file, or put it away."""
        self.drop.layout.display = "none" if self.drop.layout.display is None else None

    def read(self, name: str, content: bytes) -> None:
        """Ask with what a file would do.

        Raises
        ------
        FileFormatError
            It is not UTF-8, no CSV, or has no column ``label``.
        InputError
            Rows are wrong; the first are named.
        """
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileFormatError(
                f"{name} is not UTF-8 at byte {error.start}.", next_step="Save it as CSV in UTF-8."
            ) from error
        editor = self._editor
        found = editor.operations.import_labels(editor.dataset_id, text, True)
        if found.errors:
            raise InputError(
                f"{name}: {len(found.errors):,} of {found.n_rows:,} rows cannot be used; nothing was changed.",
                next_step=import_refused(found),
            )

        def carry_out(_values: dict[str, object]) -> str:
            made = editor.operations.import_labels(editor.dataset_id, text)
            self.drop.layout.display = "none"
            return f"Done: import of {name}; {made.n_new:,} labels made, {made.n_changed:,} changed. Ctrl+Z takes it back."

        editor.questions.ask(
            carry_out,
            fields=[],
            values={},
            title=f"Import {name}",
            text=import_foreseen(found),
            warning="\n".join(found.warnings),
            submit="Import",
        )

    def _received(self, upload_id: str, name: str, _n_bytes: int) -> None:
        content = b"".join(self._pieces.pop(upload_id, []))
        try:
            self.read(name, content)
        except Exception as error:  # noqa: BLE001 - shown on the area
            self.drop.fail(upload_id, error)
