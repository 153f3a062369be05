"""A small SVG writer: every text is escaped here, and every picture carries a title and a description."""

from __future__ import annotations

import unicodedata
from typing import Literal

from workbench.charts.drawings import Shape
from workbench.charts.theme import FONT, Theme
from workbench.charts.words import plain
from workbench.primitives import hex_digest

Anchor = Literal["start", "middle", "end"]
_NARROW = frozenset("fijlrtI.,:;'|!()[]{} -/")
_WIDE = frozenset("mwMW%@—×")


def escape(text: str) -> str:
    """``text`` for element content and quoted attributes; characters that XML cannot hold are dropped."""
    kept = "".join(c for c in text if c >= " " and unicodedata.category(c) != "Cs")
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        kept = kept.replace(sign, entity)
    return kept


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width in pixels (no font is read): good to about a tenth for Latin text."""
    total = 0.0
    for c in text:
        if unicodedata.category(c) in ("Mn", "Cf"):
            continue
        if c in _NARROW:
            total += 0.31
        elif c in _WIDE:
            total += 0.88
        elif unicodedata.east_asian_width(c) in ("W", "F"):
            total += 1.05
        else:
            total += 0.66 if c.isupper() else 0.56
    return total * size * (1.06 if bold else 1.0)


def fitted(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """``text`` on one line, shortened with an ellipsis until it fits ``width`` pixels."""
    line = plain(text, 200)
    if text_width(line, size, bold=bold) <= width:
        return line
    while line and text_width(line + "…", size, bold=bold) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def wrapped(text: str, width: float, size: float, most: int = 3) -> list[str]:
    """``text`` broken at spaces into at most ``most`` lines of ``width`` pixels; the last is shortened."""
    lines: list[str] = []
    words = plain(text, 600).split(" ")
    while words:
        if len(lines) == most - 1:
            lines.append(fitted(" ".join(words), width, size))
            break
        taken = 1
        while taken < len(words) and text_width(" ".join(words[: taken + 1]), size) <= width:
            taken += 1
        lines.append(fitted(" ".join(words[:taken]), width, size))
        words = words[taken:]
    return lines


def number(value: float) -> str:
    """A coordinate with at most two decimals, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Canvas:
    """Collects elements; ``render`` closes the picture.

    Parameters
    ----------
    width, height
        Pixels.
    title, description
        For screen readers and tooltips: ``<title>`` and ``<desc>``.
    theme
        Where colour roles are looked up.
    """

    def __init__(self, width: float, height: float, title: str, description: str, theme: Theme) -> None:
        self.width, self.height = width, height
        self.title, self.description = title, description
        self.theme = theme
        self._parts: list[str] = []

    def _add(self, tag: str, attributes: dict[str, str], tip: str = "", text: str = "") -> None:
        pairs = "".join(f' {k}="{escape(v)}"' for k, v in attributes.items() if v != "")
        inner = (f"<title>{escape(plain(tip, 300))}</title>" if tip else "") + escape(text)
        self._parts.append(f"<{tag}{pairs}>{inner}</{tag}>" if inner else f"<{tag}{pairs}/>")

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0, tip: str = ""
    ) -> None:
        """A filled rectangle; negative sizes draw nothing."""
        if width <= 0 or height <= 0:
            return
        self._add(
            "rect",
            {
                "x": number(x),
                "y": number(y),
                "width": number(width),
                "height": number(height),
                "rx": number(radius) if radius else "",
                "fill": self.theme.colour(fill),
            },
            tip,
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str,
        *,
        width: float = 1,
        dash: str = "",
        cap: str = "",
    ) -> None:
        """A straight line."""
        self._add(
            "line",
            {
                "x1": number(x1),
                "y1": number(y1),
                "x2": number(x2),
                "y2": number(y2),
                "stroke": self.theme.colour(stroke),
                "stroke-width": number(width),
                "stroke-dasharray": dash,
                "stroke-linecap": cap,
            },
        )

    def path(
        self,
        d: str,
        *,
        fill: str = "",
        stroke: str = "",
        width: float = 2,
        opacity: float = 1,
        blunt: bool = False,
        dash: str = "",
        tip: str = "",
    ) -> None:
        """A path; without ``fill`` it is an open line, with round ends unless ``blunt``."""
        self._add(
            "path",
            {
                "d": d,
                "fill": self.theme.colour(fill) if fill else "none",
                "stroke": self.theme.colour(stroke) if stroke else "",
                "stroke-width": number(width) if stroke else "",
                "stroke-linejoin": "round" if stroke else "",
                "stroke-linecap": "round" if stroke and not dash and not blunt else "",
                "stroke-dasharray": dash,
                "opacity": number(opacity) if opacity < 1 else "",
            },
            tip,
        )

    def text(
        self,
        x: float,
        y: float,
        content: str,
        *,
        size: float = 12,
        anchor: Anchor = "start",
        fill: str = "ink",
        bold: bool = False,
        room: float = 0,
    ) -> None:
        """Text with its baseline at ``y``; shortened to ``room`` pixels where given."""
        line = fitted(content, room, size, bold=bold) if room else plain(content, 300)
        self._add(
            "text",
            {
                "x": number(x),
                "y": number(y),
                "font-size": number(size),
                "font-weight": "600" if bold else "",
                "text-anchor": anchor if anchor != "start" else "",
                "fill": self.theme.colour(fill),
            },
            text=line,
        )

    def mark(self, x: float, y: float, shape: Shape, colour: str, *, size: float = 5, tip: str = "") -> None:
        """A point of about ``size`` pixels radius with a thin edge in the background's colour."""
        s = size
        outlines = {
            "diamond": f"M{number(x)} {number(y - s * 1.2)}L{number(x + s * 1.2)} {number(y)}"
            f"L{number(x)} {number(y + s * 1.2)}L{number(x - s * 1.2)} {number(y)}Z",
            "triangle": f"M{number(x - s * 1.1)} {number(y - s * 0.8)}L{number(x + s * 1.1)} {number(y - s * 0.8)}"
            f"L{number(x)} {number(y + s)}Z",
            "square": f"M{number(x - s * 0.85)} {number(y - s * 0.85)}h{number(s * 1.7)}v{number(s * 1.7)}"
            f"h{number(-s * 1.7)}Z",
            "cross": f"M{number(x - s * 0.8)} {number(y - s * 0.8)}l{number(s * 1.6)} {number(s * 1.6)}"
            f"m0 {number(-s * 1.6)}l{number(-s * 1.6)} {number(s * 1.6)}",
        }
        if shape == "cross":
            self.path(outlines[shape], stroke=colour, width=2.2, tip=tip)
        elif shape in outlines:
            self.path(outlines[shape], fill=colour, stroke="background", width=1, tip=tip)
        else:
            ring = shape == "ring"
            self._add(
                "circle",
                {
                    "cx": number(x),
                    "cy": number(y),
                    "r": number(s - (0.5 if ring else 0)),
                    "fill": self.theme.colour("background" if ring else colour),
                    "stroke": self.theme.colour(colour if ring else "background"),
                    "stroke-width": "2" if ring else "1",
                },
                tip,
            )

    def render(self, *, background: bool = True) -> str:
        """The whole picture as one ``<svg>`` element."""
        mark = hex_digest(self.title, self.description, *self._parts[:40], n_digits=8)
        font = FONT.replace('"', "'")
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(self.width)}" height="{number(self.height)}" '
            f'viewBox="0 0 {number(self.width)} {number(self.height)}" role="img" '
            f'aria-labelledby="t{mark} d{mark}" font-family="{font}">'
            f'<title id="t{mark}">{escape(plain(self.title, 300))}</title>'
            f'<desc id="d{mark}">{escape(plain(self.description, 2000))}</desc>'
        )
        if background:
            head += f'<rect width="100%" height="100%" fill="{self.theme.background}"/>'
        return head + "\n".join(self._parts) + "</svg>"
