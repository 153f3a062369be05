"""What the store knows reaches the strategies in the right rows, however messages and predictions are ordered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.stores import AT, DATASET, SOURCE, add_model, add_run, batch, lay_out, message, uid
from workbench.domain import Judgement, LabelId, MessageFilter, ReviewMode
from workbench.errors import InputError
from workbench.review import STRATEGIES, Picks, Pool
from workbench.store import Store
from workbench.workspace import picking

NAMES = [f"n{number}" for number in range(12)]
REVIEWED = ("n2", "n7")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Twelve messages, two reviewed; predictions and clusters of all but the last, handed in backwards."""
    with Store.open(tmp_path / "p.duckdb", n_threads=1) as opened:
        with opened.write() as session:
            lay_out(session)
            rows = [message(name, timestamp=AT + timedelta(hours=i)) for i, name in enumerate(NAMES)]
            session.messages.put(SOURCE, batch(*rows), at=AT)
            judgements = tuple(
                Judgement(event_id=f"{i:016x}", uid=uid(name), assigned=(LabelId("l2"),))
                for i, name in enumerate(REVIEWED)
            )
            session.reviews.judge(DATASET, judgements, actor="a", at=AT)
            backwards = NAMES[-2::-1]
            add_model(session, 1, {name: (int(name[1:]) / 100, 0.5, 0.25) for name in backwards})
            add_run(session, "r", {name: int(name[1:]) % 3 for name in backwards})
        yield opened


def pool_of(
    store: Store, tmp_path: Path, mode: ReviewMode, monkeypatch: pytest.MonkeyPatch, label: str | None = None
) -> tuple[Pool, int | None, tuple[str, ...]]:
    """What the strategy of a mode is given, and what is answered when it picks rows 3 and 1."""
    seen: list[Any] = []

    def strategy(pool: Pool, n: int, *, label: int | None = None, random_state: int = 0) -> Picks:
        seen.extend((pool, label))
        return Picks(indices=np.array([3, 1]) % pool.n, probabilities=np.array([0.5, 0.5]), n_population=4)

    monkeypatch.setattr(picking, "STRATEGIES", {**STRATEGIES, mode: strategy})
    workspace: Any = SimpleNamespace(folder=tmp_path)
    with store.read() as session:
        chosen = LabelId(label) if label else None
        answer = picking.pick(workspace, session, DATASET, mode, n=2, label_id=chosen, seed=1)
    return seen[0], seen[1], answer.uids


def test_rows_are_in_order_of_arrival(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, _, uids = pool_of(store, tmp_path, "shuffle", monkeypatch)
    assert uids == (uid("n3"), uid("n1"))
    assert [name for name, done in zip(NAMES, pool.reviewed, strict=True) if done] == list(REVIEWED)
    assert pool.times is not None
    assert np.diff(pool.times).tolist() == [3_600_000_000] * 11


def test_predictions_and_clusters_are_brought_into_that_order(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, label, _ = pool_of(store, tmp_path, "teach", monkeypatch, label="l1")
    assert label == 0
    assert pool.probabilities is not None
    assert pool.probabilities.shape == (12, 1)
    assert pool.probabilities[:, 0] == pytest.approx([0.5] * 11 + [0.0])
    pool, _, _ = pool_of(store, tmp_path, "cluster", monkeypatch)
    assert pool.clusters is not None
    assert pool.clusters.tolist() == [i % 3 for i in range(11)] + [-1]


def test_held_out_scores_meet_the_labels_of_their_messages(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "held_out" / f"{DATASET}.npz"
    file.parent.mkdir()
    uids, label_ids = np.array([uid("n7"), uid("n2"), uid("gone")]), np.array(["l2", "l0"])
    scores = np.array([[0.7, 0.1], [0.2, 0.3], [0.9, 0.9]], dtype=np.float32)
    np.savez(file, uids=uids, label_ids=label_ids, out_of_fold=scores)
    pool, label, _ = pool_of(store, tmp_path, "check", monkeypatch, label="l2")
    assert label == 0
    assert pool.out_of_fold is not None
    assert pool.assigned is not None
    assert pool.out_of_fold[:, 0] == pytest.approx([0.2, 0.7]), (
        "in row order, and no message that was not scored"
    )
    assert pool.assigned.tolist() == [[True], [True]]
    assert pool.reviewed.all()


def test_nothing_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "e.duckdb", n_threads=1) as empty:
        with empty.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*(message(name) for name in NAMES)), at=AT)
        pool, _, _ = pool_of(empty, tmp_path, "cluster", monkeypatch)
        assert not pool.reviewed.any()
        assert pool.clusters is not None
        assert set(pool.clusters.tolist()) == {-1}


def test_a_mode_without_a_strategy_is_refused(store: Store, tmp_path: Path) -> None:
    workspace: Any = SimpleNamespace(folder=tmp_path)
    with store.read() as session, pytest.raises(InputError, match="import"):
        picking.pick(workspace, session, DATASET, "import", n=2, label_id=None, seed=1)


def test_real_strategies_never_offer_what_is_reviewed(store: Store, tmp_path: Path) -> None:
    workspace: Any = SimpleNamespace(folder=tmp_path)
    for mode in ("shuffle", "teach", "label", "low_confidence"):
        label = LabelId("l1") if mode in ("teach", "label") else None
        with store.read() as session:
            found = picking.pick(workspace, session, DATASET, mode, n=12, label_id=label, seed=3)  # type: ignore[arg-type]
        assert set(found.uids) <= {uid(name) for name in NAMES if name not in REVIEWED}, mode
        assert found.uids, mode


def test_only_what_passes_the_filter_is_picked_and_counted(store: Store, tmp_path: Path) -> None:
    workspace: Any = SimpleNamespace(folder=tmp_path)
    where = MessageFilter(
        since=AT + timedelta(hours=6)
    )  # n6 to n11: n7 is reviewed, the cluster of n8 lacks nothing
    passing = {uid(name) for name in NAMES[6:]}
    for mode, n_population in (("shuffle", 5), ("rebalance", 4), ("teach", 5), ("recent", 6), ("label", 5)):
        label = LabelId("l1") if mode in ("teach", "label") else None
        with store.read() as session:
            found = picking.pick(
                workspace,
                session,
                DATASET,
                mode,
                n=2,
                label_id=label,
                seed=3,
                where=where,  # type: ignore[arg-type]
            )
        assert set(found.uids) <= passing, mode
        assert (len(found.uids), found.n_population) == (2, n_population), mode
        if mode == "shuffle":
            assert found.probabilities == (2 / 5, 2 / 5)


def test_search_ranks_what_passes_by_relevance(store: Store, tmp_path: Path) -> None:
    workspace: Any = SimpleNamespace(folder=tmp_path)
    where = MessageFilter(text="n1 OR n10 OR n11", until=AT + timedelta(hours=11))
    with store.read() as session:
        found = picking.pick(workspace, session, DATASET, "search", n=5, label_id=None, seed=1, where=where)
        page = session.messages.page(DATASET, where, "relevance").messages
        assert found.uids == tuple(message.uid for message in page)
        with pytest.raises(InputError, match="search results"):
            picking.pick(workspace, session, DATASET, "search", n=5, label_id=None, seed=1)
    assert set(found.uids) == {uid("n1"), uid("n10")}
    assert found.n_population == 2
