"""Whatever a comment line holds, it comes back from every other tool as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workbench.errors import FileFormatError
from workbench.ingest.bridges import Argilla, Bridge, LabelStudio, Prodigy, Spacy, Tool

TEXT = st.text(max_size=30)
NAMES = st.lists(st.sampled_from(["A", "B b", "Parcel", "é", "x" * 18]), min_size=1, max_size=3).map(
    " > ".join
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


BODY = st.builds(
    lambda text, more: {"text": text} | more, TEXT, optional(translated_from=TEXT, text_markup=JSON)
)
PART = st.builds(
    lambda body, more: {"body": body} | more, BODY,
    optional(subject=BODY, signature=BODY, to=st.lists(TEXT, max_size=2), language=TEXT, sent_at=TEXT),
)  # fmt: skip
LABEL = st.builds(
    lambda name, more: {"name": name} | more, NAMES,
    optional(sentiment=st.sampled_from(["positive", "negative"]), metadata=JSON),
)  # fmt: skip
GROUP = optional(group=TEXT, assigned=st.lists(LABEL, max_size=3), dismissed=st.lists(LABEL, max_size=3))
KEYS = st.sampled_from(["string:Prodigy task", "string:Argilla record", "string:a", "number:n", "workbench"])
COMMENT = st.builds(
    lambda given, messages, more: {"id": given, "timestamp": "2025-03-03T09:00:00Z", "messages": messages} | more,
    TEXT, st.lists(PART, min_size=1, max_size=3),
    optional(user_properties=st.dictionaries(KEYS, JSON, max_size=3), thread_id=TEXT, attachments=JSON, uid=TEXT),
)  # fmt: skip
LINES = st.builds(
    lambda comment, more: {"comment": comment} | more, COMMENT,
    optional(full_text=TEXT, labelling=st.lists(GROUP, max_size=2), in_parts=st.booleans(), entities=JSON),
)  # fmt: skip


@pytest.mark.parametrize("tool", [Prodigy(), Argilla(), LabelStudio(), Spacy()], ids=lambda tool: tool.title)
@settings(deadline=None, max_examples=60)
@given(line=LINES, labels=st.lists(NAMES, max_size=3, unique=True))
def test_ours_to_theirs_and_back(tool: Tool, line: dict[str, Any], labels: list[str]) -> None:
    bridge = Bridge(tool, labels=labels)
    assert bridge.to_line(bridge.to_item(line, ""), "") == line
    assert not bridge.losses


THEIR_KEYS = st.sampled_from([
    "text", "label", "accept", "answer", "options", "id", "meta", "spans", "fields", "metadata", "responses",
    "suggestions", "vectors", "labels", "value", "user_id", "agent", "data", "annotations", "predictions", "result",
    "type", "from_name", "choices", "taxonomy", "dismissed", "was_cancelled", "completed_by", "cats", "paragraphs",
    "raw", "entities", "tokens", "workbench", "line", "comment", "messages", "body", "text_in", "labelling",
])  # fmt: skip
THEIR_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["accept", "A > B", "", "choices", "labels", "body"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(THEIR_KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SHAPES: dict[str, st.SearchStrategy[Any]] = {
    "Prodigy": st.fixed_dictionaries({"text": st.just("a")}, optional={
        "label": THEIR_VALUES, "answer": st.sampled_from(["accept", "reject", "ignore", None]),
        "accept": THEIR_VALUES, "options": THEIR_VALUES, "meta": THEIR_VALUES, "spans": THEIR_VALUES,
    }),
    "Argilla": st.fixed_dictionaries({"fields": st.just({"text": "a"})}, optional={
        "responses": THEIR_VALUES, "suggestions": THEIR_VALUES, "metadata": THEIR_VALUES, "vectors": THEIR_VALUES,
        "id": THEIR_VALUES,
    }),
    "Label Studio": st.fixed_dictionaries({"data": st.dictionaries(THEIR_KEYS, THEIR_VALUES).map(lambda d: d | {"text": "a"})},
        optional={"annotations": THEIR_VALUES, "predictions": THEIR_VALUES, "id": THEIR_VALUES}),
    "spaCy": st.fixed_dictionaries({"text": st.just("a")}, optional={
        "cats": THEIR_VALUES, "meta": THEIR_VALUES, "entities": THEIR_VALUES, "tokens": THEIR_VALUES}),
}  # fmt: skip


@pytest.mark.parametrize("tool", [Prodigy(), Argilla(), LabelStudio(), Spacy()], ids=lambda tool: tool.title)
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_any_item_comes_back_as_it_was_or_is_refused(tool: Tool, data: st.DataObject) -> None:
    item = data.draw(SHAPES[tool.title] | THEIR_VALUES)
    refusal = None
    try:
        line = Bridge(tool, when=datetime(2026, 1, 31, tzinfo=UTC)).to_line(item, "line 1")
    except FileFormatError as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.message.startswith("line 1 ")
        assert refusal.next_step
        return
    assume(tool.kept(item) is None)
    assert Bridge(tool).to_item(line, "line 1") == item
