"""The state of a panel: a few plain values from which the view can be made again, put in an address, or typed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Self, get_args
from urllib.parse import parse_qsl, urlencode

from workbench.domain import LabelStatus, MessageFilter, filter_from_query, filter_to_query

_SHOWN = 60
_EVERYTHING = MessageFilter()
_REVIEWED = {"": None, "yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class PanelState:
    """What a panel shows.

    Attributes
    ----------
    dataset
        ``project/name``.
    text
        Words to search for.
    since, until
        Days as ``2026-03-01``, ``until`` included; empty = open.
    review
        ``yes``, ``no``, or empty for reviewed and unreviewed messages.
    source
        ``project/name`` of a source, empty = all.
    part
        ``buckets``, ``integrations`` or ``projects`` on the page of sources, empty = its sources; ``fields`` or
        ``extractions`` on that of validation, empty = its labels; the tab on that of administration, empty = the first.
    mode
        Review mode of the Annotate panel.
    label
        Name of the chosen label, empty = none.
    version
        Model version on screen, 0 = the newest.
    against
        Model version that is compared with it, 0 = as usual.
    threshold
        Chosen threshold in [0, 1]; negative = the balanced one.
    more
        Conditions that no control shows (people, properties, languages …). In an address they stand as
        ``filter_to_query`` writes them; what the values above say of the same thing goes before.
    """

    dataset: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    review: str = ""
    source: str = ""
    part: str = ""
    mode: str = "shuffle"
    label: str = ""
    version: int = 0
    against: int = 0
    threshold: float = -1.0
    more: MessageFilter = _EVERYTHING

    def with_(self, **changes: Any) -> Self:
        """A copy with some values changed."""
        return replace(self, **changes)

    def to_query(self) -> str:
        """As the query part of an address; values that are as usual are left out."""
        values = {name: getattr(self, name) for name in _USUAL}
        shown = urlencode({name: value for name, value in values.items() if value != _USUAL[name]})
        return "&".join(part for part in (shown, filter_to_query(self.more)) if part)

    def link(self, app: str, visitor: str) -> str:
        """Address of an app beside this one that shows the state to a visitor; not escaped for HTML."""
        return f"{app}.ipynb?{self.to_query()}&{urlencode({'user': visitor})}"

    @classmethod
    def from_query(cls, query: str) -> Self:
        """From the query part of an address; what is unknown or unreadable is ignored."""
        values: dict[str, Any] = {}
        others = []
        for name, text in parse_qsl(query.lstrip("?"), keep_blank_values=True):
            if name not in _USUAL or _ID_OF.get(name, _NEVER).fullmatch(text):
                others.append((name, text))
                continue
            try:
                values[name] = type(_USUAL[name])(text)
            except ValueError:
                continue
        more = filter_from_query(urlencode(others), lenient=True)
        readable = {
            "review": values.get("review") in _REVIEWED,
            "since": read_day(values.get("since", "")) is not None,
            "until": read_day(values.get("until", "")) is not None,
        }
        return cls(more=more, **{name: value for name, value in values.items() if readable.get(name, True)})

    def where(self) -> MessageFilter:
        """The messages it is about, as far as no id has to be looked up (source and label are names)."""
        first, last = read_day(self.since), read_day(self.until)
        if first and last and first > last:
            first, last = last, first
        reviewed = _REVIEWED.get(self.review)
        return replace(
            self.more,
            text=self.text,
            since=_midnight(first) if first else None,
            until=_midnight(date.fromordinal(last.toordinal() + 1)) if last else None,
            reviewed=self.more.reviewed if reviewed is None else reviewed,
        )

    def conditions(self) -> str:
        """The same as arguments of ``ds.messages(...)``."""
        where = self.where()
        parts = [f"text={where.text!r}"] if where.text else []
        for name, bound in (("since", where.since), ("until", where.until)):
            if bound:
                parts.append(f"{name}=datetime({bound.year}, {bound.month}, {bound.day}, tzinfo=UTC)")
        if where.reviewed is not None:
            parts.append(f"reviewed={where.reviewed}")
        parts += [
            f"{name}={getattr(where, name)!r}"
            for name in _SAID_BY_MORE
            if getattr(where, name) != getattr(_EVERYTHING, name)
        ]
        return ", ".join(parts)

    def code(self, call: str, *, dataset: bool = True) -> str:
        """The Python lines that give the same result: ``call`` on ``ds``, or on ``ws`` without a dataset."""
        file = Path(os.environ.get("WORKBENCH_FILE", "support.duckdb")).name
        days = ["date"] if re.search(r"\bdate\(", call) else []
        times = [
            *(["UTC"] if "datetime(" in call else []),
            *days,
            *(["datetime"] if "datetime(" in call else []),
        ]
        head = f"from datetime import {', '.join(times)}\n\n" if times else ""
        named = [kind for kind in _DOMAIN if f"{kind}(" in call]
        room = "from workbench import charts\n" if "charts." in call else ""
        domain = room + (f"from workbench.domain import {', '.join(named)}\n" if named else "")
        if not dataset:
            return f"{head}import workbench as wb\n{domain}\nws = wb.open({file!r})\n{call}"
        return f"{head}import workbench as wb\n{domain}\nds = wb.open({file!r}).dataset({self.dataset!r})\n{call}"


_DOMAIN = (
    "ActionCosts",
    "AddressFilter",
    "AttachmentFilter",
    "Bounds",
    "LabelFilter",
    "MessageFilter",
    "PropertyFilter",
    "ThreadFilter",
)
"""What lines may name of the domain, and so import."""
_USUAL: dict[str, Any] = {field.name: field.default for field in fields(PanelState) if field.name != "more"}
"""The values of a state that stand in an address under their own names, as they usually are."""
_NEVER = re.compile(r"(?!)")
_ID_OF = {
    "label": re.compile(rf"(?:{'|'.join(get_args(LabelStatus))})(?:@[^:]+)?:[0-9a-f]{{16}}"),
    "source": re.compile(r"[0-9a-f]{16}"),
}
"""What a filter writes under a name that is also one of a state: ids, where the state has names."""
_SAID_BY_MORE = (
    "languages",
    "thread_id",
    "thread",
    "sender",
    "recipient",
    "cc",
    "bcc",
    "attachments",
    "translated",
    "exceptions",
    "text_in",
    "clusters",
    "properties",
    "labels",
    "labels_match",
    "uids",
)


def read_day(text: str) -> date | None:
    """A day as ``2026-03-01``; None when it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def short(text: str, n: int = _SHOWN) -> str:
    """At most ``n`` characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= n else line[: n - 1] + "…"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
