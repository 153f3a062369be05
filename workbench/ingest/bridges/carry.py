"""Messages to the items of another tool and back, without loss.

What the other tool has no place for travels in its free metadata under ``KEY``; what a message has no place for travels in
one user property named after the tool (``string:Prodigy task``). So either way there and back gives what was there
before, and what people changed meanwhile, labels, is read from where the tool keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.domain import is_message_id
from workbench.errors import FileFormatError
from workbench.ingest.bridges.line import (
    Line,
    Said,
    relabelled,
    said_of,
    same,
    shown_text,
    with_property,
    with_text,
    without_property,
    without_text,
)
from workbench.ingest.bridges.losses import Losses
from workbench.ingest.bridges.problems import check_text, refusal
from workbench.ingest.bridges.tool import Found, Place, Tool, moment_text
from workbench.primitives import hex_digest

REMEMBERED_CHARACTERS = 65_536
"""Longest user property that an item is remembered in; what makes it longer becomes a named loss."""
_AGAIN = "~"


@dataclass
class Bridge:
    """Both directions for one file.

    Attributes
    ----------
    tool
        The other tool.
    labels
        All names of labels to choose from, for tools that list them with every message.
    when
        The time of messages that have none; None = they are refused.
    losses
        What could not be carried so far.
    n_timed
        How many messages were given the time ``when``.
    """

    tool: Tool
    labels: Sequence[str] = ()
    when: datetime | None = None
    losses: Losses = field(default_factory=Losses)
    n_timed: int = 0
    _ids: dict[bytes, int] = field(default_factory=dict)

    @property
    def property(self) -> str:
        """The user property in which an item of the tool is remembered."""
        return f"string:{self.tool.title} {self.tool.item}"

    def to_item(self, line: Line, place: str) -> Any:
        """An item of the other tool that says what a comment line says.

        Raises
        ------
        FileFormatError
            It is no comment line with a text, or a label has a name that none can have.
        """
        text, said = shown_text(line, place), said_of(line, place)
        past = self._remembered(line)
        if past is None:
            item = self.tool.write(text, said, _id_of(line), self.labels)
        else:
            item = _put(past["of"], past["at"], text)
            if not same(said, _said_in(past)):
                item = self.tool.labelled(item, said, place)
            elif self._is_all(self._fresh(self.tool.read(item, place), item, line, place), line):
                return item
            line = without_property(line, self.property)
        rest, places = without_text(line, place)
        kept: dict[str, Any] = {"line": rest, "text_in": places}
        return self.tool.keep(item, kept | ({"remembered": True} if past is not None else {}))

    def to_line(self, item: Any, place: str) -> Line:
        """A comment line that says what an item of the other tool says.

        Raises
        ------
        FileFormatError
            It has no text or no time, a value of a type that it cannot have, or a label that none can be.
        """
        kept = self.tool.kept(item)
        if not _is_kept(kept):
            found = self.tool.read(item, place)
            check_text(found.text, place)
            self.losses.add(found.lost)
            return self._numbered(self._fresh(found, item, None, place))
        bare = self.tool.keep(item, None)
        found = self.tool.read(bare, place)
        self.losses.add(found.lost)
        line: Line = with_text(kept["line"], kept["text_in"], found.text)
        if shown_text(line, place) != found.text:
            self.losses.add(["a text that was changed in a message of several parts"])
        said, new = said_of(line, place), found.said
        written = self.tool.write(found.text, said, _id_of(line), self.tool.labels_in(bare))
        was = self.tool.read(written, place).said
        if new is not None and not new.same(was):
            if not self.tool.has_dismissed:
                before = () if said is None else said.dismissed
                new = Said(new.assigned, tuple(name for name in before if name not in new.assigned))
            line = relabelled(line, new, place)
            written = self.tool.labelled(written, new, place)
        if written == bare and not kept.get("remembered"):
            return line
        if without_property(line, self.property) is not line:
            self.losses.add([f"what {self.tool.title} added, for the property {self.property!r} is taken"])
            return line
        return self._remembering(line, bare, found.at, said_of(line, place))

    def _fresh(self, found: Found, item: Any, like: Line | None, place: str) -> Line:
        """The line of an item that was never a line of ours; id and time as in ``like`` where it has none."""
        comment: Line = {
            "id": _valid_id(found.message_id)
            or (_id_of(like) if like else hex_digest(found.text, n_digits=16)),
            "timestamp": self._time(found, like, place),
            "messages": [{"body": {"text": found.text}}],
        }
        if found.properties:
            comment["user_properties"] = dict(found.properties)
        line: Line = {"comment": comment, "full_text": found.text}  # as it was read there: nothing is cut off
        if found.said is not None:
            line = relabelled(line, found.said, place)
        return self._remembering(line, item, found.at, found.said, count=like is None)

    def _time(self, found: Found, like: Line | None, place: str) -> Any:
        if found.timestamp:
            return found.timestamp
        if like is not None:
            return like["comment"].get("timestamp")
        if self.when is None:
            raise refusal(
                place,
                "has no time",
                found.text,
                "Name a time for messages without one: --time 2026-01-31T00:00:00Z.",
            )
        self.n_timed += 1
        return moment_text(self.when)

    def _numbered(self, line: Line) -> Line:
        """The line, with another id where an earlier one had the same: ids are unique in a file."""
        given = line["comment"]["id"]
        key = bytes.fromhex(hex_digest(given, n_digits=16))
        count = self._ids[key] = self._ids.get(key, 0) + 1
        if count == 1:
            return line
        self.losses.add(["ids that stood on more than one message"])
        return line | {"comment": line["comment"] | {"id": f"{given[:1000]}{_AGAIN}{count}"}}

    def _remembering(
        self, line: Line, item: Any, at: Place, said: Said | None, *, count: bool = True
    ) -> Line:
        """The line with the item in a user property, its text taken out."""
        told = None if said is None else [list(said.assigned), list(said.dismissed)]
        bare = _put(item, at, "")
        written = json.dumps({"at": list(at), "of": bare, "said": told})
        while len(written) > REMEMBERED_CHARACTERS:
            largest = _largest(bare, at)
            if count:
                self.losses.add(
                    [f"{largest or self.tool.item} of more than {REMEMBERED_CHARACTERS:,} characters"]
                )
            if not largest:
                return line
            bare = {key: value for key, value in bare.items() if key != largest}
            written = json.dumps({"at": list(at), "of": bare, "said": told})
        return with_property(line, self.property, written)

    def _remembered(self, line: Line) -> dict[str, Any] | None:
        properties = line["comment"].get("user_properties")
        written = properties.get(self.property) if isinstance(properties, dict) else None
        if not isinstance(written, str):
            return None
        try:
            past = json.loads(written)
            _put(past["of"], past["at"], "")
            _said_in(past)
            self.tool.read(past["of"], "")
        except (ValueError, LookupError, TypeError, RecursionError, AttributeError, FileFormatError):
            return None  # a property of that name which is not ours
        return past if isinstance(past, dict) else None

    def _is_all(self, base: Line, line: Line) -> bool:
        """Whether a line says no more than its item alone does."""
        base, line = without_property(base, self.property), without_property(line, self.property)
        made, given = base["comment"]["id"], line["comment"].get("id")
        if isinstance(given, str) and given.startswith(f"{made[:1000]}{_AGAIN}"):
            base = base | {"comment": base["comment"] | {"id": given}}
        return base == line


def _is_kept(kept: object) -> bool:
    """Whether what stands under ``KEY`` is ours."""
    if not isinstance(kept, dict) or not isinstance(kept.get("text_in"), list):
        return False
    line = kept.get("line")
    if not isinstance(line, dict) or not isinstance(line.get("comment"), dict):
        return False
    parts = line["comment"].get("messages")
    if "body" not in kept["text_in"]:
        return True
    return (
        isinstance(parts, list)
        and len(parts) == 1
        and isinstance(parts[0], dict)
        and isinstance(parts[0].get("body"), dict)
    )


def _id_of(line: Line) -> str:
    given = line["comment"].get("id")
    return given if isinstance(given, str) else ""


def _valid_id(given: str) -> str:
    """An id that a message can have; one made of it where it cannot."""
    if not given or (is_message_id(given) and given.strip(".")):
        return given
    return f"x{hex_digest(given, n_digits=16)}"


def _said_in(past: dict[str, Any]) -> Said | None:
    told = past["said"]
    return None if told is None else Said(*(tuple(map(str, names)) for names in told))


def _put(item: Any, at: Sequence[str | int], text: str) -> Any:
    """The item with another text at the place that these keys lead to."""
    key, *left = at
    value = _put(item[key], left, text) if left else text
    if isinstance(item, list):
        return [value if place == key else entry for place, entry in enumerate(item)]
    return item | {key: value}


def _largest(item: Any, at: Place) -> str:
    """The key with most to remember beside the one with the text; "" where the item is no object or has none."""
    if not isinstance(item, dict):
        return ""
    sizes = {key: len(json.dumps(value)) for key, value in item.items() if key != at[0]}
    return max(sizes, key=lambda key: sizes[key], default="")
