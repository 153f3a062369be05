"""How close the sample corpus is to real messages, by word statistics.

Run ``python benchmarks/corpus_realism.py [--sample data/sample] [--tokens 20000]``. Each
corpus is drawn as whole messages in random order up to an equal number of tokens, several
times; the table gives the mean over draws, the 2.5 and 97.5 % quantile of draws, and the
ratio of ours to each real set. Real sets are looked up under ``WORKBENCH_REAL_DATA``
(default ``../shared/data``); absent ones are named and left out.

Distinct-n is Li et al. 2016 (a diversity-promoting objective), self-similarity the mean over
messages of the highest 3-gram Jaccard with another message of the draw.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import mailbox
import os
import platform
import re
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_QUOTE = re.compile(r"^(?:On .{10,120} wrote:|-+ ?Original Message|-+ Forwarded|\*\*\* \S+@)", re.MULTILINE)
# A signature or a greeting is no sentence; five words are the shortest that count.
_SHORTEST = 5


def tokens(text: str) -> list[str]:
    """Split into lower-case words and numbers."""
    return _TOKEN.findall(text.lower())


def own_words(text: str) -> str:
    """Cut quoted earlier messages and quoted lines."""
    found = _QUOTE.search(text)
    kept = text[: found.start()] if found else text
    return "\n".join(line for line in kept.split("\n") if not line.startswith((">", "|")))


def ours(folder: Path) -> dict[str, list[str]]:
    """Texts of the sample: everything people wrote, and by source; no copies, no automatic mail."""
    copies = pl.read_csv(folder / "duplicates.csv")
    truth = pl.read_csv(folder / "truth.csv")
    automatic = truth.filter(pl.col("label").str.starts_with("Automatic"))
    skip = {(s, i) for s, i in copies.select("source", "id").iter_rows()}
    skip |= {(s, i) for s, i in automatic.select("source", "id").iter_rows()}
    mails = pl.read_csv(folder / "mailbox.csv", infer_schema_length=None)
    out: dict[str, list[str]] = {"ours, mail of customers": [], "ours, mail of agents": []}
    for row in mails.iter_rows(named=True):
        if ("mailbox", row["id"]) in skip:
            continue
        who = "agents" if row["folder"] == "Sent" else "customers"
        out[f"ours, mail of {who}"].append(own_words(row["body"] or ""))
    reviews = pl.read_csv(folder / "reviews.csv", infer_schema_length=None)
    out["ours, reviews"] = reviews["review"].to_list()
    out["ours, chats"] = pl.read_ndjson(folder / "chats.jsonl")["text"].to_list()
    everything = [t for texts in out.values() for t in texts]
    return {"ours, all": everything, **out}


def real() -> dict[str, list[str]]:
    """Texts of the real sets that are present."""
    sets: dict[str, list[str]] = {}
    cfpb = REAL / "cfpb-complaints" / "narratives.csv.gz"
    if cfpb.exists():
        frame = pl.read_csv(cfpb, infer_schema_length=0)
        sets["cfpb narratives"] = frame["Consumer complaint narrative"].drop_nulls().to_list()
    lists = sorted((REAL / "emails-apache-lists").glob("*.mbox.gz"))
    if lists:
        sets["apache lists"] = [t for path in lists for t in _mbox(path)]
    banking = REAL / "banking77" / "banking77_train.csv.gz"
    if banking.exists():
        with gzip.open(banking, "rt", encoding="utf-8", newline="") as file:
            sets["banking77"] = [row["text"] for row in csv.DictReader(file)]
    for name, found in (("cfpb narratives", cfpb), ("banking77", banking)):
        if not found.exists():
            print(f"absent: {name} ({found}); set WORKBENCH_REAL_DATA")
    return sets


def _mbox(path: Path) -> list[str]:
    texts = []
    with tempfile.NamedTemporaryFile(suffix=".mbox") as plain:
        plain.write(gzip.decompress(path.read_bytes()))
        plain.flush()
        for message in mailbox.mbox(plain.name):
            part = next((p for p in message.walk() if p.get_content_type() == "text/plain"), None)
            payload = part.get_payload(decode=True) if part else None
            if isinstance(payload, bytes):
                texts.append(own_words(payload.decode("utf-8", "replace")))
    return texts


def draw(texts: list[str], n_tokens: int, rng: np.random.Generator) -> list[list[str]]:
    """Take whole messages in random order; the last one is cut to reach `n_tokens` exactly."""
    taken: list[list[str]] = []
    left = n_tokens
    for i in rng.permutation(len(texts)):
        words = tokens(texts[i])[:left]
        if words:
            taken.append(words)
            left -= len(words)
        if left <= 0:
            break
    return taken


def _grams(words: list[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def statistics(messages: list[list[str]]) -> dict[str, float]:
    """Figures of one draw."""
    result: dict[str, float] = {}
    for n in (1, 2, 3, 4):
        grams = [g for m in messages for g in _grams(m, n)]
        result[f"distinct-{n}"] = len(set(grams)) / len(grams)
    flat = [w for m in messages for w in m]
    result["types at half / types"] = len(set(flat[: len(flat) // 2])) / len(set(flat))
    result["nearest 3-gram Jaccard"] = nearest(messages)
    return result


def nearest(messages: list[list[str]]) -> float:
    """Mean over messages of at least 8 words of the highest 3-gram Jaccard with another."""
    sets = [set(_grams(m, 3)) for m in messages if len(m) >= 8]
    index: dict[tuple[str, ...], list[int]] = {}
    for i, grams in enumerate(sets):
        for g in grams:
            index.setdefault(g, []).append(i)
    best = []
    for i, grams in enumerate(sets):
        shared: Counter[int] = Counter(j for g in grams for j in index[g] if j != i)
        best.append(max((c / (len(grams) + len(sets[j]) - c) for j, c in shared.items()), default=0.0))
    return float(np.mean(best))


def repeated_sentences(texts: list[str]) -> tuple[float, int]:
    """Share of sentences of at least five words that occur more than once, and their number."""
    counts = Counter(
        " ".join(words)
        for text in texts
        for sentence in _SENTENCE.split(text)
        if len(words := tokens(sentence)) >= _SHORTEST
    )
    n = sum(counts.values())
    return sum(c for c in counts.values() if c > 1) / max(1, n), n


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=Path, default=ROOT / "data" / "sample")
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--draws", type=int, default=8)
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"{options.draws} draws of {options.tokens} tokens, seed 0"
    )
    mine, theirs = ours(options.sample), real()
    means: dict[str, dict[str, float]] = {}
    for name, texts in {**mine, **theirs}.items():
        rng = np.random.default_rng(0)
        runs = [statistics(draw(texts, options.tokens, rng)) for _ in range(options.draws)]
        total = sum(len(tokens(t)) for t in texts)
        print(f"\n{name}: {len(texts)} messages, {total} tokens")
        means[name] = {}
        for key in runs[0]:
            values = np.array([r[key] for r in runs])
            means[name][key] = float(values.mean())
            low, high = np.quantile(values, (0.025, 0.975))
            print(f"  {key:24} {values.mean():.3f}  [{low:.3f}, {high:.3f}]")
        share, n = repeated_sentences(texts)
        # Repeats grow with size: the fair comparison takes equally many sentences.
        rng = np.random.default_rng(1)
        equal = repeated_sentences([texts[i] for i in _until(texts, 3000, rng)])[0]
        means[name]["repeated sentences, 3000"] = equal
        print(f"  repeated sentences       {share:.3f} of {n}; {equal:.3f} in 3000 sentences")
        lengths = np.quantile([len(tokens(t)) for t in texts], (0.05, 0.25, 0.5, 0.75, 0.95, 1.0))
        print("  words 5/25/50/75/95/100 % " + " ".join(f"{x:.0f}" for x in lengths))
    for theirs_name in theirs:
        print(f"\nratio ours / {theirs_name}")
        for key in means[theirs_name]:
            cells = [
                f"{means[m][key] / means[theirs_name][key]:.2f}" if means[theirs_name][key] else "-"
                for m in mine
            ]
            print(
                f"  {key:26}"
                + "  ".join(f"{m.removeprefix('ours, ')} {c}" for m, c in zip(mine, cells, strict=True))
            )
    _skew(options.sample)


def _until(texts: list[str], n_sentences: int, rng: np.random.Generator) -> list[int]:
    chosen, n = [], 0
    for i in rng.permutation(len(texts)):
        chosen.append(int(i))
        n += sum(len(tokens(s)) >= _SHORTEST for s in _SENTENCE.split(texts[i]))
        if n >= n_sentences:
            break
    return chosen


def _skew(folder: Path) -> None:
    truth = pl.read_csv(folder / "truth.csv")
    counts = np.sort(truth["label"].value_counts()["count"].to_numpy())[::-1].astype(float)
    slope = np.polyfit(np.log(np.arange(1, len(counts) + 1)), np.log(counts), 1)[0]
    per = truth.group_by("source", "id").len()["len"]
    print(
        f"\nlabels: {len(counts)}; largest {counts[0]:.0f}, median {np.median(counts):.0f}, "
        f"smallest {counts[-1]:.0f}; log-log slope {slope:.2f}; "
        f"{per.mean():.2f} labels per labelled message ({len(per)})"
    )


if __name__ == "__main__":
    main()
