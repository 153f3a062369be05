"""Colour and type, in one place: every chart, screen and export takes them from here."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.charts.drawings import Shape
from workbench.domain.labels import LabelState
from workbench.domain.results.models import RatingBand
from workbench.primitives.colour import colour_of

FONT = (
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Inter, Roboto, '
    '"Noto Sans", "Liberation Sans", sans-serif'
)
LABEL_PREFIX = "label:"


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours of one mode as ``#rrggbb``; the field names are the colour roles that drawings speak of."""

    background: str
    ink: str
    muted: str
    grid: str
    axis: str
    accent: str
    soft: str
    good: str
    info: str
    warn: str
    bad: str
    neutral: str

    def colour(self, role: str) -> str:
        """Turn a role, ``label:<id>`` or ``#rrggbb`` into a colour; an id has the same one in both themes."""
        if role.startswith(LABEL_PREFIX):
            return colour_of(role.removeprefix(LABEL_PREFIX))
        return role.lower() if role.startswith("#") else str(getattr(self, role))


LIGHT = Theme(
    background="#ffffff",
    ink="#1c2128",
    muted="#5b6370",
    grid="#e8eaee",
    axis="#b8bec8",
    accent="#3b5bdb",
    soft="#dbe2fb",
    good="#18794e",
    info="#1f66c1",
    warn="#9a5b00",
    bad="#c62a2f",
    neutral="#8a919c",
)
DARK = Theme(
    background="#14171c",
    ink="#e6e9ee",
    muted="#a3abb8",
    grid="#272c34",
    axis="#4b525e",
    accent="#8ea6ff",
    soft="#2a3357",
    good="#4cc38a",
    info="#70b8ff",
    warn="#f1a10d",
    bad="#ff8589",
    neutral="#7b8494",
)

BAND_ROLES: dict[RatingBand, str] = {
    "none": "neutral",
    "poor": "bad",
    "average": "warn",
    "good": "info",
    "excellent": "good",
}
STATE_ROLES: dict[LabelState, str] = {
    "untrained": "neutral",
    "gathering": "bad",
    "poor": "bad",
    "fair": "warn",
    "healthy": "info",
    "excellent": "good",
}
STATE_SHAPES: dict[LabelState, Shape] = {
    "untrained": "ring",
    "gathering": "cross",
    "poor": "triangle",
    "fair": "diamond",
    "healthy": "circle",
    "excellent": "square",
}
"""A state is told by shape and word as well as by colour."""


def theme(*, dark: bool = False) -> Theme:
    """The light or the dark theme."""
    return DARK if dark else LIGHT


def dark_rules(scope: str) -> str:
    """CSS that turns light charts below ``scope`` dark, by the colours they are drawn in.

    A report holds each chart once; the browser swaps the colours when the reader's screen is dark.
    """
    rules = []
    for role in LIGHT.__dataclass_fields__:
        light, dark = LIGHT.colour(role), DARK.colour(role)
        rules.append(f'{scope} [fill="{light}"]{{fill:{dark}}}')
        rules.append(f'{scope} [stroke="{light}"]{{stroke:{dark}}}')
    return "\n".join(rules)
