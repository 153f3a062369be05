"""``Display``: what every chart offers, and ``Chart``, the one class behind all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from workbench.charts.drawings import Drawing
from workbench.charts.figure import Figure, Numbers

PLOTLY_MIME = "application/vnd.plotly.v1+json"


@runtime_checkable
class Display(Figure, Protocol):
    """A result made visible, that gives back its numbers and the line that makes it again."""

    def spec(self, *, dark: bool = False) -> dict[str, object]:
        """A plotly figure as plain, JSON-able dicts."""
        ...

    def svg(self, width: int = 720, height: int = 0, *, dark: bool = False, heading: bool = True) -> str:
        """A static picture that needs no browser and no script."""
        ...


@dataclass(frozen=True, kw_only=True, repr=False)
class Chart(Numbers):
    """A display: columns of numbers, a drawing of them, and words.

    Attributes
    ----------
    title, caption, columns, types, line
        See ``Numbers``.
    drawing
        What the renderers draw.
    """

    drawing: Drawing

    def spec(self, *, dark: bool = False) -> dict[str, object]:
        """A plotly figure (``data`` and ``layout``) as plain dicts; names are escaped for plotly's markup."""
        from workbench.charts.plotly import to_spec  # noqa: PLC0415

        return to_spec(self.drawing, self.title, self.caption, dark=dark)

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

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002  IPython's
        """For notebooks: the plotly figure, and text where that cannot be shown."""
        return {
            PLOTLY_MIME: self.spec(),
            "text/plain": f"{self!r}\n{self.frame().head(10)}",
        }
