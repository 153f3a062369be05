"""The XML parts of a workbook: streamed, bounded, without entities."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from workbench.errors import FileFormatError
from workbench.ingest.packed.limit import Allowance

Attributes = dict[str, str]
_PIECE = 1 << 16


def damaged(what: object) -> FileFormatError:
    """The error of a workbook that cannot be read."""
    return FileFormatError(
        f"the workbook is damaged: {str(what)[:200]}.",
        next_step="Open it in a spreadsheet program and save it again, or export the table as CSV.",
        details={"found": "an Excel workbook"},
    )


class Part:
    """One XML part; subclasses or callers set the three handlers, names come without their prefix."""

    def __init__(self, archive: zipfile.ZipFile, name: str, allowance: Allowance) -> None:
        self._archive = archive
        self._name = name
        self._allowance = allowance

    def feed(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> Iterator[None]:
        """Parse piece by piece; control comes back after each, so that rows can be passed on.

        Raises
        ------
        FileFormatError
            The part is missing, damaged, too large unpacked, or declares entities.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.CharacterDataHandler = text

        def first(name: str, found: Attributes) -> None:
            # Most writers use no prefix; where the root has one, every name is looked at.
            prefixed = ":" in name
            parser.StartElementHandler = (lambda n, a: start(_local(n), a)) if prefixed else start
            parser.EndElementHandler = (lambda n: end(_local(n))) if prefixed else end
            start(_local(name), found)

        parser.StartElementHandler = first
        parser.StartDoctypeDeclHandler = _refuse_declarations
        try:
            with self._archive.open(self._name) as part:
                while piece := part.read(_PIECE):
                    self._allowance.take(len(piece))
                    parser.Parse(piece, False)
                    yield
                parser.Parse(b"", True)
                yield
        except KeyError:
            raise damaged(f"it has no part {self._name!r}") from None
        except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError) as failure:
            raise damaged(f"{self._name}: {failure}") from None
        except (NotImplementedError, RuntimeError) as failure:  # unknown compression, a password
            raise damaged(f"{self._name} cannot be unpacked ({failure})") from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def local(attributes: Attributes) -> Attributes:
    """Attributes without their prefixes."""
    return {_local(name): value for name, value in attributes.items()}


def _refuse_declarations(*_: object) -> None:
    raise damaged("it declares XML entities, which no spreadsheet program writes")
