"""A store after a deletion is the store into which the deleted messages never came."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, add_model, add_run, lay_out, message, uid
from workbench.domain import MESSAGE_EXTRAS, MESSAGE_SCHEMA, Judgement, LabelId, MessageFilter, Uid
from workbench.primitives import hex_digest
from workbench.store import Session, Store

CALM = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FULL = pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
N = 6
NAMES = [str(i) for i in range(N)]
names = st.sets(st.sampled_from(NAMES))


class Undo(Exception):  # noqa: N818 - leaves a write transaction without committing
    pass


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        yield store


def row(name: str) -> dict[str, Any]:
    """Every third message has the same text, every second a file."""
    content = f"file {int(name) % 4}".encode()
    file = {"name": "f", "size": len(content), "content_type": "", "content_hash": None, "inline": False}
    return message(
        name,
        body=f"text {int(name) % 3}",
        thread_id="t",
        properties=f'{{"number:n":{name}}}',
        attachments=[{**file, "content": content}] if int(name) % 2 else None,
    )


def store_all(session: Session, present: list[str], judged: set[str]) -> None:
    session.messages.put(SOURCE, pa.Table.from_pylist([row(name) for name in present], schema=FULL), at=AT)
    session.messages.put(OTHER_SOURCE, pa.Table.from_pylist([row("1")], schema=FULL), at=AT)
    # The message of the other source shares its text, so its vector is there whatever happens here.
    hashes = sorted({hex_digest("", row(name)["body"]) for name in (*present, "1")})
    session.embeddings.put("tiny", hashes, np.ones((len(hashes), 2), dtype=np.float32))
    add_model(session, 1, {name: (int(name) / 8, 0.5, 0.25) for name in present})
    add_run(session, "run", dict.fromkeys(present, 0))
    given_ = [
        Judgement(event_id=f"e{name}", uid=uid(name), assigned=(LabelId("l1"),), dismissed=(LabelId("l2"),))
        for name in sorted(judged & set(present))
    ]
    session.reviews.judge(DATASET, given_, actor="ann", at=AT)


def seen(session: Session, left: list[str]) -> dict[str, Any]:
    """What anybody can see, without the order of arrival."""
    found, n_total = session.messages.find(DATASET, MessageFilter(), "oldest", 0, 50)
    query = {
        table: sorted(
            map(str, session._cursor._connection.execute(f"SELECT {columns} FROM {table}").fetchall())
        )
        for table, columns in {
            "message_property": "*",
            "attachment": "*",
            "blob": "*",
            "embedding": "text_hash",
            "prediction": "*",
            "cluster_member": "*",
            "projection": "uid",
            "review_event": "event_id, uid, assigned, dismissed",
            "review_state": "uid, revision",
            "assigned_label": "*",
            "dismissed_label": "*",
        }.items()
    }
    members, _ = session.discovery.members(DATASET)
    return {
        "messages": {one.uid: one for one in found},
        "n": n_total,
        "labels": session.labels.all(DATASET),
        "datasets": session.catalog.datasets(),
        "members": sorted(members),
        "other": session.messages.keys(DATASET).column("uid").to_pylist() == [uid(name) for name in left],
        **query,
    }


@pytest.mark.nightly
@CALM
@given(doomed=st.sets(st.sampled_from(NAMES), max_size=N - 1), judged=names)
def test_deleted_is_as_if_never_stored(laid_out: Store, doomed: set[str], judged: set[str]) -> None:
    left = [name for name in NAMES if name not in doomed]
    states = []
    for present, removed in ((NAMES, doomed), (left, set())):
        with pytest.raises(Undo), laid_out.write() as session:
            store_all(session, present, judged)
            uids = pa.table({"uid": pa.array([uid(name) for name in sorted(removed)], pa.string())})
            took = session.deletion.messages(uids)
            assert (took.n_messages, took.n_predictions) == (len(removed), len(removed))
            states.append(seen(session, left))
            raise Undo
    assert states[0] == states[1]


@CALM
@given(judged=names)
def test_removing_a_source_and_adding_it_changes_no_judgement(laid_out: Store, judged: set[str]) -> None:
    with pytest.raises(Undo), laid_out.write() as session:
        store_all(session, NAMES, judged)
        session.catalog.add_sources(DATASET, (OTHER_SOURCE,))
        before = [(one.label_id, one.n_assigned) for one in session.labels.all(DATASET)]
        reviewed = session.reviews.reviewed(DATASET).to_pylist()
        pairs = session.reviews.matrix(DATASET).to_pylist()
        session.catalog.remove_source(DATASET, SOURCE)
        assert [one.n_assigned for one in session.labels.all(DATASET)] == [0, 0, 0, 0]
        assert session.reviews.reviewed(DATASET).num_rows == session.reviews.matrix(DATASET).num_rows == 0
        assert session.catalog.datasets()[0].n_reviewed == 0
        found, _ = session.messages.find(DATASET, MessageFilter(), "oldest", 0, 50)
        assert [one.uid for one in found] == [Uid(f"{OTHER_SOURCE}.1")]
        session.catalog.add_sources(DATASET, (SOURCE,))
        assert [(one.label_id, one.n_assigned) for one in session.labels.all(DATASET)] == before
        assert session.reviews.reviewed(DATASET).to_pylist() == reviewed
        assert session.reviews.matrix(DATASET).to_pylist() == pairs
        raise Undo
