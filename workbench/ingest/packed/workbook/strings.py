"""The texts that the cells of a workbook share."""

from __future__ import annotations

import re
import zipfile

from workbench.ingest.packed.limit import Allowance
from workbench.ingest.packed.workbook.xml import Attributes, Part, damaged

_PART = "xl/sharedStrings.xml"
_MOST_BYTES = 256 << 20
_PER_TEXT = 50
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """Texts by number, held in memory: at most 256 MiB of them.

    Raises
    ------
    FileFormatError
        The part is damaged or too large.
    """

    def __init__(self, archive: zipfile.ZipFile, allowance: Allowance) -> None:
        self._texts: list[str] = []
        if _PART in archive.namelist():
            self._read(Part(archive, _PART, allowance))

    def __getitem__(self, number: str) -> str:
        text = number.strip()
        if not text.isascii() or not text.isdigit() or int(text[:10]) >= len(self._texts):
            raise damaged(f"a cell names the shared text {text[:20]!r}, which there is not")
        return self._texts[int(text)]

    def _read(self, part: Part) -> None:
        gather = _Gather(self._texts)
        for _ in part.feed(gather.start, gather.end, gather.text):
            if gather.n_characters + _PER_TEXT * len(self._texts) > _MOST_BYTES:
                raise damaged(f"its shared texts take more than {_MOST_BYTES:,} bytes")


class _Gather:
    """Texts from parser events, without the reading aids of Japanese ones (``rPh``)."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._pieces: list[str] = []
        self._inside = self._spoken = False
        self.n_characters = 0

    def start(self, name: str, _: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._spoken = True
        elif name == "t":
            self._inside = not self._spoken

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            text = unescaped("".join(self._pieces))
            self.n_characters += len(text)
            self._texts.append(text)

    def text(self, piece: str) -> None:
        if self._inside:
            self._pieces.append(piece)


def unescaped(text: str) -> str:
    """``_x000D_`` and the like, which XML cannot hold, as the characters they stand for."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
