"""What is put together before a stream is saved, and how streams are told on cards: no workspace needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workbench.domain import (
    DatasetId,
    LabelId,
    LabelThreshold,
    MessageFilter,
    ModelVersion,
    Stream,
    StreamId,
    StreamSettings,
    StreamStatus,
    WebhookStatus,
)
from workbench.widgets.panels.stream_cards import Watched, age_words, stream_card, threshold_words
from workbench.widgets.panels.stream_draft import StreamDraft, VersionFacts, filter_state, with_times
from workbench.widgets.panels.stream_words import metadata_words

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"
LATE, REFUND, RARE, GONE = (LabelId(one * 16) for one in "abcd")
FACTS = VersionFacts(
    version=3,
    names={LATE: "Delivery > Late", REFUND: "Refund", RARE: HOSTILE},
    choices={
        LATE: {"balanced": 0.5, "high_precision": 0.9, "high_recall": 0.2},
        REFUND: {"balanced": 0.6, "high_precision": 0.95, "high_recall": 0.3},
    },
    kept={REFUND: 0.7},
)


def stream(**settings: object) -> Stream:
    return Stream(
        stream_id=StreamId("s"),
        dataset_id=DatasetId("d"),
        name="robot",
        settings=StreamSettings(**settings),  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
    )


def version(number: int, **more: object) -> ModelVersion:
    return ModelVersion(
        dataset_id=DatasetId("d"),
        version=number,
        created_at=NOW,
        n_reviewed=9,
        n_labels=3,
        encoder="hash-test",
        lineage={},
        **more,  # type: ignore[arg-type]
    )


def status(**more: object) -> StreamStatus:
    usual: dict[str, object] = {
        "name": "robot",
        "version": 3,
        "n_waiting": 2,
        "oldest_waiting": NOW - timedelta(days=3),
        "n_delivered": 9,
        "rates": ((NOW - timedelta(hours=1), 4), (NOW, 5)),
        "n_exceptions": 1,
        "last_fetched": NOW,
    }
    return StreamStatus(**(usual | more))  # type: ignore[arg-type]


def come(draft: StreamDraft) -> dict[LabelId, tuple[float, str]]:
    return {one.label_id: (one.threshold, one.why) for one in draft.rows() if one.counts}


def test_a_new_stream_goes_by_what_is_kept_until_something_is_chosen() -> None:
    draft = StreamDraft.of(None, FACTS)
    assert come(draft) == {REFUND: (0.7, "kept")}
    balanced = draft.with_all("balanced")
    assert come(balanced) == {LATE: (0.5, "balanced"), REFUND: (0.6, "balanced")}  # RARE has no balanced one
    assert come(draft.with_label(RARE, 0.8).with_all("balanced"))[RARE] == (0.8, "by hand")
    mixed = balanced.with_label(LATE, 0.42).with_label(RARE, 0.8).with_label(REFUND, 1.0)
    assert come(mixed) == {LATE: (0.42, "by hand"), RARE: (0.8, "by hand")}
    assert {row.label_id: row.why for row in mixed.rows()}[REFUND] == "switched off"
    assert come(mixed.with_label(REFUND, None)) == {
        LATE: (0.42, "by hand"),
        REFUND: (0.7, "kept"),
        RARE: (0.8, "by hand"),
    }
    assert come(mixed.with_all("")) == come(draft)
    assert come(replace(mixed.with_all(""), rest="off")) == {}
    settings = mixed.settings(MessageFilter(text="late"), "Robot", "about")
    assert (settings.version, settings.unlisted, settings.title, settings.where.text) == (
        3,
        "kept",
        "Robot",
        "late",
    )
    assert {one.label_id: one.threshold for one in settings.thresholds} == {
        LATE: 0.42,
        RARE: 0.8,
        REFUND: 1.0,
    }


def test_a_stream_comes_back_as_it_was_and_keeps_what_a_version_does_not_know() -> None:
    listed = (
        LabelThreshold(label_id=LATE, threshold=0.5, name="Delivery > Late"),
        LabelThreshold(label_id=GONE, threshold=0.4, name="Old"),
    )
    one = stream(version=3, thresholds=listed, where=MessageFilter(text="x"))
    draft = StreamDraft.of(one, FACTS)
    assert draft.settings(one.settings.where) == replace(one.settings, unlisted="off")
    assert draft.labels()[GONE] == "Old (unknown to it)"
    assert GONE not in draft.with_label(GONE, None).labels()
    bare = draft.with_version(VersionFacts())
    assert bare.settings(MessageFilter()) == StreamSettings() and bare.rows() == []


@pytest.mark.parametrize(
    "where",
    [
        MessageFilter(),
        MessageFilter(text="refund", reviewed=False, languages=("en",)),
        MessageFilter(since=datetime(2026, 3, 1, 12, 30, tzinfo=UTC), until=datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_a_filter_keeps_its_hours_while_its_days_are_the_same(where: MessageFilter) -> None:
    state = filter_state(where, "demo/support")
    assert with_times(state.where(), where) == where
    moved = with_times(state.with_(since="2026-02-01").where(), where)
    assert moved.since == datetime(2026, 2, 1, tzinfo=UTC) and moved.until == where.until


def test_a_card_says_what_needs_an_eye() -> None:
    listed = tuple(
        LabelThreshold(label_id=LabelId(f"{n:016x}"), threshold=0.5, name=f"{HOSTILE} {n}") for n in range(5)
    )
    one = stream(version=3, thresholds=listed, title=HOSTILE)
    known = {3: version(3, predicted=True), 4: version(4, predicted=True)}
    card = stream_card(Watched(stream=one, status=status()), known, NOW)
    assert card["title"] == HOSTILE and card["problem"][0] == "Version 4 is newer." and card["calm"]
    assert card["figures"] == [[2, "waiting"], [9, "taken in 24 h"], [1, "exceptions"]]
    assert card["bars"]["values"] == [4, 5] and "at most 5 messages" in card["bars"]["title"]
    facts = dict(card["facts"])
    assert facts["Oldest waiting"] == "3 days" and facts["Webhook"] == "none: consumers fetch"
    assert facts["Thresholds"].startswith(f"{HOSTILE} 0 50 %") and facts["Thresholds"].endswith("and 2 more")
    waiting = stream_card(Watched(stream=one, status=status()), known | {3: version(3)}, NOW)
    assert waiting["problem"][0] == "The predictions of version 3 are not ready."
    hook = WebhookStatus(url="https://x.example", paused="failures", last_error="It did not answer.")
    paused = stream_card(
        Watched(stream=one, status=status(webhook=hook)), {3: version(3, predicted=True)}, NOW
    )
    assert paused["problem"] == ["The webhook is paused: its target failed too often.", "It did not answer."]
    hidden = stream_card(Watched(stream=one, problem=("not for you.", "Ask.")), known, NOW)
    assert hidden["figures"] == [] and hidden["problem"] == ["not for you.", "Ask."] and not hidden["calm"]
    idle = status(n_waiting=0, oldest_waiting=None, last_fetched=None)
    calm = stream_card(Watched(stream=stream(), status=idle), {}, NOW)
    assert calm["badge"]["text"] == "Up to date" and "problem" not in calm
    assert (
        dict(calm["facts"])["Last taken"] == "never"
        and dict(calm["facts"])["Oldest waiting"] == "nothing waits"
    )


def test_words_are_short() -> None:
    assert threshold_words(stream()) == "no labels come"
    assert threshold_words(stream(version=3)) == "as kept with the version"
    assert threshold_words(stream(version=3, unlisted="every")).startswith("every label")
    listed = (LabelThreshold(label_id=LATE, threshold=0.25, name="Late"),)
    kept = threshold_words(stream(version=3, thresholds=listed, unlisted="kept"))
    assert kept == "Late 25 %; others as kept with the version"
    assert [age_words(seconds) for seconds in (-5, 59, 7_000, 4 * 86_400)] == [
        "0 s",
        "59 s",
        "117 min",
        "4 days",
    ]
    assert metadata_words('{"robot": "r1", "<b>": "x"}') == "robot: r1, <b>: x" and metadata_words("") == ""
