"""Training, predicting and validating, with what is needed kept in memory between calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix, load_npz, save_npz

from workbench.classify import (
    NAMES_GONE,
    LexicalFeatures,
    MultiLabelClassifier,
    ZeroShot,
    add_ancestors,
    label_texts,
    parents_of,
)
from workbench.domain import ValidationReport
from workbench.embed import message_text
from workbench.evaluate import ReviewEvidence, expected_counts, split, validate, with_sentiment_accuracy
from workbench.monitor import similarity
from workbench.primitives import write_atomically
from workbench.review import informativeness
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import TEST_SCORES, TRAINED_ON, read_table, write_table
from workbench.workspace.work import sentiments
from workbench.workspace.work.encoding import encoder
from workbench.workspace.work.evidence import (
    balanced_thresholds,
    draws_of,
    expected_coverage,
    keep_held_out,
    mode_shares,
)


@dataclass(frozen=True, kw_only=True)
class _Resident:
    """One dataset's messages, kept in memory: rows as in ``uids``."""

    key: str
    uids: list[str]
    row_of: dict[str, int]
    threads: list[str]
    vectors: np.ndarray
    features: LexicalFeatures
    lexical: csr_matrix


class Bundle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model version's weights: the classifier, the lexical features it reads, and, where there is one, the sentiment."""

    classifier: bytes
    lexical: bytes
    sentiment: bytes = b""


@dataclass(frozen=True, kw_only=True)
class _Reviewed:
    """Training rows of the dataset and their targets, ancestors included."""

    rows: np.ndarray
    targets: np.ndarray
    parents: np.ndarray
    groups: np.ndarray
    kept: np.ndarray


_in_memory: list[_Resident] = []
_LABELS_KEPT = 5_000
_PIECE_ROWS = 16_384
_label_vectors: dict[tuple[str, str], np.ndarray] = {}
"""Vectors of what labels are called, by encoder and text: a text is encoded once per worker."""


