"""Public test sets as texts, targets and vectors, for the classifier benchmarks.

They are looked up under ``WORKBENCH_REAL_DATA`` (default ``../shared/data`` beside the repository). Vectors come
from the default encoder and are kept in the encoder cache folder, because encoding takes longer than all else.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.embed import load_encoder
from workbench.primitives import hex_digest

ROOT = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
CACHE = Path(os.environ.get("WORKBENCH_BENCH_CACHE", Path(tempfile.gettempdir()) / "workbench-bench"))


@dataclass(frozen=True, kw_only=True)
class TestSet:
    """Texts with labels; ``fold`` is 0-based, or -1 where the set has a train (0) and a test part (1)."""

    name: str
    texts: list[str]
    targets: npt.NDArray[np.bool_]
    label_names: list[str]
    parents: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]


def require_data() -> None:
    """End the script, saying why, when the public sets are not there."""
    if not ROOT.is_dir():
        print(f"Public test sets not found under {ROOT}; set WORKBENCH_REAL_DATA. Nothing measured.")
        sys.exit(0)


def _open(path: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(gzip.open(ROOT / path), encoding="utf-8", newline="")


def _one_hot(names: list[str], known: list[str]) -> npt.NDArray[np.bool_]:
    column = {name: index for index, name in enumerate(known)}
    targets = np.zeros((len(names), len(known)), dtype=bool)
    targets[np.arange(len(names)), [column[name] for name in names]] = True
    return targets


def banking77() -> TestSet:
    """13,083 customer questions, 77 intents, one each."""
    texts, names, part = [], [], []
    for number, split in enumerate(("train", "test")):
        with _open(f"banking77/banking77_{split}.csv.gz") as file:
            for row in csv.DictReader(file):
                texts.append(row["text"])
                names.append(row["category"])
                part.append(number)
    known = sorted(set(names))
    return TestSet(
        name="BANKING77",
        texts=texts,
        targets=_one_hot(names, known),
        label_names=known,
        parents=np.full(len(known), -1),
        part=np.array(part),
    )


def clinc150() -> TestSet:
    """22,500 commands, 150 intents below 10 domains: 160 labels in two levels, ancestors set."""
    with _open("clinc150/clinc150_full.json.gz") as file:
        data = json.load(file)
    with _open("clinc150/clinc150_domains.json.gz") as file:
        domains = json.load(file)
    above = {intent: domain for domain, intents in domains.items() for intent in intents}
    rows = [(text, intent, 0) for text, intent in data["train"] + data["val"]]
    rows += [(text, intent, 1) for text, intent in data["test"]]
    known = [*sorted(domains), *sorted(above)]
    parents = np.array([-1] * len(domains) + [known.index(above[name]) for name in known[len(domains) :]])
    targets = _one_hot([intent for _, intent, _ in rows], known)
    targets |= _one_hot([above[intent] for _, intent, _ in rows], known)
    return TestSet(
        name="CLINC150",
        texts=[text for text, _, _ in rows],
        targets=targets,
        label_names=known,
        parents=parents,
        part=np.array([part for _, _, part in rows]),
    )


def nlupp_banking() -> TestSet:
    """2,071 banking utterances, several intents each, 20 folds."""
    with _open("nlupp/nlupp_banking.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    known = sorted({name for row in rows for name in row.get("intents", [])})
    targets = np.array([[name in row.get("intents", []) for name in known] for row in rows])
    return TestSet(
        name="NLU++ banking",
        texts=[row["text"] for row in rows],
        targets=targets,
        label_names=known,
        parents=np.full(len(known), -1),
        part=np.array([row["fold"] for row in rows]),
    )


def narratives() -> list[str]:
    """1,532 long complaints, for messages of realistic length."""
    csv.field_size_limit(10**7)
    with _open("cfpb-complaints/narratives.csv.gz") as file:
        return [row["Consumer complaint narrative"] for row in csv.DictReader(file)]


def vectors_of(texts: list[str], encoder: str = "minilm-l6-int8") -> npt.NDArray[np.float32]:
    """float32, (n, d), from the default encoder, kept on disk by content."""
    kept = CACHE / f"{encoder}-{hex_digest(*texts)}.npy"
    if kept.exists():
        return np.load(kept)
    print(f"encoding {len(texts):,} texts with {encoder} ...", flush=True)
    found = load_encoder(encoder, cache_dir=CACHE).encode(texts)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, found)
    return found
