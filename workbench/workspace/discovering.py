"""Vectors, maps, clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain import (
    Cluster,
    ClusterRun,
    Dataset,
    DatasetId,
    DiscoverOptions,
    JobId,
    MapData,
    RunId,
)
from workbench.embed import encoder_info
from workbench.errors import InputError
from workbench.primitives import new_id
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.derived import ensure_room
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import dataset_matrices, write_table

_PIECE_ROWS = 2048


def start_embed(caller: Caller, dataset_id: DatasetId) -> JobId:
    """Queue embedding."""
    return _start(caller, "embed", dataset_id, {})


def start_discover(caller: Caller, dataset_id: DatasetId, options: DiscoverOptions) -> JobId:
    """Queue mapping and clustering."""
    return _start(caller, "discover", dataset_id, {"options": msgspec.to_builtins(options)})


def cluster_run(caller: Caller, dataset_id: DatasetId) -> ClusterRun | None:
    """The newest run."""
    with caller.store.read() as session:
        return session.discovery.newest_run(dataset_id)


def map_data(caller: Caller, dataset_id: DatasetId) -> MapData | None:
    """The newest map."""
    with caller.store.read() as session:
        return session.discovery.map_data(dataset_id)


def run_embed(workspace: Workspace, run: JobRun, _parameters: dict[str, Any]) -> object:
    """The job: embed what has no vector."""
    dataset = dataset_of(workspace, run)
    encoder_id, n_new = embed_missing(workspace, run, dataset.dataset_id, dataset.encoder)
    return {"encoder_id": encoder_id, "embedded": n_new}


def run_discover(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: a quick first map from the static encoder where there is none yet, then the real one."""
    dataset = dataset_of(workspace, run)
    options = msgspec.convert(parameters["options"], DiscoverOptions)
    if not dataset.n_messages:
        raise InputError(
            f"dataset {dataset.full_name!r} has no messages.",
            next_step="Import messages into its sources first.",
        )
    quick = workspace.settings.fast_encoder
    with workspace.store.read() as session:
        first = session.discovery.newest_run(dataset.dataset_id) is None
    if options.first_map and first and quick and _serves_for(quick, dataset.encoder):
        _map_with(workspace, run, dataset, quick, options, prefix="first map: ")
    made = _map_with(workspace, run, dataset, dataset.encoder, options, prefix="")
    return {
        "run_id": made.run_id,
        "clusters": len(made.clusters),
        "share_unclustered": made.share_unclustered,
    }


def _serves_for(quick: str, encoder: str) -> bool:
    """Whether a quick encoder knows what the real one knows: an English map of German mail shows nothing."""
    known, needed = encoder_info(quick).languages, encoder_info(encoder).languages
    return quick != encoder and (known is None or (needed is not None and needed <= known))


def dataset_of(workspace: Workspace, run: JobRun) -> Dataset:
    """The dataset a job is about."""
    with workspace.store.read() as session:
        return session.catalog.counted_dataset(str(run.state.dataset_id))


def embed_missing(
    workspace: Workspace, run: JobRun, dataset_id: DatasetId, encoder: str, *, prefix: str = ""
) -> tuple[str, int]:
    """Make the vectors that are missing, storing piece by piece; returns encoder id and how many were made."""
    run.stage(f"{prefix}loading the encoder")
    encoder_id = str(run.work("encoding:identify", encoder_payload(workspace, encoder)))
    with workspace.store.read() as session:
        missing = session.messages.texts_without_vector(dataset_id, encoder_id)
    if not missing.num_rows:
        return encoder_id, 0
    run.stage(f"{prefix}embedding", total=missing.num_rows, unit="texts")
    with spool(workspace, run) as folder:
        texts = folder / "texts.arrow"
        ensure_room(workspace, missing.nbytes)
        write_table(texts, missing)
        payload = encoder_payload(workspace, encoder) | {
            "texts": str(texts),
            "spool": str(folder),
            "piece_rows": _PIECE_ROWS,
        }
        hashes = missing.column("text_hash")
        for kind, piece in run.work_items("encoding:encode_texts", payload):
            if kind == "result":
                break
            rows = pa.array(piece["rows"])
            with workspace.store.write() as session:
                session.embeddings.put(encoder_id, hashes.take(rows).to_pylist(), np.load(piece["path"]))
    workspace.tidy()
    return encoder_id, missing.num_rows


def encoder_payload(workspace: Workspace, encoder: str) -> dict[str, Any]:
    """What a worker needs to load an encoder."""
    return {
        "encoder": encoder,
        "cache_dir": str(workspace.cache_dir),
        "n_threads": workspace.settings.n_threads,
    }


class spool:  # noqa: N801 - reads as a word: with spool(...) as folder
    """A folder for one job's files, gone afterwards."""

    def __init__(self, workspace: Workspace, run: JobRun) -> None:
        self._folder = workspace.folder / "spool" / run.state.job_id

    def __enter__(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def __exit__(self, *_: object) -> None:
        for file in self._folder.glob("*"):
            file.unlink(missing_ok=True)
        self._folder.rmdir()


def _start(caller: Caller, kind: Any, dataset_id: DatasetId, parameters: dict[str, Any]) -> JobId:
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        caller.audit(session, f"start_{kind}", dataset.full_name)
    return caller.submit(kind, parameters, dataset_id=dataset.dataset_id, joins=True)


def _map_with(
    workspace: Workspace,
    run: JobRun,
    dataset: Dataset,
    encoder: str,
    options: DiscoverOptions,
    *,
    prefix: str,
) -> ClusterRun:
    encoder_id, _ = embed_missing(workspace, run, dataset.dataset_id, encoder, prefix=prefix)
    run.stage(f"{prefix}mapping")
    matrices = dataset_matrices(workspace, dataset.dataset_id, encoder_id)
    with workspace.store.read() as session:
        known_uids, known_clusters = session.discovery.members(dataset.dataset_id)
        next_id = session.discovery.next_cluster_id(dataset.dataset_id)
    payload = encoder_payload(workspace, encoder) | {
        "vectors": str(matrices.vectors),
        "texts": str(matrices.texts),
        "method": options.method,
        "min_cluster_size": options.min_cluster_size,
        "seed": options.seed,
        "known_uids": list(known_uids),
        "known_clusters": np.asarray(known_clusters, dtype=np.int32),
        "next_id": next_id,
        "prefix": prefix,
    }
    found = run.work("mapping:discover_messages", payload)
    made = ClusterRun(
        run_id=RunId(new_id()),
        dataset_id=dataset.dataset_id,
        method=options.method,
        encoder=encoder,
        seed=options.seed,
        n_messages=matrices.n_rows,
        share_unclustered=found["share_unclustered"],
        created_at=workspace.clock(),
        clusters=tuple(Cluster(n_reviewed=0, **cluster) for cluster in found["clusters"]),
    )
    with workspace.store.write() as session:
        session.discovery.add_run(made, found["uids"], found["xy"], found["cluster"])
    workspace.events.publish(
        "discover", made.run_id, dataset_id=dataset.dataset_id, payload={"clusters": len(made.clusters)}
    )
    return made
