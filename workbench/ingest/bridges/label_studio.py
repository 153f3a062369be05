"""Label Studio: tasks with annotations and predictions, one JSON array, as its JSON export writes and its import reads.

Labels are read from ``choices`` and ``taxonomy`` results of one control, dismissed ones from a control ``dismissed``. We
write ``taxonomy`` results, which know levels, and the labelling configuration that goes with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from workbench.domain import parse_path
from workbench.ingest.bridges.line import Said, label_name
from workbench.ingest.bridges.problems import list_at, object_at, objects_at, only_text, refusal, text_at
from workbench.ingest.bridges.tool import KEY, Found, first_text, metadata_properties, time_in
from workbench.primitives import hex_digest

CONTROL, DISMISSED, SHOWN = "labels", "dismissed", "text"
"""Names of the controls that we write, and of the text they belong to."""
_KINDS = ("choices", "taxonomy")

Json = dict[str, Any]


@dataclass(frozen=True)
class LabelStudio:
    """Tasks of Label Studio.

    Attributes
    ----------
    text, question
        Key of ``data`` with the message and control with the labels; "" = found by themselves.
    """

    text: str = ""
    question: str = ""
    title: str = "Label Studio"
    item: str = "task"
    has_dismissed: bool = True

    def read(self, item: Any, place: str) -> Found:
        """See ``Tool.read``."""
        if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
            raise refusal(
                place, "is no task with 'data'", item, "Export as JSON; JSON-MIN has no annotations."
            )
        data = item["data"]
        key = only_text(data, self.text, place, "data")
        annotations = objects_at(item, "annotations", place)
        chosen = self._chosen(annotations)
        lost = [
            *("annotations that were skipped" for one in annotations if one.get("was_cancelled")),
            *("annotations of another annotator" for one in annotations if one is not chosen and not one.get("was_cancelled")),
            *("predictions" for _ in objects_at(item, "predictions", place)),
        ]  # fmt: skip
        properties = metadata_properties(
            {name: value for name, value in data.items() if name not in (key, "id")}
        )
        said = None
        if chosen is not None:
            results = objects_at(chosen, "result", place)
            control = self._control(results, place)
            said = Said(*(self._names(results, name, place) for name in (control, DISMISSED)))
            said = Said(said.assigned, tuple(name for name in said.dismissed if name not in said.assigned))
            lost += [
                f"results of {str(one.get('from_name'))[:60]!r}"
                for one in results
                if one.get("type") not in _KINDS or one.get("from_name") not in (control, DISMISSED)
            ]
            if annotator := _annotator(chosen):
                properties["string:Annotator"] = annotator
        return Found(
            text=text_at(data, key, place),
            at=("data", key),
            said=said,
            message_id=first_text(data, "id") or first_text(item, "id"),
            timestamp=time_in(data),
            properties=properties,
            lost=tuple(lost),
        )

    def _chosen(self, annotations: list[Json]) -> Json | None:
        """The annotation that counts: the ground truth, else the first that was not skipped."""
        done = [one for one in annotations if not one.get("was_cancelled")]
        return next((one for one in done if one.get("ground_truth")), done[0] if done else None)

    def _control(self, results: list[Json], place: str) -> str:
        """The control named, else ``labels``, else the only one with choices."""
        if self.question:
            return self.question
        names = dict.fromkeys(str(one.get("from_name")) for one in results if one.get("type") in _KINDS)
        names.pop(DISMISSED, None)
        if CONTROL in names or not names:
            return CONTROL
        if len(names) > 1:
            raise refusal(
                place, "has several controls that may hold labels", next(iter(names)),
                f"Say which one: --question {' or '.join(name[:40] for name in list(names)[:5])}.",
            )  # fmt: skip
        return next(iter(names))

    def _names(self, results: list[Json], control: str, place: str) -> tuple[str, ...]:
        found = []
        for result in results:
            kind = result.get("type")
            if kind in _KINDS and result.get("from_name") == control:
                found += list_at(object_at(result, "value", place), str(kind), place)
        return tuple(dict.fromkeys(label_name(name, place) for name in found))

    def write(self, text: str, said: Said | None, message_id: str, labels: Sequence[str]) -> Json:
        """See ``Tool.write``."""
        del labels  # the labelling configuration lists them
        return self.labelled({"data": {self.text or SHOWN: text, "id": message_id}}, said, "")

    def labelled(self, item: Json, said: Said | None, place: str) -> Json:
        """See ``Tool.labelled``."""
        annotations = objects_at(item, "annotations", place)
        chosen = self._chosen(annotations)
        if said is None:
            left = [one for one in annotations if one is not chosen]
            return item | {"annotations": left} if left or "annotations" in item else dict(item)
        results = [] if chosen is None else objects_at(chosen, "result", place)
        control = self._control(results, place)
        old = [one for one in results if one.get("type") in _KINDS and one.get("from_name") == control]
        others = [
            one for one in results
            if one.get("type") not in _KINDS or one.get("from_name") not in (control, DISMISSED)
        ]  # fmt: skip
        kind = str(old[0]["type"]) if old else "taxonomy"
        shown = str((old or others or [{}])[0].get("to_name") or SHOWN)
        named = [(control, kind, said.assigned), (DISMISSED, "taxonomy", said.dismissed)]
        made = [_result(name, shown, form, names, item["data"]) for name, form, names in named if names]
        new = (chosen or {}) | {"result": [*made, *others]}
        if chosen is None:
            return item | {"annotations": [*annotations, new]}
        return item | {"annotations": [new if one is chosen else one for one in annotations]}

    def labels_in(self, item: Json) -> list[str]:
        """See ``Tool.labels_in``."""
        del item
        return []

    def kept(self, item: Any) -> Any:
        """See ``Tool.kept``."""
        data = item.get("data") if isinstance(item, dict) else None
        return data.get(KEY) if isinstance(data, dict) else None

    def keep(self, item: Json, rest: Json | None) -> Json:
        """See ``Tool.keep``."""
        data = {key: value for key, value in item["data"].items() if key != KEY}
        return item | {"data": data | ({} if rest is None else {KEY: rest})}


def _result(control: str, shown: str, kind: str, names: Iterable[str], data: Json) -> Json:
    value = [list(parse_path(name)) for name in names] if kind == "taxonomy" else list(names)
    return {
        "id": hex_digest(str(data.get("id")), control, n_digits=10),
        "from_name": control,
        "to_name": shown,
        "type": kind,
        "value": {kind: value},
    }


def _annotator(annotation: Json) -> str:
    """A person by mail address where the export has it, else by number."""
    person = annotation.get("completed_by")
    return (
        first_text(person, "email", "id")
        if isinstance(person, dict)
        else first_text(annotation, "completed_by")
    )


def labelling_config(labels: Iterable[str]) -> str:
    """The labelling configuration of a project for the tasks that we write, with these labels to choose from."""
    tree: Json = {}
    for name in labels:
        level = tree
        for part in parse_path(name):
            level = level.setdefault(part, {})
    choices = "\n".join(_choices(tree, "    "))
    controls = "".join(
        f'  <Taxonomy name="{name}" toName="{SHOWN}">\n{choices}\n  </Taxonomy>\n'
        for name in (CONTROL, DISMISSED)
    )
    return f'<View>\n  <Text name="{SHOWN}" value="${SHOWN}"/>\n{controls}</View>\n'


def _choices(tree: Json, indent: str) -> Iterable[str]:
    for name, below in tree.items():
        if below:
            yield f"{indent}<Choice value={quoteattr(name)}>"
            yield from _choices(below, indent + "  ")
            yield f"{indent}</Choice>"
        else:
            yield f"{indent}<Choice value={quoteattr(name)}/>"
