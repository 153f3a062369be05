"""The filter of a screen: what no control shows, marks in the list, and the address that keeps it all."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.unit.widgets.panels.conftest import mail_csv
from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    Bounds,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    SourceId,
    ThreadFilter,
    Uid,
    filter_to_query,
    filter_words,
)
from workbench.door import Dataset, Workspace
from workbench.widgets import panels
from workbench.widgets.panels import AnnotatePanel, DiscoverPanel
from workbench.widgets.panels.conditions import one_by_one
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.panels.rows import marked_snippet
from workbench.widgets.state import PanelState

LABEL, SOURCE = LabelId("0123456789abcdef"), SourceId("fedcba9876543210")
MORE = MessageFilter(
    reviewed=False,
    languages=("en", "de"),
    sender=AddressFilter(domain_one_of=("mail.example",)),
    properties=(
        PropertyFilter(name="string:tier", one_of=("gold",)),
        PropertyFilter(name="number:NPS", at_least=8),
    ),
    labels=(LabelFilter(label_id=LABEL), LabelFilter(label_id=LabelId("f" * 16), status="dismissed")),
    sources=(SOURCE,),
)


@pytest.fixture
def filled(dataset: Dataset, tmp_path: Path) -> Dataset:
    """Thirty messages."""
    Workspace(dataset.operations, address="").import_(
        mail_csv(tmp_path / "mail.csv", 30), source="demo/mail", progress=False
    )
    return dataset


def test_conditions_come_apart_and_go_one_by_one() -> None:
    words = [filter_words(one.condition) for one in one_by_one(MORE)]
    assert words[:3] == ["unreviewed", f"in {SOURCE}", "in the language en or de"] and len(words) == 8
    rest = MORE
    while found := one_by_one(rest):
        assert len(one_by_one(found[0].rest)) == len(found) - 1
        rest = found[0].rest
    assert rest == MessageFilter()
    either = MessageFilter(labels=MORE.labels, labels_match="any")
    (both,) = one_by_one(either)
    assert both.condition == either and both.rest == MessageFilter()


def test_an_address_gives_back_the_whole_state() -> None:
    state = PanelState(dataset="demo/x", text="refund", label="Refund > Late", source="demo/mail", more=MORE)
    assert PanelState.from_query(state.to_query()) == state


def test_the_page_takes_every_old_condition_out_of_its_address() -> None:
    people = AddressFilter(
        one_of=("a",), not_one_of=("b",), domain_one_of=("c",), domain_not_one_of=("d",), missing="include"
    )
    twice = tuple(PropertyFilter(name="number:NPS", at_least=n) for n in (1, 2))
    more = MessageFilter(
        **dict.fromkeys(("sender", "recipient", "cc", "bcc"), people),
        text="x",
        text_in="any",
        translated=True,
        reviewed=True,
        thread_id="t",
        labels_match="any",
        attachments=AttachmentFilter(at_most=3, types=("image/*",)),
        languages=("en",),
        clusters=(1,),
        uids=(Uid("u"),),
        labels=MORE.labels,
        sources=MORE.sources,
        properties=(*MORE.properties, *twice),
    )
    span = Bounds(at_least=1)
    whole = ThreadFilter(
        n_messages=span, position=span, duration_s=span, response_s=span, answered=True, first_sender=people
    )
    pairs = [
        pair
        for thread in (whole, ThreadFilter())
        for pair in parse_qsl(filter_to_query(replace(more, thread=thread)))
    ]
    script = Path(panels.__file__).with_name("address.js").read_text("utf-8")
    own = re.search(r"const OWN = \[(.*?)\];", script)
    condition = re.search(r"const CONDITION = /(.*)/;", script)
    assert own and condition
    for name, _ in pairs:
        assert f'"{name}"' in own[1] or re.search(condition[1], name), name


def test_controls_add_to_what_no_control_shows() -> None:
    state = PanelState(more=MORE)
    bar = FilterBar(state)
    bar.label.options = [("Any label", ""), ("Refund", "a" * 16)]
    bar.source.options = [("All sources", ""), ("demo/chat", "b" * 16)]
    bar.label.value, bar.source.value = "a" * 16, "b" * 16
    where = bar.where(bar.state(state))
    assert where.labels == (*MORE.labels, LabelFilter(label_id=LabelId("a" * 16)))
    assert where.sources == (SOURCE, "b" * 16) and where.sender == MORE.sender and where.reviewed is False


def test_a_condition_is_taken_away_and_the_list_and_the_address_follow(filled: Dataset) -> None:
    more = MessageFilter(sender=AddressFilter(one_of=("c7@mail.example",)), languages=("xx",))
    panel = DiscoverPanel(filled, state=PanelState(more=more))
    try:
        assert panel.filters.chips.chips == ["in the language xx", "sender c7@mail.example"]
        assert panel.found.total == 0 and "language=xx" in panel.address.query
        panel.filters.chips._removed(
            {"place": 0, "text": "sender c7@mail.example"}, []
        )  # of a row that has changed
        assert len(panel.filters.chips.chips) == 2
        panel.filters.chips._removed({"place": 0, "text": "in the language xx"}, [])
        assert panel.filters.chips.chips == ["sender c7@mail.example"] and panel.found.total == 1
        assert "language" not in panel.address.query and "sender=c7" in panel.address.query
        # Back: an earlier address is shown again, and answered so that the page knows.
        sent: list[object] = []
        panel.address.send = sent.append
        panel.address._heard(None, {"type": "return", "query": "?user=x&text=refund&language=xx"}, [])
        assert panel.filters.chips.chips == ["in the language xx"] and panel.search.value == "refund"
        assert panel.found.total == 0 and sent == [{"type": "returned"}]
    finally:
        panel.close()


def test_what_a_search_found_is_marked_where_it_stands(filled: Dataset) -> None:
    panel = DiscoverPanel(filled, state=PanelState(text='refund -vase case OR "no such"'))
    try:
        row = panel.listing.page(0, 1)[0]
        marked = {row["snippet"][start:end] for start, end in row["phrases"]}
        assert marked == {"refund", "case"}
        assert [row["subject"][start:end] for start, end in row["subject_phrases"]] == ["Case"]
    finally:
        panel.close()


def test_a_hit_far_into_a_text_is_brought_into_the_snippet() -> None:
    body = "one  two\n\n" * 60 + "a needle\there"
    start = body.index("needle")
    text, ranges = marked_snippet(body, [(start, start + 6)])
    assert text.startswith("…") and text.endswith("a needle here")
    assert [text[begin:end] for begin, end in ranges] == ["needle"]
    text, ranges = marked_snippet("  two  words", [(7, 12)])
    assert text == "two words" and ranges == [[4, 9]]


def test_annotate_picks_among_what_passes_the_filter(filled: Dataset) -> None:
    ops, did = filled.operations, filled.dataset_id
    label = ops.create_label(did, "Refund")
    more = MessageFilter(sender=AddressFilter(one_of=tuple(f"c{n}@mail.example" for n in range(4, 9))))
    panel = AnnotatePanel(filled, state=PanelState(mode="label", label="Refund", review="yes", more=more))
    try:
        assert panel.filters.chips.chips[0].startswith("sender c4") and panel.state.review == ""
        panel.mode.value = "shuffle"
        assert {row["subject"] for row in panel.card.queue} == {f"Case {n}" for n in range(4, 9)}
        assert "ds.next_batch('shuffle', 20, sender=AddressFilter" in panel.code.code
        assert "sender=c4" in panel.address.query and panel.filters.where(panel.state) == more
        panel.search.value = "driver"
        assert {row["subject"] for row in panel.card.queue} == {"Case 7"}
        panel.mode.value = "search"
        assert len(panel.card.queue) == 1 and "ds.messages(text='driver', sender" in panel.code.code
        panel.return_to("mode=recent&text=driver")
        assert (panel.mode.value, panel.state.text, panel.state.more) == ("recent", "driver", MessageFilter())
        panel.search.value = ""
        panel.filters.change(MessageFilter(languages=("xx",)))
        assert panel.card.queue == [] and "passes the filter" in panel.card.empty_text
        panel.mode.value = "teach"
        panel.refresh()  # a taxonomy that is read again does not become a condition
        assert panel.state.label == label.name and panel.filters.where(panel.state).labels == ()
    finally:
        panel.close()


def test_a_judgement_keeps_among_how_many_its_message_was_picked(filled: Dataset) -> None:
    panel = AnnotatePanel(filled, state=PanelState(mode="shuffle"))
    try:
        row = panel.card.queue[0]
        panel.judging.judge(
            [
                {
                    "uid": row["uid"],
                    "seq": "1" * 16,
                    "assigned": [],
                    "dismissed": [],
                    "new": [],
                    "reviewed": True,
                    "before_revision": row["revision"],
                }
            ]
        )
        (event,) = filled.operations.review_events(filled.dataset_id).to_pylist()
        population = filled.operations.count_messages(filled.dataset_id, MessageFilter())
        assert (event["mode"], event["n_population"]) == ("shuffle", population)
        assert 0 < event["probability"] <= 1
    finally:
        panel.close()
