"""The guide inside: the effect of a batch, clusters, the pace of people, whether to stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.contract.messages import batch
from tests.contract.test_guide import review
from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import Cluster, ClusterRun, MeasuredGain, MessageFilter, RunId
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        yield opened


def test_the_effect_of_a_batch_is_what_the_first_version_that_learned_from_it_is_worth(
    opened: OpenedWorkspace,
) -> None:
    operations = opened.operations("tester")
    did = reviewed_dataset(operations, 200)  # enough for 10 test messages, whatever the ids
    train(operations, did)
    told = operations.guide(did)
    assert told.version == 1
    assert {factor.name for factor in told.factors} >= {"balance", "coverage"}
    assert "train" not in {one.kind for one in (told.recommended, *told.alternatives)}
    first = operations.begin_batch(did, "shuffle", 4)
    assert first.before is not None
    assert first.before.version == 1
    review(operations, first, 3)
    with pytest.raises(UnknownNameError, match="unknown batch of reviews"):
        opened.operations("another").finish_batch(did, first.batch_id)
    assert opened.operations("another").guide(did).open_batch is None
    operations.finish_batch(did, first.batch_id)
    train(operations, did)
    effect = operations.guide(did).last_batch
    assert effect is not None
    assert effect.after is not None
    assert (effect.batch_id, effect.after.version) == (first.batch_id, 2)
    assert effect.after.factors.keys() == first.before.factors.keys()
    report = operations.validation(did, 2)
    assert report is not None
    assert effect.after.mean_average_precision == report.mean_average_precision.value
    assert effect.promised == first.promised
    assert effect.promised is not None
    assert 0 < effect.promised.value <= effect.promised.high
    change = operations.compare_versions(did, 1, 2)
    assert effect.gained == MeasuredGain(
        value=change.overall.difference,
        low=change.overall.difference_low,
        high=change.overall.difference_high,
        n=change.n,
    )
    refund = next(one for one in operations.labels(did) if one.name == "Refund")
    begun = operations.begin_batch(did, "teach", 2, refund.label_id)
    assert (begun.label, len(begun.uids)) == ("Refund", 2)
    assert operations.guide(did).open_batch == begun
    with opened._workspace.store.write() as session:
        session.review_batches.measure(report, until=datetime(2100, 1, 1, tzinfo=UTC))
    assert operations.guide(did).last_batch == effect  # it is measured once, and the open one not yet


def test_clusters_come_one_after_the_other_and_the_pace_of_people_is_told(opened: OpenedWorkspace) -> None:
    operations = opened.operations("tester")
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(140), "first", 140)
    did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    told = operations.guide(did)
    assert (told.recommended.kind, told.seconds_per_message) == ("discover", None)
    uids = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
    run = ClusterRun(
        run_id=RunId("0" * 16),
        dataset_id=did,
        method="hand",
        encoder="hash-test",
        seed=1,
        n_messages=140,
        share_unclustered=0.0,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        clusters=tuple(
            Cluster(cluster_id=i, name=f"c{i}", phrases=(), n_messages=20, share=1 / 7, n_reviewed=0,
                    medoid=uids[i], shown=(), x=0.0, y=0.0)
            for i in range(7)
        ),
    )  # fmt: skip
    with opened._workspace.store.write() as session:
        session.discovery.add_run(
            run, uids, np.zeros((140, 2), np.float32), np.arange(140, dtype=np.int32) % 7
        )
    matrices = opened._workspace.folder / "matrices"
    matrices.mkdir(parents=True, exist_ok=True)
    np.save(matrices / f"{did}-hand.npy", np.eye(140, 32, dtype=np.float32))
    told = operations.guide(did)
    assert (told.recommended.rule, told.recommended.mode, told.recommended.n) == ("define", "cluster", 60)
    made = operations.begin_batch(did, "cluster", 60)
    clusters = [one.cluster_id for one in operations.get_messages(did, made.uids)]
    assert list(dict.fromkeys(clusters)) == [0, 1, 2, 3, 4]
    assert clusters == sorted(clusters)  # one cluster after the other
    review(operations, made, 7)
    assert operations.guide(did).seconds_per_message is None  # nobody reads that fast
    with opened._workspace.store.write() as session:
        session._cursor._connection.execute('UPDATE review_event SET "at" = "at" + to_seconds(9 * seq)')
    assert operations.guide(did).seconds_per_message == pytest.approx(9, abs=1)
    again = operations.begin_batch(did, "cluster", 60)
    seen = {one.cluster_id for one in operations.get_messages(did, again.uids)}
    assert seen == {1, 2, 3, 4, 5}  # those nobody has read come first