def fit_and_predict(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """New weights (refreshed from the previous ones unless ``full``) and probabilities of every message."""
    model, messages, known = _fitted(payload)
    report.stage("predicting", total=len(messages.uids), unit="messages")
    probabilities = Path(payload["spool"]) / "probabilities.npy"
    np.save(probabilities, model.predict_proba(messages.vectors, messages.lexical), allow_pickle=False)
    write_table(Path(payload["spool"]) / TRAINED_ON, _trained_on(payload, messages, known))
    felt = _felt(payload, messages, known)
    bundle = Bundle(classifier=model.to_bytes(), lexical=messages.features.to_bytes(), sentiment=felt)
    return sentiments.predict(felt, messages.vectors, messages.lexical, Path(payload["spool"])) | {
        "uids": messages.uids,
        "probabilities": str(probabilities),
        "weights": msgspec.msgpack.encode(bundle),
        "lineage": dict(model.model_.lineage),
        "parameters": dict(model.model_.parameters),
        "zero_shot": model.model_.zero_shot.tolist(),
    }


def train_again(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Train a version again, ``steps`` (payloads of then) from a full training on, and compare with what is stored."""
    bundle = msgspec.msgpack.decode(payload["weights"], type=Bundle)
    stored = MultiLabelClassifier.from_bytes(bundle.classifier)
    previous = None
    for number, step in enumerate(payload["steps"]):
        report.progress(number, len(payload["steps"]))
        kept = {"lexical": bundle.lexical, "names": stored.model_.names}
        model, messages, known = _fitted(step | kept | {"previous": previous, "full": previous is None})
        previous = msgspec.msgpack.encode(Bundle(classifier=model.to_bytes(), lexical=bundle.lexical))
    then, now = stored.model_.lineage, model.model_.lineage
    said = [one.predict_proba(messages.vectors, messages.lexical) for one in (stored, model)]
    felt = _felt(payload["steps"][-1], messages, known)
    moods = [
        sentiments.positive(one, messages.vectors, messages.lexical)
        for one in (bundle.sentiment, felt)
        if one
    ]
    pairs = [said, moods] if len(moods) == len(said) else [said]
    return {
        "identical": model.to_bytes() == bundle.classifier and felt == bundle.sentiment,
        "largest_difference": max(float(np.abs(one - other).max(initial=0.0)) for one, other in pairs),
        "n_compared": len(messages.uids),
        "differs": sorted(name for name in then if name != "model" and then[name] != now.get(name)),
    }


def _fitted(payload: dict[str, Any]) -> tuple[MultiLabelClassifier, _Resident, _Reviewed]:
    """Train from nothing, or from the previous weights unless ``full``.

    ``lexical``, ``names``, ``parameters`` and ``threads`` (of each of ``uids``) are those of then where a training
    is repeated.
    """
    previous = msgspec.msgpack.decode(payload["previous"], type=Bundle) if payload["previous"] else None
    full = payload["full"] or previous is None
    messages = _resident(
        payload, payload.get("lexical") or (None if full or previous is None else previous.lexical)
    )
    known = _reviewed(payload, messages)
    settings = payload.get("parameters") or {"random_state": payload["seed"]}
    model = MultiLabelClassifier(n_threads=payload["n_threads"], **settings)
    arguments = _training_arguments(messages, known, np.arange(len(known.rows)))
    labels = {"label_ids": payload["label_ids"], "parents": known.parents}
    if full or previous is None:
        names = payload["names"] if "names" in payload else _names(payload, messages, known.targets)
        model.fit(*arguments, **labels, groups=known.groups, names=names)
    else:
        model.refresh(MultiLabelClassifier.from_bytes(previous.classifier), *arguments, **labels)
    return model, messages, known


def _felt(payload: dict[str, Any], messages: _Resident, known: _Reviewed) -> bytes:
    """Weights of the sentiments of labels; empty for a dataset without."""
    signs = sentiments.signs_of(payload, known.kept)
    if signs is None:
        return b""
    vectors, lexical, _ = _training_arguments(messages, known, np.arange(len(known.rows)))
    return sentiments.learn(payload, vectors, lexical, signs, known.groups).to_bytes()


def _trained_on(payload: dict[str, Any], messages: _Resident, known: _Reviewed) -> pa.Table:
    """uid, text_hash, thread, labels (ids assigned, in path order), sentiments beside them, of the training rows."""
    chosen = read_table(payload["texts"]).select(["uid", "text_hash"]).take(pa.array(known.rows))
    labels: list[list[str]] = [[] for _ in payload["uids"]]
    signs: list[list[int]] = [[] for _ in payload["uids"]]
    given = payload.get("signs")
    for place, (row, column) in enumerate(payload["pairs"]):
        labels[row].append(payload["label_ids"][column])
        signs[row].append(0 if given is None else int(given[place]))
    columns = {
        "thread": pa.array([messages.threads[row] for row in known.rows], pa.string()),
        "labels": pa.array([labels[row] for row in known.kept], pa.list_(pa.string())),
        "sentiments": pa.array(
            [None if given is None else signs[row] for row in known.kept], pa.list_(pa.int8())
        ),
    }
    for name, column in columns.items():
        chosen = chosen.append_column(name, column)
    return chosen


def predict_messages(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Probabilities of some messages by a stored version; those that are gone are left out."""
    bundle = msgspec.msgpack.decode(payload["weights"], type=Bundle)
    model = MultiLabelClassifier.from_bytes(bundle.classifier)
    table = read_table(payload["texts"])
    row_of = {uid: row for row, uid in enumerate(table.column("uid").to_pylist())}
    uids = [uid for uid in payload["uids"] if uid in row_of]
    rows = np.array([row_of[uid] for uid in uids], dtype=np.int64)
    vectors = np.asarray(np.load(payload["vectors"], mmap_mode="r")[rows], dtype=np.float32)
    lexical = LexicalFeatures.from_bytes(bundle.lexical).transform(_texts(table.take(pa.array(rows))))
    probabilities = Path(payload["spool"]) / "probabilities.npy"
    np.save(probabilities, model.predict_proba(vectors, lexical), allow_pickle=False)
    felt = sentiments.predict(bundle.sentiment, vectors, lexical, Path(payload["spool"]))
    return felt | {"uids": uids, "probabilities": str(probabilities)}


def predict_all(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Probabilities of every message by a stored version."""
    bundle = msgspec.msgpack.decode(payload["weights"], type=Bundle)
    model = MultiLabelClassifier.from_bytes(bundle.classifier)
    messages = _resident(payload, bundle.lexical)
    probabilities = Path(payload["spool"]) / "probabilities.npy"
    np.save(probabilities, model.predict_proba(messages.vectors, messages.lexical), allow_pickle=False)
    felt = sentiments.predict(bundle.sentiment, messages.vectors, messages.lexical, Path(payload["spool"]))
    return felt | {"uids": messages.uids, "probabilities": str(probabilities)}


def validate_version(payload: dict[str, Any], _report: Report) -> ValidationReport:
    """Train a twin on the training part only and judge it on the test part."""
    messages = _resident(payload, None)
    known = _reviewed(payload, messages)
    is_test_of_all = split(messages.threads)
    is_test = is_test_of_all[known.rows]
    scores = np.full(known.targets.shape, np.nan, dtype=np.float32)
    out_of_fold = test_totals = None
    train = np.flatnonzero(~is_test)
    if len(train):
        twin = MultiLabelClassifier(random_state=payload["seed"], n_threads=payload["n_threads"])
        twin.fit(
            *_training_arguments(messages, known, train),
            label_ids=payload["label_ids"],
            parents=known.parents,
            groups=known.groups[train],
            names=_names(payload, messages, known.targets[train]),
        )
        test = known.rows[is_test]
        scores[is_test] = twin.predict_proba(messages.vectors[test], messages.lexical[test])
        write_table(
            Path(payload["spool"]) / TEST_SCORES,
            pa.table(
                {
                    "uid": pa.array([messages.uids[row] for row in test], pa.string()),
                    "scores": pa.array(list(scores[is_test]), pa.list_(pa.float32())),
                }
            ),
        )
        test_totals = _expected_of(twin, messages, np.flatnonzero(is_test_of_all))
        out_of_fold = scores.copy()
        if twin.out_of_fold_ is not None:
            out_of_fold[train] = twin.out_of_fold_
    else:
        scores[:] = 0.0
    thresholds = balanced_thresholds(known.targets, out_of_fold)
    if out_of_fold is not None:
        keep_held_out(
            Path(payload["held_out"]),
            uids=[messages.uids[row] for row in known.rows],
            label_ids=payload["label_ids"],
            out_of_fold=out_of_fold,
            thresholds=thresholds,
            informativeness=informativeness(known.targets, known.parents),
        )
    reviewed = np.zeros(len(messages.uids), dtype=bool)
    reviewed[known.rows] = True
    modes = [payload["modes"][row] for row in known.kept]
    everything = np.load(Path(payload["spool"]) / "probabilities.npy", mmap_mode="r")
    found = validate(
        known.targets,
        scores,
        is_test,
        label_ids=payload["label_ids"],
        names=payload["label_names"],
        dataset_id=payload["dataset_id"],
        version=payload["version"],
        created_at=payload["created_at"],
        out_of_fold=out_of_fold,
        groups=known.groups,
        evidence=ReviewEvidence(
            coverage=expected_coverage(
                everything, known.targets, [tuple(path) for path in payload["paths"]], thresholds
            ),
            similarity=similarity(
                messages.vectors[reviewed], messages.vectors[~reviewed], random_state=payload["seed"]
            ),
            mode_shares=mode_shares(modes),
            search_shares=_search_shares(known.targets, modes),
            trainable=np.array(payload["trainable"], dtype=bool),
        ),
        draws=draws_of(payload["picked"], known.kept, modes, is_test_of_all),
        test_totals=test_totals,
        weights=payload["rating_weights"],
        random_state=payload["seed"],
    )
    signs = sentiments.signs_of(payload, known.kept)
    if signs is None or not len(train):
        return found
    rows = known.rows[train]
    felt = sentiments.learn(
        payload, messages.vectors[rows], messages.lexical[rows], signs[train], known.groups[train]
    )
    test = known.rows[is_test]
    positive = felt.predict_proba(messages.vectors[test], messages.lexical[test])
    return with_sentiment_accuracy(found, signs[is_test], positive)


def _expected_of(model: MultiLabelClassifier, messages: _Resident, rows: np.ndarray) -> np.ndarray:
    """What a model expects of messages, float64, (3,): sums of ``expected_counts``."""
    totals = np.zeros(3)
    for begin in range(0, len(rows), _PIECE_ROWS):
        piece = rows[begin : begin + _PIECE_ROWS]
        said = model.predict_proba(messages.vectors[piece], messages.lexical[piece])
        totals += expected_counts(said).sum(axis=0)
    return totals


def _resident(payload: dict[str, Any], lexical: bytes | None) -> _Resident:
    """Messages of the dataset in memory; the lexical features are those given, or fitted anew, once per key."""
    for kept in _in_memory:
        if kept.key == payload["key"] and lexical in (None, kept.features.to_bytes()):
            return kept
    table = read_table(payload["texts"])
    texts = _texts(table)
    features = LexicalFeatures.from_bytes(lexical) if lexical else LexicalFeatures().fit(texts)
    uids = table.column("uid").to_pylist()
    threads = table.column("thread_id").to_pylist()
    sources = table.column("source_id").to_pylist()
    made = _Resident(
        key=payload["key"],
        uids=uids,
        row_of={uid: row for row, uid in enumerate(uids)},
        threads=[
            f"{source}.{thread}" if thread else uid
            for source, thread, uid in zip(sources, threads, uids, strict=True)
        ],
        vectors=np.ascontiguousarray(np.load(payload["vectors"]), dtype=np.float32),
        features=features,
        lexical=_transformed(payload, features, texts),
    )
    _in_memory[:] = [made]
    return made


def _transformed(payload: dict[str, Any], features: LexicalFeatures, texts: list[str]) -> csr_matrix:
    path = Path(payload["matrices_folder"]) / f"lexical-{payload['key']}-{features.fingerprint[:16]}.npz"
    if path.exists():
        return load_npz(path)
    matrix = features.transform(texts)
    write_atomically(path, lambda draft: save_npz(draft, matrix, compressed=False))
    return matrix


def _texts(table: pa.Table) -> list[str]:
    subjects, bodies = table.column("subject").to_pylist(), table.column("body").to_pylist()
    return [message_text(subject, body) for subject, body in zip(subjects, bodies, strict=True)]


def _reviewed(payload: dict[str, Any], messages: _Resident) -> _Reviewed:
    """Reviewed messages that are (still) in the dataset."""
    kept = np.array([i for i, uid in enumerate(payload["uids"]) if uid in messages.row_of], dtype=np.int64)
    rows = np.array([messages.row_of[payload["uids"][i]] for i in kept], dtype=np.int64)
    targets = np.zeros((len(payload["uids"]), len(payload["label_ids"])), dtype=bool)
    targets[payload["pairs"][:, 0], payload["pairs"][:, 1]] = True
    parents = parents_of([tuple(path) for path in payload["paths"]])
    number: dict[str, int] = {}
    threads = payload["threads"] if "threads" in payload else [messages.threads[row] for row in rows]
    groups = np.array([number.setdefault(thread, len(number)) for thread in threads], dtype=np.int64)
    return _Reviewed(
        rows=rows, targets=add_ancestors(targets[kept], parents), parents=parents, groups=groups, kept=kept
    )


def _training_arguments(
    messages: _Resident, known: _Reviewed, chosen: np.ndarray
) -> tuple[np.ndarray, csr_matrix, np.ndarray]:
    rows = known.rows[chosen]
    return messages.vectors[rows], messages.lexical[rows], known.targets[chosen]


def _names(payload: dict[str, Any], messages: _Resident, targets: np.ndarray) -> ZeroShot | None:
    """What the labels are called, by the dataset's encoder; None when every label has examples enough."""
    if not messages.uids or (targets.sum(axis=0) >= NAMES_GONE).all():
        return None
    texts = label_texts([tuple(path) for path in payload["paths"]], payload["instructions"])
    new = [text for text in texts if (payload["encoder"], text) not in _label_vectors]
    if new:
        model = encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"])
        _label_vectors.update(
            zip(((payload["encoder"], text) for text in new), model.encode(new), strict=True)
        )
    vectors = np.stack([_label_vectors[payload["encoder"], text] for text in texts])
    while len(_label_vectors) > _LABELS_KEPT:
        del _label_vectors[next(iter(_label_vectors))]
    return ZeroShot.from_names(vectors, messages.vectors)


def _search_shares(targets: np.ndarray, modes: list[str]) -> np.ndarray:
    searched = np.array([mode == "search" for mode in modes])
    return np.asarray(targets[searched].sum(axis=0) / np.maximum(targets.sum(axis=0), 1))
