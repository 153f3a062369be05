"""Argilla: records of an exported dataset, one JSON array, as ``dataset.records.to_json`` writes them.

Labels are read from the responses of one question, else from what we suggested. We write labels as suggestions of the
agent ``workbench``: a response needs the id of a user of that server. Metadata of a record are single values, so the
rest of the message travels there as a text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.ingest.bridges.line import Said, label_name
from workbench.ingest.bridges.problems import object_at, objects_at, only_text, refusal, text_at
from workbench.ingest.bridges.tool import KEY, Found, first_text, metadata_properties, time_in

QUESTION = "labels"
"""The question that we write."""
_AGENT = "workbench"


@dataclass(frozen=True)
class Argilla:
    """Records of Argilla.

    Attributes
    ----------
    text, question
        Field with the message and question with the labels; "" = found by themselves.
    """

    text: str = ""
    question: str = ""
    title: str = "Argilla"
    item: str = "record"
    has_dismissed: bool = False

    def read(self, item: Any, place: str) -> Found:
        """See ``Tool.read``."""
        if not isinstance(item, dict) or not isinstance(item.get("fields"), dict):
            raise refusal(
                place, "is no record with 'fields'", item, "Export records with to_json of Argilla 2."
            )
        fields = item["fields"]
        key = only_text(fields, self.text, place, "fields")
        metadata = object_at(item, "metadata", place)
        properties = metadata_properties({name: value for name, value in fields.items() if name != key})
        properties |= metadata_properties(metadata)
        responses, suggestions = self._responses(item, place), self._suggestions(item, place)
        question = self._question(responses, suggestions, place)
        answers, suggested = responses.get(question, []), suggestions.get(question)
        said = None
        if answers:
            said = _said(answers[0].get("value"), place)
            if annotator := first_text(answers[0], "user_id"):
                properties["string:Annotator"] = annotator
        elif suggested is not None and suggested.get("agent") == _AGENT:
            said = _said(suggested.get("value"), place)
        return Found(
            text=text_at(fields, key, place),
            at=("fields", key),
            said=said,
            message_id=first_text(item, "id"),
            timestamp=time_in(metadata),
            properties=properties,
            lost=(
                *(f"responses to {name[:80]!r}" for name, given in responses.items() if name != question for _ in given),
                *("labels that another annotator gave" for _ in answers[1:]),
                *(f"suggestions for {name[:80]!r}" for name, one in suggestions.items() if one.get("agent") != _AGENT),
                *(f"the vector {name[:80]!r}" for name in object_at(item, "vectors", place)),
            ),
        )  # fmt: skip

    def _responses(self, item: dict[str, Any], place: str) -> dict[str, list[dict[str, Any]]]:
        given = object_at(item, "responses", place)
        return {name: objects_at(given, name, place) for name in given}

    def _suggestions(self, item: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
        given = object_at(item, "suggestions", place)
        return {name: object_at(given, name, place) for name in given if given[name] is not None}

    def _question(
        self, responses: dict[str, list[dict[str, Any]]], suggestions: dict[str, dict[str, Any]], place: str
    ) -> str:
        """The one named, else ``labels`` or ``label``, else the only one answered with names."""
        known = {name: [one.get("value") for one in given] for name, given in responses.items()}
        known |= {name: [*known.get(name, ()), one.get("value")] for name, one in suggestions.items()}
        for name in filter(None, (self.question, QUESTION, "label")):
            if name == self.question or name in known:
                return name
        named = [name for name, values in known.items() if any(map(_are_names, values))]
        if len(named) > 1:
            raise refusal(
                place, "has several questions that may hold labels", named[0],
                f"Say which one: --question {' or '.join(one[:40] for one in named[:5])}.",
            )  # fmt: skip
        return named[0] if named else QUESTION

    def write(self, text: str, said: Said | None, message_id: str, labels: Sequence[str]) -> dict[str, Any]:
        """See ``Tool.write``."""
        del labels  # the question of the dataset lists them
        record = {
            "id": message_id,
            "fields": {self.text or "text": text},
            "metadata": {},
            "suggestions": {},
            "responses": {},
            "vectors": {},
        }
        return self.labelled(record, said, "")

    def labelled(self, item: dict[str, Any], said: Said | None, place: str) -> dict[str, Any]:
        """See ``Tool.labelled``."""
        responses, suggestions = self._responses(item, place), self._suggestions(item, place)
        question = self.question or self._question(responses, suggestions, place)
        names = list(said.assigned) if said is not None else []
        if answers := responses.get(question):
            first, *others = answers
            if said is None:
                return item | {"responses": item["responses"] | {question: others}}
            single = isinstance(first.get("value"), str) and len(names) == 1
            first = first | {"value": names[0] if single else names}
            return item | {"responses": item["responses"] | {question: [first, *others]}}
        left = {name: one for name, one in (item.get("suggestions") or {}).items() if name != question}
        if names:
            left[question] = {"value": names, "score": None, "agent": _AGENT}
        elif suggestions.get(question, {}).get("agent") not in (None, _AGENT):
            return dict(item)
        return item | {"suggestions": left}

    def labels_in(self, item: dict[str, Any]) -> list[str]:
        """See ``Tool.labels_in``."""
        del item
        return []

    def kept(self, item: Any) -> Any:
        """See ``Tool.kept``."""
        metadata = item.get("metadata") if isinstance(item, dict) else None
        written = metadata.get(KEY) if isinstance(metadata, dict) else None
        try:
            return json.loads(written) if isinstance(written, str) else None
        except (ValueError, RecursionError):
            return None

    def keep(self, item: dict[str, Any], rest: dict[str, Any] | None) -> dict[str, Any]:
        """See ``Tool.keep``."""
        metadata = {key: value for key, value in (item.get("metadata") or {}).items() if key != KEY}
        return item | {"metadata": metadata | ({} if rest is None else {KEY: json.dumps(rest)})}


def _are_names(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    )


def _said(value: object, place: str) -> Said:
    """One name, or a list of them."""
    names = value if isinstance(value, list) else [value]
    return Said(
        tuple(dict.fromkeys(label_name(name if isinstance(name, str) else None, place) for name in names))
    )
