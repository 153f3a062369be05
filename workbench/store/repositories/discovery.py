"""Maps and clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from workbench.domain import Cluster, ClusterRun, DatasetId, MapData, RunId, Uid
from workbench.errors import InputError
from workbench.store.cursor import Cursor
from workbench.store.repositories.message_rows import LEAST_SHOWN

RUNS_KEPT = 3
_CLUSTERS = pa.schema(
    [
        ("position", pa.int32()),
        ("cluster_id", pa.int32()),
        ("name", pa.string()),
        ("phrases", pa.list_(pa.string())),
        ("n_messages", pa.int64()),
        ("share", pa.float64()),
        ("medoid", pa.string()),
        ("shown", pa.list_(pa.string())),
        ("x", pa.float64()),
        ("y", pa.float64()),
    ]
)


class Discovery:
    """Cluster runs, the newest three of each dataset."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add_run(self, run: ClusterRun, uids: Sequence[Uid], xy: np.ndarray, cluster: np.ndarray) -> None:
        """Store a finished run and forget all but the newest three.

        ``xy`` is float32 (n, 2) and ``cluster`` int32 (n,), rows as in ``uids``, -1 = unclustered.

        Raises
        ------
        InputError
            The shapes do not fit.
        """
        if xy.shape != (len(uids), 2) or cluster.shape != (len(uids),):
            raise InputError(
                f"{len(uids)} messages came with points {xy.shape} and clusters {cluster.shape}.",
                next_step="Hand in one row per message.",
            )
        (last_seq,) = self._cursor.rows("discovery.last_seq")[0]
        self._cursor.execute(
            "discovery.add_run",
            run_id=run.run_id,
            seq=last_seq + 1,
            dataset_id=run.dataset_id,
            method=run.method,
            encoder=run.encoder,
            seed=run.seed,
            n_messages=run.n_messages,
            share_unclustered=run.share_unclustered,
            created_at=run.created_at,
        )
        clusters = pa.Table.from_pylist(
            [
                {"position": position, **{name: getattr(one, name) for name in _CLUSTERS.names[1:]}}
                for position, one in enumerate(run.clusters)
            ],
            schema=_CLUSTERS,
        )
        self._cursor.bulk("discovery.add_clusters", clusters, run_id=run.run_id)
        ids = pa.array(uids, pa.string())
        members = pa.table({"uid": ids, "cluster_id": pa.array(cluster, pa.int32())})
        self._cursor.bulk("discovery.add_members", members, run_id=run.run_id)
        points = {
            "position": pa.array(np.arange(len(uids), dtype=np.int64)),
            "uid": ids,
            "x": pa.array(np.ascontiguousarray(xy[:, 0], dtype=np.float32)),
            "y": pa.array(np.ascontiguousarray(xy[:, 1], dtype=np.float32)),
        }
        self._cursor.bulk("discovery.add_projection", pa.table(points), run_id=run.run_id)
        for old in self._run_ids(run.dataset_id)[RUNS_KEPT:]:
            for name in ("projection", "members", "clusters", "run"):
                self._cursor.execute(f"discovery.drop_{name}", run_id=old)

    def newest_run(self, dataset_id: DatasetId) -> ClusterRun | None:
        """The newest run, None before the first; ``n_new`` and ``n_reviewed`` are of now."""
        row = self._cursor.one("discovery.runs", dataset_id=dataset_id)
        if row is None:
            return None
        run_id, method, encoder, seed, n_messages, share_unclustered, created_at = row
        ((n_new,),) = self._cursor.rows("discovery.count_new", dataset_id=dataset_id, run_id=run_id)
        return ClusterRun(
            run_id=run_id,
            dataset_id=dataset_id,
            method=method,
            encoder=encoder,
            seed=seed,
            n_messages=n_messages,
            share_unclustered=share_unclustered,
            created_at=created_at,
            clusters=self._clusters(dataset_id, run_id),
            n_new=n_new,
        )

    def members(self, dataset_id: DatasetId) -> tuple[tuple[Uid, ...], np.ndarray]:
        """Uids and int32 cluster ids of the newest run, in the order they were handed in."""
        run_ids = self._run_ids(dataset_id)
        if not run_ids:
            return (), np.empty(0, dtype=np.int32)
        found = self._members(dataset_id, run_ids[0])
        return tuple(found.column("uid").to_pylist()), found.column("cluster_id").to_numpy()

    def membership(self, dataset_id: DatasetId) -> tuple[pa.Array, np.ndarray]:
        """As ``members``, with the uids as an Arrow array: a million of them are dear as Python strings."""
        run_ids = self._run_ids(dataset_id)
        if not run_ids:
            return pa.array([], pa.string()), np.empty(0, dtype=np.int32)
        found = self._members(dataset_id, run_ids[0])
        return found.column("uid").combine_chunks(), found.column("cluster_id").to_numpy()

    def next_cluster_id(self, dataset_id: DatasetId) -> int:
        """The first cluster id that no kept run uses."""
        ((next_id,),) = self._cursor.rows("discovery.next_cluster_id", dataset_id=dataset_id)
        return int(next_id)

    def map_data(self, dataset_id: DatasetId) -> MapData | None:
        """The newest map, None before the first.

        A message's label is the first of those assigned to it (roots first) when it is reviewed, else the
        most probable one when its probability is at least 0.05.
        """
        run_ids = self._run_ids(dataset_id)
        if not run_ids:
            return None
        found = self._members(dataset_id, run_ids[0])
        uids = found.column("uid").to_pylist()
        reviewed = np.asarray(found.column("reviewed").to_numpy(), dtype=np.bool_)
        label_ids = [label_id for label_id, _ in self._cursor.rows("label.paths", dataset_id=dataset_id)]
        xy = np.column_stack([found.column("x").to_numpy(), found.column("y").to_numpy()])
        return MapData(
            run_id=run_ids[0],
            uids=tuple(uids),
            xy=np.ascontiguousarray(xy, dtype=np.float32),
            cluster=found.column("cluster_id").to_numpy(),
            label=self._top_labels(dataset_id, uids, reviewed, label_ids),
            label_ids=tuple(label_ids),
            reviewed=reviewed,
        )

    def _top_labels(
        self, dataset_id: DatasetId, uids: list[Uid], reviewed: np.ndarray, label_ids: list[str]
    ) -> np.ndarray:
        places = {label_id: place for place, label_id in enumerate(label_ids)}
        predicted = {
            uid: places.get(label_id, -1)
            for uid, label_id, probability in self._cursor.rows(
                "discovery.top_predicted", dataset_id=dataset_id
            )
            if probability is not None and probability >= LEAST_SHOWN
        }
        assigned = {
            uid: places.get(label_id, -1)
            for uid, label_id in self._cursor.rows("discovery.top_assigned", dataset_id=dataset_id)
        }
        chosen = (
            (assigned if judged else predicted).get(uid, -1)
            for uid, judged in zip(uids, reviewed.tolist(), strict=True)
        )
        return np.fromiter(chosen, dtype=np.int32, count=len(uids))

    def _clusters(self, dataset_id: DatasetId, run_id: RunId) -> tuple[Cluster, ...]:
        return tuple(
            Cluster(
                cluster_id=cluster_id,
                name=name,
                phrases=tuple(phrases),
                n_messages=n_messages,
                share=share,
                n_reviewed=n_reviewed,
                medoid=medoid,
                shown=tuple(shown),
                x=x,
                y=y,
            )
            for cluster_id, name, phrases, n_messages, share, n_reviewed, medoid, shown, x, y in self._cursor.rows(
                "discovery.clusters", dataset_id=dataset_id, run_id=run_id
            )
        )

    def _members(self, dataset_id: DatasetId, run_id: RunId) -> pa.Table:
        return self._cursor.table("discovery.members", dataset_id=dataset_id, run_id=run_id)

    def _run_ids(self, dataset_id: DatasetId) -> list[RunId]:
        return [row[0] for row in self._cursor.rows("discovery.runs", dataset_id=dataset_id)]
