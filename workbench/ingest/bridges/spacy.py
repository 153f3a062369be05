"""spaCy: training data with ``cats`` as JSON; its binary ``.spacy`` files need spaCy itself and are not read.

One text a line, in any of three forms: an object with ``text`` and ``cats``, as ``Doc.to_json`` gives, a pair
``[text, {"cats": …}]``, or a document of version 2 with one paragraph. We write the first. A category counts from 0.5 on;
one below it is not assigned, which is not the same as dismissed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.ingest.bridges.line import Said, label_name
from workbench.ingest.bridges.problems import list_at, object_at, objects_at, refusal, text_at
from workbench.ingest.bridges.tool import KEY, Found, Place, first_text, metadata_properties, time_in

_FROM = 0.5
_MARKS = ("entities", "ents", "spans")
_WORDS = ("tokens", "sents", "sentences")
_PAIR = 2


@dataclass(frozen=True)
class Spacy:
    """Training examples of spaCy."""

    title: str = "spaCy"
    item: str = "document"
    has_dismissed: bool = False

    def read(self, item: Any, place: str) -> Found:
        """See ``Tool.read``."""
        where, holder = self._holder(item, place)
        root = item if isinstance(item, dict) else holder
        metadata = object_at(root, "meta", place)
        cats = self._cats(holder, place)
        said = None
        if cats:
            names = (label_name(name, place) for name, value in cats.items() if value >= _FROM)
            said = Said(tuple(dict.fromkeys(names)))
        return Found(
            text=text_at(holder, "raw", place) if where[-1] == "raw" else self._text(item, place),
            at=where,
            said=said,
            message_id=first_text(metadata, "id") or first_text(root, "id"),
            timestamp=time_in(metadata),
            properties=metadata_properties(metadata),
            lost=(
                *("scores between 0 and 1" for value in cats.values() if value not in (0, 1)),
                *(f"{name} (marked in the text)" for name in _MARKS for _ in _entries(holder, name, place)),
                *(f"{name} of the text" for name in _WORDS if holder.get(name)),
            ),
        )

    def _holder(self, item: Any, place: str) -> tuple[Place, dict[str, Any]]:
        """Where the text stands, and the object with the categories."""
        if isinstance(item, list) and len(item) == _PAIR and isinstance(item[1], dict):
            return (0,), item[1]
        if not isinstance(item, dict):
            raise refusal(
                place,
                "is no document",
                item,
                "Write {'text': ..., 'cats': {...}}, one a line, or a JSON array.",
            )
        if "paragraphs" not in item:
            return ("text",), item
        paragraphs = objects_at(item, "paragraphs", place)
        if len(paragraphs) != 1:
            raise refusal(
                place, "has other than one paragraph", paragraphs, "Write one document for each paragraph."
            )
        return ("paragraphs", 0, "raw"), paragraphs[0]

    def _text(self, item: Any, place: str) -> str:
        return text_at({"text": item[0]} if isinstance(item, list) else item, "text", place)

    def _cats(self, holder: dict[str, Any], place: str) -> dict[str, float]:
        """Categories and their values, whichever of the two forms they have."""
        given = holder.get("cats")
        if isinstance(given, list):
            entries = objects_at(holder, "cats", place)
            pairs: list[tuple[Any, Any]] = [(one.get("label"), one.get("value")) for one in entries]
        else:
            pairs = list(object_at(holder, "cats", place).items())
        for name, value in pairs:
            if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
                raise refusal(
                    place, f"has the category {str(name)[:60]!r} with a value that is none", value,
                    "Write 1 where it applies and 0 where it does not.",
                )  # fmt: skip
        return {
            name if isinstance(name, str) else label_name(name, place): float(value) for name, value in pairs
        }

    def write(self, text: str, said: Said | None, message_id: str, labels: Sequence[str]) -> dict[str, Any]:
        """See ``Tool.write``."""
        del message_id  # travels with the rest of the message
        if said is None:
            return {"text": text}
        return {"text": text, "cats": _values(labels, said)}

    def labelled(self, item: Any, said: Said | None, place: str) -> Any:
        """See ``Tool.labelled``."""
        where, holder = self._holder(item, place)
        if said is None:
            holder = {key: value for key, value in holder.items() if key != "cats"}
        else:
            values = _values(self._cats(holder, place), said)
            as_list = isinstance(holder.get("cats"), list)
            cats: Any = [{"label": name, "value": one} for name, one in values.items()] if as_list else values
            holder = holder | {"cats": cats}
        if isinstance(item, list):
            return [item[0], holder]
        return item | {"paragraphs": [holder]} if where[0] == "paragraphs" else holder

    def labels_in(self, item: Any) -> list[str]:
        """See ``Tool.labels_in``."""
        return list(self._cats(self._holder(item, "")[1], ""))

    def kept(self, item: Any) -> Any:
        """See ``Tool.kept``."""
        root = item[1] if isinstance(item, list) and len(item) == _PAIR else item
        metadata = root.get("meta") if isinstance(root, dict) else None
        return metadata.get(KEY) if isinstance(metadata, dict) else None

    def keep(self, item: Any, rest: dict[str, Any] | None) -> Any:
        """See ``Tool.keep``."""
        root = item[1] if isinstance(item, list) else item
        metadata = {key: value for key, value in (root.get("meta") or {}).items() if key != KEY}
        if rest is not None:
            metadata[KEY] = rest
        others = {key: value for key, value in root.items() if key != "meta"}
        root = others | ({"meta": metadata} if metadata else {})
        return [item[0], root] if isinstance(item, list) else root


def _values(known: Iterable[str], said: Said) -> dict[str, float]:
    """1 for what is assigned, 0 for everything else that is known; known categories keep their spelling."""
    names = {name: label_name(name, "") for name in known}
    new = {name: 1.0 for name in said.assigned if name not in names.values()}
    return {name: float(label in said.assigned) for name, label in names.items()} | new


def _entries(holder: dict[str, Any], name: str, place: str) -> list[Any]:
    """Marks: a list, or lists by group."""
    given = holder.get(name)
    if isinstance(given, dict):
        return [one for group in given for one in list_at(given, group, place)]
    return list_at(holder, name, place)
