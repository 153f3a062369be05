"""Prodigy: one task a line, as its ``db-out`` command writes them and its recipes read them.

``choice`` tasks (the accepted options are the labels) and binary ``classification`` tasks (``label`` with an answer).
We write ``choice`` tasks. Marked ``spans`` are no labels of a message and stay in the task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import FileFormatError
from workbench.ingest.bridges.line import Said, label_name
from workbench.ingest.bridges.problems import list_at, object_at, objects_at, refusal, text_at
from workbench.ingest.bridges.tool import KEY, Found, first_text, metadata_properties, time_in

_ANSWERS = ("accept", "reject", "ignore")
_MARKS = ("spans", "relations", "arcs")


@dataclass(frozen=True)
class Prodigy:
    """Tasks of Prodigy."""

    title: str = "Prodigy"
    item: str = "task"
    has_dismissed: bool = False

    def read(self, item: Any, place: str) -> Found:
        """See ``Tool.read``."""
        if not isinstance(item, dict):
            raise refusal(
                place, "is no task", item, "Write one JSON object a line, as 'prodigy db-out' does."
            )
        text = text_at(item, "text", place)
        metadata = object_at(item, "meta", place)
        properties = metadata_properties(metadata)
        if annotator := first_text(item, "_annotator_id", "_session_id"):
            properties["string:Annotator"] = annotator
        properties |= metadata_properties({"score": item.get("score")})
        said, lost = self._said(item, place)
        marks = [f"{name} (marked in the text)" for name in _MARKS for _ in list_at(item, name, place)]
        return Found(
            text=text,
            at=("text",),
            said=said,
            message_id=first_text(metadata, "id") or first_text(item, "id", "_task_hash"),
            timestamp=time_in(metadata),
            properties=properties,
            lost=(*lost, *marks),
        )

    def _said(self, item: dict[str, Any], place: str) -> tuple[Said | None, list[str]]:
        answer, label = item.get("answer"), item.get("label")
        if answer is not None and answer not in _ANSWERS:
            raise refusal(place, "has an answer that is none", answer, f"Write one of {', '.join(_ANSWERS)}.")
        accepted = [label_name(one, place) for one in self._accepted(item, place)]
        if label is not None and "accept" not in item:
            name = label_name(label, place)
            by_answer = {"accept": Said((name,)), "reject": Said((), (name,))}
            return by_answer.get(answer or ""), []
        if answer == "accept" and ("accept" in item or "options" in item):
            return Said(tuple(dict.fromkeys(accepted))), []
        return None, ["choices that were rejected as a whole"] if answer == "reject" and accepted else []

    def _accepted(self, item: dict[str, Any], place: str) -> list[str]:
        """Names of the accepted options; an option whose id is a number goes by its text."""
        texts = {option["id"]: option.get("text") for option in _options(item, place)}
        found = []
        for one in list_at(item, "accept", place):
            name = texts.get(one) if isinstance(one, int) and not isinstance(one, bool) else one
            if not isinstance(name, str):
                raise refusal(
                    place, "accepts an option that has no name", one, "Accept options by the id they have."
                )
            found.append(name)
        return found

    def write(self, text: str, said: Said | None, message_id: str, labels: Sequence[str]) -> dict[str, Any]:
        """See ``Tool.write``."""
        del message_id  # travels with the rest of the message
        return self.labelled(
            {"text": text, "options": [{"id": name, "text": name} for name in labels]}, said, ""
        )

    def labelled(self, item: dict[str, Any], said: Said | None, place: str) -> dict[str, Any]:
        """See ``Tool.labelled``."""
        if said is None:
            return {key: value for key, value in item.items() if key not in ("accept", "answer")}
        if item.get("label") is not None and "accept" not in item:
            return item | {"answer": self._answer(label_name(item["label"], place), said)}
        options = item.get("options") or []
        ids = {name: option["id"] for option in options if (name := _option_name(option))}
        added = [{"id": name, "text": name} for name in said.assigned if name not in ids]
        return item | {
            "options": [*options, *added],
            "accept": [ids.get(name, name) for name in said.assigned],
            "answer": "accept",
        }

    def _answer(self, label: str, said: Said) -> str:
        """A binary task knows one label only: what was said of others travels with the message."""
        return "accept" if label in said.assigned else "reject" if label in said.dismissed else "ignore"

    def labels_in(self, item: dict[str, Any]) -> list[str]:
        """See ``Tool.labels_in``."""
        return [option["id"] for option in _options(item, "") if isinstance(option["id"], str)]

    def kept(self, item: Any) -> Any:
        """See ``Tool.kept``."""
        metadata = item.get("meta") if isinstance(item, dict) else None
        return metadata.get(KEY) if isinstance(metadata, dict) else None

    def keep(self, item: dict[str, Any], rest: dict[str, Any] | None) -> dict[str, Any]:
        """See ``Tool.keep``."""
        metadata = {key: value for key, value in (item.get("meta") or {}).items() if key != KEY}
        if rest is not None:
            metadata[KEY] = rest
        elif not metadata:
            return {key: value for key, value in item.items() if key != "meta"}
        return item | {"meta": metadata}


def _options(item: dict[str, Any], place: str) -> list[dict[str, Any]]:
    options = objects_at(item, "options", place)
    for option in options:
        if not isinstance(option.get("id"), str | int):
            raise refusal(place, "has an option without an id", option, "Give each option an 'id'.")
    return options


def _option_name(option: dict[str, Any]) -> str:
    """The label that an option stands for; "" where no label can have its name."""
    try:
        return label_name(option["id"] if isinstance(option["id"], str) else option.get("text"), "")
    except FileFormatError:
        return ""
