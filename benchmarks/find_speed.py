"""Pages, searches and values to filter by on many messages: p50 and p95, beside DuckDB's own scan in the same run.

    python benchmarks/find_speed.py [n_messages] [--keep FOLDER]

With ``--keep`` the generated workspace stays in FOLDER and is used again by the next run.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from common import machine, peak_mib
from made import DATASET, SOURCE, lay_out

from workbench.domain import (
    MESSAGE_SCHEMA,
    AddressFilter,
    Bounds,
    FilterValues,
    Judgement,
    LabelFilter,
    LabelId,
    MessageFilter,
    MessageOrder,
    ModelVersion,
    PropertyFilter,
    ThreadFilter,
    Uid,
    parse_text,
)
from workbench.store import Session, Store, prepare
from workbench.store.filters import compile_filter

AT = datetime(2025, 1, 1, tzinfo=UTC)
N_WORDS, N_LABELS, PIECE, N_REVIEWED = 50_000, 20, 16_384, 5_000
SYLLABLES = (
    "ka",
    "re",
    "mi",
    "lo",
    "tan",
    "ver",
    "si",
    "pol",
    "du",
    "ne",
    "ga",
    "sho",
    "fi",
    "bru",
    "el",
    "wo",
)


def vocabulary() -> pa.Array:
    """Distinct words of two to five syllables; the place of a word is its rank."""
    rng = np.random.default_rng(1)
    words: dict[str, None] = {}
    while len(words) < N_WORDS:
        words["".join(rng.choice(SYLLABLES, rng.integers(2, 6)))] = None
    return pa.array(list(words))


def texts(words: pa.Array, n: int, rng: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    """Subjects and bodies of Zipf-distributed words, 5 and 20-100 long."""
    ranks = np.arange(1, N_WORDS + 1)
    weights = np.cumsum(1 / (ranks + 2.7))
    lengths = rng.integers(20, 101, n)

    def draw(sizes: np.ndarray) -> pa.Array:
        ends = np.concatenate([[0], np.cumsum(sizes)])
        picked = np.searchsorted(weights, rng.random(ends[-1]) * weights[-1])
        lists = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), words.take(pa.array(picked)))
        return pc.binary_join(lists, " ")

    return draw(np.full(n, 5)), draw(lengths)


def batch(words: pa.Array, start: int, n: int, rng: np.random.Generator) -> pa.Table:
    """Messages ``start`` … of a year of mail, in no order of time."""
    subjects, bodies = texts(words, n, rng)
    minutes = rng.integers(0, 365 * 24 * 60, n)
    people = (rng.pareto(1.1, n) * 30).astype(int) % 40_000
    teams, scores = rng.integers(0, 40, n), rng.integers(0, 11, n)
    columns = {
        "message_id": [f"mail-{start + i:07d}" for i in range(n)],
        "timestamp": pa.array(
            np.datetime64(AT.replace(tzinfo=None), "us") + minutes * np.timedelta64(60_000_000, "us")
        ).cast(pa.timestamp("us", tz="UTC")),
        "thread_id": [f"t{(start + i) // 3}" for i in range(n)],
        "subject": subjects,
        "body": bodies,
        "signature": [""] * n,
        "full_text": [""] * n,
        "sender": [f"Person{p}@firm{p % 700}.example" for p in people.tolist()],
        "recipients": [[f"team{t}@support.example"] for t in teams.tolist()],
        "language": [("en", "de", "fr")[t % 3] for t in teams.tolist()],
        "properties": [
            f'{{"string:Team":"T{t}","number:NPS":{s}}}'
            for t, s in zip(teams.tolist(), scores.tolist(), strict=True)
        ],
    }
    return pa.table(columns, schema=MESSAGE_SCHEMA)


def fill(store: Store, n: int) -> None:
    """Messages, a model version with predictions, and reviews."""
    rng = np.random.default_rng(7)
    words = vocabulary()
    for start in range(0, n, PIECE):
        prepared = prepare(SOURCE, batch(words, start, min(PIECE, n - start), rng))
        with store.write() as session:
            session.messages.put(SOURCE, prepared, at=AT + timedelta(seconds=start))
    store.checkpoint()
    with store.write() as session:
        made = ModelVersion(
            dataset_id=DATASET,
            version=1,
            created_at=AT,
            n_reviewed=0,
            n_labels=N_LABELS,
            encoder="e",
            lineage={},
        )
        label_ids = [LabelId(f"l{i}") for i in range(N_LABELS)]
        session.models.add_version(made, weights=b"", parameters="{}", label_ids=label_ids)
        uids = [Uid(f"{SOURCE}.mail-{i:07d}") for i in range(n)]
        session.models.put_predictions(DATASET, 1, uids, rng.random((n, N_LABELS), dtype=np.float32) ** 4)
    store.checkpoint()
    judgements = [
        Judgement(
            event_id=f"{i:016x}", uid=Uid(f"{SOURCE}.mail-{row:07d}"), assigned=(LabelId(f"l{i % N_LABELS}"),)
        )
        for i, row in enumerate(rng.choice(n, min(N_REVIEWED, n // 2), replace=False).tolist())
    ]
    for start in range(0, len(judgements), 1000):
        with store.write() as session:
            session.reviews.judge(DATASET, judgements[start : start + 1000], actor="ann", at=AT)
    store.checkpoint()


LABEL = LabelFilter(label_id=LabelId("l5"), status="predicted", at_least=0.7)
FILTERS: dict[str, Callable[[int], MessageFilter]] = {
    "no filter": lambda _: MessageFilter(),
    "a month": lambda i: MessageFilter(
        since=AT + timedelta(days=9 * i), until=AT + timedelta(days=9 * i + 30)
    ),
    "unreviewed": lambda _: MessageFilter(reviewed=False),
    "sender's domain": lambda i: MessageFilter(sender=AddressFilter(domain_one_of=(f"firm{7 * i}.example",))),
    "team is": lambda i: MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=(f"T{i}",)),)),
    "team is not, score over 8": lambda i: MessageFilter(
        properties=(
            PropertyFilter(name="string:Team", not_one_of=(f"T{i}",)),
            PropertyFilter(name="number:NPS", at_least=8),
        )
    ),
    "label predicted, 70 % and more": lambda _: MessageFilter(labels=(LABEL,)),
    "language, unreviewed, team": lambda i: MessageFilter(
        languages=("de",), reviewed=False, properties=(PropertyFilter(name="string:Team", one_of=(f"T{i}",)),)
    ),
}

THREADS: dict[str, Callable[[int], ThreadFilter]] = {
    "in a thread": lambda _: ThreadFilter(),
    "messages: 3 and more": lambda _: ThreadFilter(n_messages=Bounds(at_least=3)),
    "messages: 4 and more, which none has": lambda _: ThreadFilter(n_messages=Bounds(at_least=4)),
    "the first": lambda _: ThreadFilter(position=Bounds(at_most=1)),
    "not the first": lambda _: ThreadFilter(position=Bounds(at_least=2)),
    "the third": lambda _: ThreadFilter(position=Bounds(at_least=3, at_most=3)),
    "lasted a week": lambda i: ThreadFilter(duration_s=Bounds(at_most=(7 + i) * 86_400)),
    "answered in a day": lambda i: ThreadFilter(response_s=Bounds(at_most=(24 + i) * 3600)),
    "never answered": lambda _: ThreadFilter(answered=False),
    "begun at a domain": lambda i: ThreadFilter(
        first_sender=AddressFilter(domain_one_of=(f"firm{7 * i}.example",))
    ),
    "of 3, not the first, in a day": lambda i: ThreadFilter(
        n_messages=Bounds(at_least=3),
        position=Bounds(at_least=2),
        response_s=Bounds(at_most=(24 + i) * 3600),
    ),
}
VALUES = ("sender", "sender-domain", "recipient", "property", "attachment", "string:Team", "number:NPS")


def of_thread(made: Callable[[int], ThreadFilter], i: int) -> MessageFilter:
    return MessageFilter(thread=made(i))


def searches(words: list[str]) -> dict[str, Callable[[int], MessageFilter]]:
    """Searches for words from the most frequent to the rare."""
    word = lambda rank, i: words[rank + i]  # noqa: E731
    return {
        "a frequent word": lambda i: MessageFilter(text=word(0, i)),
        "a rare word": lambda i: MessageFilter(text=word(2_000, i)),
        "two words": lambda i: MessageFilter(text=f"{word(50, i)} {word(400, i)}"),
        "a phrase": lambda i: MessageFilter(text=f'"{word(5, i)} {word(20, i)}"'),
        "a beginning": lambda i: MessageFilter(text=f"{word(300, i)[:4]}*"),
        "either, without a third": lambda i: MessageFilter(
            text=f"{word(99, i)} OR {word(600, i)} -{word(3, i)}"
        ),
        "a word, unreviewed, team": lambda i: MessageFilter(
            text=word(30, i),
            reviewed=False,
            properties=(PropertyFilter(name="string:Team", one_of=(f"T{i}",)),),
        ),
        "a frequent word, label predicted": lambda i: MessageFilter(text=word(2, i), labels=(LABEL,)),
    }


def clocked(work: Callable[[int], object], n: int) -> list[float]:
    """Milliseconds of ``n`` calls, ascending."""
    found = []
    for i in range(n):
        start = time.perf_counter()
        work(i)
        found.append(1000 * (time.perf_counter() - start))
    return sorted(found)


def show(what: str, ms: list[float], scan_ms: float | None, limit_ms: float) -> None:
    p50, p95 = statistics.median(ms), ms[math.ceil(0.95 * len(ms)) - 1]
    verdict = "" if p95 < limit_ms else "  over"
    scan = "" if scan_ms is None else f"   DuckDB scan {scan_ms:8.1f} ms"
    ratio = "" if limit_ms == math.inf else f", {p95 / limit_ms:4.2f} of the limit"
    print(f"{what:<36} n {len(ms)}   p50 {p50:8.1f} ms   p95 {p95:8.1f} ms{ratio}{scan}{verdict}")


def scanned(store: Store, where: MessageFilter) -> float:
    """The peer: DuckDB alone over all messages with a bounded sort, words as plain substrings; ms."""
    condition = compile_filter(replace(where, text=""))
    values = dict(condition.parameters)
    parts = [condition.sql]
    for place, group in enumerate(parse_text(where.text).groups):
        looked = []
        for number, term in enumerate(group):
            name = f"t{place}_{number}"
            values[name] = " ".join(term.words)
            looked += [f"contains(lower(m.{column}), ${name})" for column in ("subject", "body")]
        parts.append(f"({' OR '.join(looked)})")
    sql = (
        f"SELECT m.uid FROM message m WHERE {' AND '.join(parts)}"
        " ORDER BY m.timestamp DESC, m.upload_seq DESC LIMIT 20"
    )
    if "$dataset_id" in sql:
        values["dataset_id"] = DATASET
    with store._cursor() as cursor:
        return clocked(lambda _: cursor.execute(sql, values or None).fetchall(), 1)[0]


def listed(session: Session, of: str) -> FilterValues:
    """What an editor of filters asks when it opens."""
    if of == "property":
        return session.values.property_names(DATASET, "", 50)
    if of == "attachment":
        return session.values.content_types(DATASET, "", 50)
    if of.startswith("number:"):
        return session.values.numbers(DATASET, of)
    if of.startswith("string:"):
        return session.values.texts(DATASET, of, "", 50)
    return session.values.people(DATASET, of, "", 50)


def measure(store: Store, n_calls: int) -> None:
    def page(made: Callable[[int], MessageFilter], order: MessageOrder, i: int) -> None:
        with store.read() as session:
            session.messages.page(DATASET, made(i), order, 20 * (i % 5))

    def values(of: str, _: int) -> None:
        with store.read() as session:
            listed(session, of)

    asked = searches(vocabulary().to_pylist())
    threads = {what: partial(of_thread, made) for what, made in THREADS.items()}
    scans = {what: scanned(store, made(0)) for what, made in {**FILTERS, **threads, **asked}.items()}
    groups: tuple[tuple[dict[str, Callable[[int], MessageFilter]], MessageOrder, float], ...] = (
        (FILTERS, "recent", 100.0),
        (threads, "recent", 100.0),
        (asked, "recent", 150.0),
        (asked, "relevance", 150.0),
    )
    for filters, order, limit_ms in groups:
        print(f"pages of 20, {order}; limit p95 {limit_ms:.0f} ms; load {os.getloadavg()[0]:.1f}")
        for what, made in filters.items():
            page(made, order, 0)
            show(what, clocked(partial(page, made, order), n_calls), scans[what], limit_ms)
    print(f"values to filter by; limit p95 100 ms, but for the first time; load {os.getloadavg()[0]:.1f}")
    for of in VALUES:
        show(f"{of}, the first time", clocked(partial(values, of), 1), None, math.inf)
        show(f"{of}, again", clocked(partial(values, of), n_calls), None, 100.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n_messages", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--calls", type=int, default=20)
    asked = parser.parse_args()
    print(f"{machine()}; DuckDB {duckdb.__version__} with 2 threads")
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / f"find-{asked.n_messages}.duckdb"
        is_new = not file.exists()
        store = stack.enter_context(Store.open(file))
        if is_new:
            with store.write() as session:
                lay_out(session, [(f"Label {i}",) for i in range(N_LABELS)], AT)
            ms = clocked(lambda _: fill(store, asked.n_messages), 1)
            print(f"{asked.n_messages:,} messages stored in {ms[0] / 1000:.0f} s")
        ms = clocked(lambda _: store.search.catch_up(), 1)
        print(f"index caught up in {ms[0] / 1000:.1f} s")
        measure(store, asked.calls)
        print(f"peak memory {peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
