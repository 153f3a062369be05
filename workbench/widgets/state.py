"""The state of a panel: a few plain values from which the view can be made again, put in an address, or typed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from workbench.domain import MessageFilter

_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class PanelState:
    """What a panel shows.

    Attributes
    ----------
    dataset
        ``project/name``.
    text
        Words to search for.
    mode
        Review mode of the Annotate panel.
    label
        Name of the chosen label, empty = none.
    version
        Model version on screen, 0 = the newest.
    threshold
        Chosen threshold in [0, 1]; negative = the balanced one.
    """

    dataset: str = ""
    text: str = ""
    mode: str = "shuffle"
    label: str = ""
    version: int = 0
    threshold: float = -1.0

    def with_(self, **changes: Any) -> Self:
        """A copy with some values changed."""
        return replace(self, **changes)

    def to_query(self) -> str:
        """As the query part of an address; values that are as usual are left out."""
        usual = asdict(PanelState())
        return urlencode({name: value for name, value in asdict(self).items() if value != usual[name]})

    @classmethod
    def from_query(cls, query: str) -> Self:
        """From the query part of an address; what is unknown or unreadable is ignored."""
        kinds: dict[str, type] = {field.name: type(field.default) for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in parse_qsl(query.lstrip("?")):
            if name in kinds:
                try:
                    values[name] = kinds[name](text)
                except ValueError:
                    continue
        return cls(**values)

    def where(self) -> MessageFilter:
        """The messages it is about."""
        return MessageFilter(text=self.text)

    def code(self, call: str) -> str:
        """The Python lines that give the same result: ``call`` on ``ds``."""
        return f'import workbench as wb\nds = wb.open("support.duckdb").dataset({self.dataset!r})\n{call}'


def short(text: str, n: int = _SHOWN) -> str:
    """At most ``n`` characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= n else line[: n - 1] + "…"
