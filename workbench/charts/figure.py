"""``Figure``: numbers with the line that makes them again, and ``Numbers``: those of a table or of a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import polars as pl

Value = str | float | int | bool | date | None


@runtime_checkable
class Figure(Protocol):
    """What every picture, table and sentence with numbers offers: the numbers, and where they come from."""

    @property
    def title(self) -> str:
        """What is told, in a few words."""
        ...

    @property
    def caption(self) -> str:
        """How many messages it rests on, the unit, and the uncertainty."""
        ...

    def frame(self) -> pl.DataFrame:
        """The numbers; column ``n`` counts what each row rests on."""
        ...

    def query(self) -> str:
        """The Python line that gives the same result, for an open workspace named ``ws``."""
        ...


@dataclass(frozen=True, kw_only=True, repr=False)
class Numbers:
    """A figure that is no picture.

    Attributes
    ----------
    title, caption
        Plain text.
    columns
        Column name to values, all of one length; always holds ``n``. Shares and probabilities are in [0, 1].
    types
        Column name to polars type name (``Int64``, ``Float64``, ``String``, ``Date``, ``Boolean``); fixes the
        schema of empty frames.
    line
        The Python line of ``query``.
    """

    title: str
    caption: str
    columns: Mapping[str, Sequence[Value]]
    types: Mapping[str, str]
    line: str

    def frame(self) -> pl.DataFrame:
        """The numbers; column ``n`` counts what each row rests on."""
        import polars as pl  # noqa: PLC0415  loaded when numbers are asked for

        schema = {name: getattr(pl, kind) for name, kind in self.types.items()}
        return pl.DataFrame({name: list(self.columns[name]) for name in schema}, schema=schema)

    def query(self) -> str:
        """The Python line that gives the same figure.

        It runs after ``from workbench import charts`` with an open workspace named ``ws`` (and ``date``, ``MessageFilter``,
        ``LabelFilter``, ``ActionCosts`` where the line names them).
        """
        return self.line

    def __repr__(self) -> str:
        """Title and caption: cheap, and readable where nothing can be drawn."""
        return f"{self.title}. {self.caption}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002  IPython's
        """For notebooks: the words, and the first numbers."""
        return {"text/plain": f"{self!r}\n{self.frame().head(10)}"}


def numbers(
    rows: Sequence[Mapping[str, Value]], types: Mapping[str, str], *, title: str, caption: str, line: str
) -> Numbers:
    """Numbers given row by row; ``types`` names the columns, each of which stands in every row."""
    columns = {name: [row[name] for row in rows] for name in types}
    return Numbers(title=title, caption=caption, columns=columns, types=types, line=line)


def schema(**names: Sequence[str]) -> dict[str, str]:
    """Columns by type: ``schema(String=["label"], Int64=["n"])``."""
    return {name: kind for kind, listed in names.items() for name in listed}
