"""Any sequence of uploads, changes, deletions, fetches, advances, resets and restarts: the queue is what a list would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.contract.messages import batch
from tests.stores import model_version
from workbench.domain import (
    DatasetId,
    LabelId,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    PropertyFilter,
    SourceId,
    StreamBatch,
    StreamSettings,
    Uid,
)
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace

NORTH = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
OPTIONS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)


class House:
    """A workspace that can be closed and opened again, on a clock of its own."""

    def __init__(self, file: Path) -> None:
        self.file, self.ticks = file, 0
        self.opened = self.open()

    def open(self) -> OpenedWorkspace:
        return open_workspace(self.file, settings=OPTIONS, clock=self.now)

    def now(self) -> datetime:
        self.ticks += 1
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.ticks)

    @property
    def operations(self) -> Operations:
        return self.opened.operations("tester")

    def again(self) -> None:
        self.opened.close()
        self.opened = self.open()


@dataclass
class Kept:
    """A message as the oracle knows it; the place in its list is the order of arrival."""

    number: int
    at: datetime
    text: str
    predicted: bool
    gone: bool = False

    @property
    def passes(self) -> bool:
        return self.number % 2 == 0


@dataclass
class Oracle:
    """A list, and how far into it the stream is."""

    messages: list[Kept] = field(default_factory=list)
    position: int = 0
    resets: int = 0

    def fetch(self, size: int, most: int | None) -> tuple[list[Kept], int, int, bool]:
        """Messages, how many were passed over, the place behind the batch, and whether it is the end."""
        found: list[Kept] = []
        n_filtered, place = 0, self.position
        for here, one in enumerate(self.messages[self.position :], self.position + 1):
            if one.gone:
                continue
            if len(found) == size or (not one.passes and n_filtered == most):
                return found, n_filtered, place, False
            if one.passes and not one.predicted:
                return found, n_filtered, place, False
            if one.passes:
                found.append(one)
            else:
                n_filtered += 1
            place = here
        return found, n_filtered, place, True


class Consuming(RuleBasedStateMachine):
    """One stream, two consumers who each hold a batch, and everything that can happen to them."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house, self.oracle = house, Oracle()
        there = house.operations
        name = f"d{len(there.datasets())}"
        self.source: SourceId = there.create_source("demo", name).source_id
        self.dataset: DatasetId = there.create_dataset("demo", name, (self.source,)).dataset_id
        label = there.create_label(self.dataset, "Refund").label_id
        self.add_version(label)
        there.create_stream(self.dataset, "s", StreamSettings(version=1, unlisted="every", where=NORTH))
        self.n_made = self.n_sent = 0
        self.ids: list[tuple[str, int, int]] = []
        """Sequence ids that were given: the text, how often the stream had been reset, the place."""
        self.held: dict[int, list[tuple[str, int, int]]] = {0: [], 1: []}

    def add_version(self, label: LabelId) -> None:
        about = replace(model_version(1, n_labels=1), dataset_id=self.dataset)
        with self.house.opened._workspace.store.write() as session:
            session.models.add_version(about, weights=b"w", parameters="{}", label_ids=[label])

    def send(self, numbers: list[int], suffix: str) -> None:
        for number in numbers:
            self.n_sent += 1
            rows = batch(1, first=number, suffix=suffix)
            self.house.operations.put_messages(self.source, rows, f"{self.dataset}{self.n_sent}", 1)

    def predict(self, some: list[Kept]) -> None:
        uids = [Uid(f"{self.source}.m{one.number}") for one in some]
        matrix = np.full((len(uids), 1), 0.5, np.float32)
        with self.house.opened._workspace.store.write() as session:
            session.models.put_predictions(self.dataset, 1, uids, matrix)
        for one in some:
            one.predicted = True

    # ---- what happens

    @rule(n=st.integers(1, 3), predicted=st.booleans())
    def upload(self, n: int, predicted: bool) -> None:
        fresh = []
        for _ in range(n):
            self.send([self.n_made], "")
            fresh.append(Kept(self.n_made, self.house.now(), "", False))
            self.n_made += 1
        self.oracle.messages += fresh
        if predicted:
            self.predict(fresh)

    @rule(which=st.integers(0, 20))
    def change(self, which: int) -> None:
        if there := [one for one in self.oracle.messages if not one.gone]:
            one = there[which % len(there)]
            one.text += " and more"
            one.predicted = False
            self.send([one.number], one.text)

    @rule(which=st.integers(0, 20))
    def delete(self, which: int) -> None:
        if there := [one for one in self.oracle.messages if not one.gone]:
            one = there[-1 - which % len(there)]
            one.gone = True
            chosen = MessageChoice(message_ids=(MessageId(f"m{one.number}"),))
            self.house.operations.delete_messages(self.source, chosen, "delete")

    @rule()
    def catch_up(self) -> None:
        if some := [one for one in self.oracle.messages if not (one.gone or one.predicted)]:
            self.predict(some)

    @rule(consumer=st.integers(0, 1), size=st.integers(1, 4), most=st.none() | st.integers(1, 2))
    def fetch(self, consumer: int, size: int, most: int | None) -> None:
        found = self.house.operations.fetch_stream(self.dataset, "s", size, most)
        messages, n_filtered, place, is_end = self.oracle.fetch(size, most)
        assert [one.message.message_id for one in found.items] == [f"m{one.number}" for one in messages]
        for item, one in zip(found.items, messages, strict=True):
            assert item.message.body.endswith(f"no {one.number}{one.text}")
        assert (found.n_filtered, found.is_end) == (n_filtered, is_end)
        assert all(len(one.prediction.labels) == 1 for one in found.items)
        self.held[consumer] = self.given(found, messages, place)
        self.ids += self.held[consumer]

    def given(self, found: StreamBatch, messages: list[Kept], place: int) -> list[tuple[str, int, int]]:
        places = [self.oracle.messages.index(one) + 1 for one in messages]
        told = [
            (one.sequence_id, self.oracle.resets, at) for one, at in zip(found.items, places, strict=True)
        ]
        return [*told, (found.sequence_id, self.oracle.resets, place)]

    @rule(consumer=st.integers(0, 1), which=st.integers(0, 4))
    def advance(self, consumer: int, which: int) -> None:
        if held := self.held[consumer]:
            self.move(held[which % len(held)])

    @rule(which=st.integers(0, 50))
    def advance_by_an_old_id(self, which: int) -> None:
        if self.ids:
            self.move(self.ids[which % len(self.ids)])

    def move(self, told: tuple[str, int, int]) -> None:
        text, resets, place = told
        if resets != self.oracle.resets:
            with pytest.raises(InputError, match="before the stream was reset"):
                self.house.operations.advance_stream(self.dataset, "s", text)
            return
        self.house.operations.advance_stream(self.dataset, "s", text)
        self.oracle.position = max(self.oracle.position, place)

    @rule(which=st.integers(0, 20))
    def reset(self, which: int) -> None:
        messages = self.oracle.messages
        if not messages:
            return
        at = messages[which % len(messages)].at  # between the storing of two messages
        self.house.operations.reset_stream(self.dataset, "s", at)
        self.oracle.resets += 1
        later = [i for i, one in enumerate(messages) if one.at > at and not one.gone]
        self.oracle.position = later[0] if later else len(messages)

    @rule()
    def restart(self) -> None:
        self.house.again()

    # ---- what must hold

    @invariant()
    def what_is_behind_is_what_the_list_says(self) -> None:
        place = self.house.operations.stream_position(self.dataset, "s")
        left = [one for one in self.oracle.messages[self.oracle.position :] if not one.gone]
        assert (place.n_behind, place.n_resets) == (len(left), self.oracle.resets)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as name:
        made = House(Path(name) / "w.duckdb")
        yield made
        made.opened.close()


def run(house: House, n_examples: int, n_steps: int) -> None:
    run_state_machine_as_test(
        lambda: Consuming(house),
        settings=settings(max_examples=n_examples, stateful_step_count=n_steps, deadline=None),
    )


def test_a_queue_is_a_list(house: House) -> None:
    run(house, 2, 15)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_queue_is_a_list_in_many_ways(house: House) -> None:
    run(house, 40, 40)
