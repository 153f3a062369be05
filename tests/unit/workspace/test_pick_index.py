"""What is kept between picks gives the answers that a fresh reading gives, whatever happened in between."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.stores import AT, DATASET, PATHS, SOURCE, add_model, add_run, batch, lay_out, message, uid
from workbench.domain import Event, Judgement, LabelId, MessageFilter, ReviewMode
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.wire import companion_folder
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.picking import needs, pick, read_index
from workbench.workspace.picks import PickIndex, PickShelf

MODES: tuple[ReviewMode, ...] = (
    "recent", "shuffle", "label", "teach", "low_confidence", "rebalance", "check", "missed", "cluster", "search",
)  # fmt: skip
NAMES = [f"n{number}" for number in range(40)]
EVENT_IDS = (f"{number:016x}" for number in itertools.count(1))
CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("judge"), st.integers(0, 39), st.sampled_from([(), ("l0",), ("l1", "l2")]), st.booleans()
        ),
        st.tuples(st.just("import"), st.integers(0, 3)),
        st.tuples(st.just("version"), st.integers(0, 99)),
        st.tuples(st.just("clusters"), st.integers(1, 5)),
        st.tuples(st.just("validation"), st.integers(0, 99)),
        st.tuples(st.just("delete"), st.integers(0, 39)),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    """A workspace with messages, vectors and one reviewed message; each example goes on with what the last one left."""
    file = tmp_path_factory.mktemp("picks") / "w.duckdb"
    with open_workspace(file, settings=Settings(retrain_after_reviews=0, predict_after_s=-1)) as made:
        with made._workspace.store.write() as session:
            lay_out(session)
            rows = [message(name, timestamp=AT + timedelta(hours=i)) for i, name in enumerate(NAMES)]
            session.messages.put(SOURCE, batch(*rows), at=AT)
            session.reviews.judge(DATASET, (_judgement("n0", ("l0",)),), actor="a", at=AT)
        yield made


def _judgement(name: str, labels: tuple[str, ...], *, reviewed: bool = True) -> Judgement:
    assigned = tuple(LabelId(one) for one in labels)
    return Judgement(event_id=next(EVENT_IDS), uid=uid(name), assigned=assigned, reviewed=reviewed)


def _names(opened: OpenedWorkspace) -> list[str]:
    with opened._workspace.store.read() as session:
        return [one.partition(".")[2] for one in session.messages.keys(DATASET).column("uid").to_pylist()]


def _change(opened: OpenedWorkspace, change: tuple[Any, ...]) -> None:
    """One thing that happens to a dataset, told as the operations tell it."""
    workspace, kind = opened._workspace, change[0]
    names = _names(opened)
    rng = np.random.default_rng(change[1])
    if kind == "judge":
        name = names[change[1] % len(names)]
        opened.operations("ann").judge(DATASET, (_judgement(name, change[2], reviewed=change[3]),))
        return
    topic, told = {"import": ("import", None), "delete": ("import", DATASET)}.get(kind, ("model", DATASET))
    with workspace.store.write() as session:
        if kind == "import":
            fresh = message(f"more{next(EVENT_IDS)}", timestamp=AT - timedelta(hours=change[1]))
            moved = message(names[change[1]], timestamp=AT + timedelta(days=change[1]))
            session.messages.put(SOURCE, batch(fresh, moved), at=AT)
        elif kind == "version":
            known = session.models.versions(DATASET)
            of_most = {name: rng.random(3).round(2) for name in names[: max(1, len(names) - 3)]}
            add_model(session, known[0].version + 1 if known else 1, of_most)
        elif kind == "clusters":
            add_run(session, next(EVENT_IDS), {name: i % change[1] for i, name in enumerate(names)})
            topic = "discover"
        elif kind == "delete":
            doomed = session.messages.keys(DATASET).slice(change[1] % len(names), 1).select(["uid"])
            session.deletion.messages(doomed)
    if kind == "validation":
        folder = companion_folder(workspace.path) / "held_out"
        folder.mkdir(exist_ok=True)
        scores = rng.random((len(names), 3)).round(2).astype(np.float32)
        np.savez(
            folder / f"{DATASET}.npz",
            uids=np.array([uid(name) for name in names]),
            label_ids=np.array(["l0", "l1", "l2"]),
            out_of_fold=scores,
            thresholds=np.full(3, 0.3),
            informativeness=rng.random(3),
        )
    vectors = workspace.folder / "matrices" / f"{DATASET}-x-{len(_names(opened))}.npy"
    vectors.parent.mkdir(exist_ok=True)
    np.save(vectors, np.random.default_rng(0).standard_normal((len(_names(opened)), 4)).astype(np.float32))
    workspace.events.publish(topic, "s", dataset_id=told, payload={"gone": kind == "delete"})


def _answer(opened: OpenedWorkspace, mode: ReviewMode, index: PickIndex | None) -> object:
    label = (
        LabelId("l0") if needs(mode, None)[:1] in ((("label", "None"),), (("held_out", "None"),)) else None
    )
    where = MessageFilter(until=AT + timedelta(hours=30)) if mode in ("recent", "teach") else None
    where = MessageFilter(text="n3*") if mode == "search" else where
    workspace = opened._workspace
    if index is None:
        index = workspace.picks.get(DATASET, needs(mode, label))
    with workspace.store.read() as session:
        try:
            return pick(
                workspace, session, DATASET, mode, n=6, label_id=label, seed=5, where=where, index=index
            )
        except WorkbenchError as error:
            return error.message


@hypothesis_settings(max_examples=5)
@given(changes=CHANGES, asked=st.lists(st.sampled_from(MODES), min_size=6, max_size=6))
def test_the_kept_index_answers_as_a_fresh_one(
    opened: OpenedWorkspace, changes: list[tuple[Any, ...]], asked: list[ReviewMode]
) -> None:
    workspace = opened._workspace
    for number, change in enumerate(changes):
        _change(opened, change)
        workspace.picks._make(DATASET).result()  # a small one is there before anybody waits in vain
        with workspace.store.read() as session:
            fresh = read_index(workspace, session, DATASET)
        for mode in MODES if number == len(changes) - 1 else asked[number : number + 1]:
            assert _answer(opened, mode, None) == _answer(opened, mode, fresh), (mode, change)


class Index:
    """Stands for an index: what it has ready, and how large it is."""

    def __init__(self, name: str, *, n_bytes: int = 10) -> None:
        self.name, self.n_bytes, self.ready = name, n_bytes, True

    def holding(self, needs: object) -> Any:
        return self if self.ready or not needs else None

    def wanted(self) -> list[object]:
        return []

    def shrink(self, n_bytes: int) -> None:
        self.n_bytes = min(self.n_bytes, max(n_bytes, 5))


def _event(topic: str, dataset: Any = DATASET, payload: str = "{}") -> Event:
    return Event(seq=1, topic=topic, dataset_id=dataset, subject="s", actor="a", payload=payload)


def _shelf(
    max_bytes: int = 100, **sizes: int
) -> tuple[PickShelf, list[Any], threading.Event, threading.Event]:
    made: list[Any] = []
    may_end, begun = threading.Event(), threading.Event()
    may_end.set()

    def read(dataset_id: Any, _before: Any, _wanted: Any) -> Any:
        begun.set()
        assert may_end.wait(10)
        made.append(Index(f"{dataset_id}{len(made)}", n_bytes=sizes.get(dataset_id, 10)))
        return made[-1]

    return PickShelf(read, max_bytes=max_bytes), made, may_end, begun


def test_while_the_next_one_is_made_the_last_one_answers_except_after_a_deletion() -> None:
    shelf, made, may_end, _ = _shelf()
    first = shelf.get(DATASET)
    assert shelf.get(DATASET) is first
    may_end.clear()
    shelf.hear(_event("model"))
    assert shelf.get(DATASET) is first, "it waits a moment, then goes on"
    first.ready = False  # type: ignore[attr-defined]
    threading.Timer(0.1, may_end.set).start()
    assert shelf.get(DATASET, (("label", "l0"),)) is not first, "what it does not have is waited for"
    other = shelf.get("other")  # type: ignore[arg-type]
    shelf.hear(_event("import", payload='{"gone": true}'))
    assert shelf.get(DATASET) not in made[:3]
    assert shelf.get("other") is other, "nothing of it is gone"  # type: ignore[arg-type]
    last = shelf.get(DATASET)
    shelf.hear(_event("catalog", None))
    assert shelf.get(DATASET) is last, "a title changes no message"
    shelf.hear(_event("judgement"))
    assert shelf.get(DATASET) is made[-1]
    shelf.close()


def test_an_index_read_before_a_deletion_is_not_kept() -> None:
    shelf, made, may_end, begun = _shelf()
    may_end.clear()
    under_way = shelf._make(DATASET)
    assert begun.wait(10)
    shelf.hear(_event("import", payload='{"gone": true}'))
    may_end.set()
    under_way.result()
    assert shelf.get(DATASET) is made[1]
    shelf.close()


def test_memory_is_bounded_by_datasets_then_parts() -> None:
    shelf, _, _, _ = _shelf(max_bytes=15, large=40)
    first, second = (shelf.get(name) for name in ("one", "two"))  # type: ignore[arg-type]
    assert shelf.get("two") is second  # type: ignore[arg-type]
    assert shelf.get("one") is not first, "the dataset not used for longest went"  # type: ignore[arg-type]
    assert shelf.get("large").n_bytes == 15  # type: ignore[arg-type]
    shelf.close()


def test_reading_a_part_keeps_nobody_waiting_and_a_held_part_stays(
    opened: OpenedWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, n_read = threading.Event(), threading.Event(), itertools.count()

    def slow(index: PickIndex, _session: object, _label: str) -> Any:
        begun.set()
        next(n_read)
        assert may_end.wait(10)
        return (np.zeros(len(index.uids), dtype=np.int64),)

    monkeypatch.setattr(PickIndex, "_readers", {"clusters": slow})
    key = ("clusters", "")
    with opened._workspace.store.read() as session:
        index = read_index(opened._workspace, session, DATASET)
        found: list[Any] = []
        askers = [threading.Thread(target=lambda: found.append(index.part(session, key))) for _ in range(2)]
        for one in askers:
            one.start()
        assert begun.wait(10)
        assert index.wanted() == [], "who asks for what is there is answered at once"
        assert index.holding((key,)) is None
        may_end.set()
        for one in askers:
            one.join()
        held = index.holding((key,))
        index.shrink(0)
        assert held is not None
        assert held.part(session, key) is found[0] is found[1]
    assert next(n_read) == 1, "who asked for the same meanwhile shares it"


def test_parts_not_used_for_longest_go_first(opened: OpenedWorkspace) -> None:
    workspace = opened._workspace
    with workspace.store.read() as session:
        version = session.models.versions(DATASET)
    if not version:
        _change(opened, ("version", 1))
    with workspace.store.read() as session:
        index = read_index(workspace, session, DATASET)
        base = index.n_bytes
        index.prepare(session, [("label", "l0"), ("label", "l1"), ("label", "gone"), ("clusters", "")])
        index.part(session, ("label", "l0"))
        index.shrink(index.n_bytes - 1)
        assert index.wanted() == [("clusters", ""), ("label", "l0")]
        index.shrink(0)
    assert index.wanted() == []
    assert index.n_bytes == base
    assert set(PATHS) >= {"l0", "l1"}


def test_the_folder_of_an_empty_workspace(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "e.duckdb", settings=Settings(retrain_after_reviews=0)) as made:
        with made._workspace.store.write() as session:
            lay_out(session)
        assert made.operations("ann").next_batch(DATASET, "shuffle").uids == ()
