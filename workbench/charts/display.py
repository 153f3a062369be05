"""``Display``: what every chart offers, and ``Chart``, the one class behind all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from workbench.charts.drawings import Drawing

if TYPE_CHECKING:
    import polars as pl

Value = str | float | int | bool | date | None
PLOTLY_MIME = "application/vnd.plotly.v1+json"


@runtime_checkable
class Display(Protocol):
    """A result made visible, that gives back its numbers and the line that makes it again."""

    @property
    def title(self) -> str:
        """What is shown, in a few words."""
        ...

    @property
    def caption(self) -> str:
        """How many messages it rests on, the unit, and the uncertainty."""
        ...

    def frame(self) -> pl.DataFrame:
        """The numbers; column ``n`` counts what each row rests on."""
        ...

    def spec(self, *, dark: bool = False) -> dict[str, object]:
        """A plotly figure as plain, JSON-able dicts."""
        ...

    def query(self) -> str:
        """The Python line that gives the same result, for an open workspace named ``ws``."""
        ...

    def svg(self, width: int = 720, height: int = 0, *, dark: bool = False, heading: bool = True) -> str:
        """A static picture that needs no browser and no script."""
        ...


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A display: columns of numbers, a drawing of them, and words.

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
    drawing
        What the renderers draw.
    """

    title: str
    caption: str
    columns: Mapping[str, Sequence[Value]]
    types: Mapping[str, str]
    line: str
    drawing: Drawing

    def frame(self) -> pl.DataFrame:
        """The numbers behind the picture; column ``n`` counts what each row rests on."""
        import polars as pl  # noqa: PLC0415  loaded when numbers are asked for

        schema = {name: getattr(pl, kind) for name, kind in self.types.items()}
        return pl.DataFrame({name: list(self.columns[name]) for name in schema}, schema=schema)

    def spec(self, *, dark: bool = False) -> dict[str, object]:
        """A plotly figure (``data`` and ``layout``) as plain dicts; names are escaped for plotly's markup."""
        from workbench.charts.plotly import to_spec  # noqa: PLC0415

        return to_spec(self.drawing, self.title, self.caption, dark=dark)

    def query(self) -> str:
        """The Python line that gives the same display.

        It runs after ``from workbench import charts`` with an open workspace named ``ws`` (and ``date``, ``MessageFilter`` where
        the line names them).
        """
        return self.line

    def svg(self, width: int = 720, height: int = 0, *, dark: bool = False, heading: bool = True) -> str:
        """Draw it as SVG.

        Parameters
        ----------
        width, height
            CSS pixels; height 0 = what the drawing needs.
        dark
            Use the dark theme.
        heading
            Write title and caption into the picture; without, they are only in ``<title>`` and ``<desc>``.
        """
        from workbench.charts.svg import render  # noqa: PLC0415

        return render(
            self.drawing,
            self.title,
            self.caption,
            width=width,
            height=height,
            dark=dark,
            heading=heading,
        )

    def __repr__(self) -> str:
        """Title and caption: cheap, and readable where nothing can be drawn."""
        return f"{self.title}. {self.caption}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002  IPython's
        """For notebooks: the plotly figure, and text where that cannot be shown."""
        return {
            PLOTLY_MIME: self.spec(),
            "text/plain": f"{self!r}\n{self.frame().head(10)}",
        }
