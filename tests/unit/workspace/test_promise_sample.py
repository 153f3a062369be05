"""Which held-out messages a promise is tested on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import train
from workbench.domain import (
    DatasetId,
    Judgement,
    LabelId,
    MessageFilter,
    Operations,
    PromisedThreshold,
    ReviewMode,
)
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

N = 300
WITHIN_FILTER = 10
"""Messages that a draw within a filter was from."""


KINDS: tuple[tuple[ReviewMode, int | None], ...] = (
    ("shuffle", N),
    ("shuffle", WITHIN_FILTER),
    ("shuffle", None),
    ("search", None),
    ("check", N),
)


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    operations: Operations
    dataset_id: DatasetId
    label_id: LabelId

    def promise(self, at_most: float = 0.3, **asked: Any) -> PromisedThreshold:
        """On all reviewed messages, which cross-validation judges."""
        return self.operations.threshold_with_promise(
            self.dataset_id, self.label_id, "missed", at_most, 0.6, held_out="cross_validated", **asked
        )


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Reviewed]:
    """A fifth of the messages came by Shuffle from all, and as many each by four other ways."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("ann")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(N), "first", N)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        refund = operations.create_label(did, "Refund").label_id
        table = operations.messages_table(did, MessageFilter())
        bodies = dict(zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True))
        said = []
        for place, (uid, body) in enumerate(bodies.items()):
            mode, n_population = KINDS[place // 10 % len(KINDS)]
            said.append(
                Judgement(
                    event_id=secrets.token_hex(8),
                    uid=uid,
                    assigned=(refund,) if "refund" in body else (),
                    mode=mode,
                    revision=0,
                    probability=None if n_population is None else 0.1,
                    n_population=n_population,
                )
            )
        operations.judge(did, tuple(said))
        train(operations, did)
        yield Reviewed(operations=operations, dataset_id=did, label_id=refund)


def test_what_came_by_shuffle_from_nearly_all_messages_decides(reviewed: Reviewed) -> None:
    found = reviewed.promise()
    # Two messages make a thread, which counts once; of five kinds two are drawn at random.
    threads = N // 2
    assert (found.sample, found.n_held_out, found.n_random) == ("random", threads * 2 // 5, threads * 2 // 5)
    assert found.threshold is not None
    every = reviewed.promise(sample="all")
    assert (every.sample, every.n_held_out, every.n_random) == ("all", threads, threads * 2 // 5)
    assert every.n > 2 * found.n

    none = reviewed.promise(0.001)
    assert none.threshold is None and none.n_needed == 916
    assert none.reason == (
        "Too few held-out messages carry the label: without one mistake at least 916 would have to. Only those that came "
        "by Shuffle from nearly all messages count, 60 of 150: review with Shuffle and train, allow more, or be less sure."
    )
    assert "Shuffle" not in reviewed.promise(0.001, sample="all").reason
    with pytest.raises(
        UnknownNameError, match=r"unknown sample of held-out messages 'odd'. Known: all, random"
    ):
        reviewed.promise(sample="odd")


def test_a_dataset_that_grew_is_not_spoken_for(reviewed: Reviewed) -> None:
    more = batch(2 * N, first=N)
    source = reviewed.operations.sources()[0]
    reviewed.operations.put_messages(source.source_id, more, "second", 2 * N)
    # Draws from a known number of messages are from too few now; who did not say of how many is taken at their word.
    assert reviewed.promise().n_random == N // 2 // 5
