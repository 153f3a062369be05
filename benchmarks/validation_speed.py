"""How fast a validation is made and seen: 200 labels.

    python benchmarks/validation_speed.py [--labels 200] [--rounds 7] [--keep FOLDER] [--no-browser]

Curves: precision and recall of every label on 20,000 test messages, limit 1 s, beside scikit-learn's
``precision_recall_curve`` label by label in the same run; then the whole report of the same messages (intervals,
corrected figures, thresholds, rating). Page: the Validation app of ``workbench serve`` on a workspace of 20,000 reviewed
messages, a fifth of them the test part, until the headline and the rating are painted (``app_first_paint.py``), limit
1.5 s. Truth and scores are made, not learned: only how many there are matters here.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from app_first_paint import paint, report, served
from common import machine
from made import AT, DATASET, label_ids, lay_out, uid, write_messages
from sklearn.metrics import precision_recall_curve as peer_curve

from workbench.domain import Judgement, ModelVersion, ValidationReport
from workbench.evaluate import Draws, ReviewEvidence, precision_recall_curve, validate
from workbench.store import Store
from workbench.wire import encode

N_TEST, N_REVIEWED, TEST_SHARE = 20_000, 20_000, 0.2
CURVES_LIMIT_S, PAINT_LIMIT_S = 1.0, 1.5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="work here, and use again what an earlier run left")
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    print(machine())
    speed_of_curves(given.labels, given.rounds)
    if given.no_browser:
        return
    with tempfile.TemporaryDirectory() as name:
        file = (given.keep or Path(name)) / "validation.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            make(file, given.labels)
        with served(file) as (chromium, port):
            report(
                "validation",
                [paint(chromium, port, "validation") for _ in range(given.rounds)],
                PAINT_LIMIT_S,
            )


def speed_of_curves(n_labels: int, rounds: int) -> None:
    truth, scores = judged(N_TEST, n_labels)
    columns = range(n_labels)

    def ours() -> None:
        for i in columns:
            precision_recall_curve(truth[:, i], scores[:, i])

    def peers() -> None:
        for i in columns:
            peer_curve(truth[:, i], scores[:, i])

    own, other = timed(ours, rounds), timed(peers, rounds)
    print(
        f"{n_labels} curves, {N_TEST:,} test messages: {spread(own)}; limit {CURVES_LIMIT_S:g} s, ratio "
        f"{statistics.median(own) / CURVES_LIMIT_S:.2f}; scikit-learn {spread(other)}, ratio "
        f"{statistics.median(own) / statistics.median(other):.2f}"
    )
    is_test = np.ones(N_TEST, dtype=bool)
    whole = timed(lambda: report_of(truth, scores, is_test), rounds)
    crosses = len(encode(report_of(truth, scores, is_test))) / 1e6
    print(f"the whole report of them: {spread(whole)}; {crosses:.1f} MB to the page's process", flush=True)


def timed(action: Callable[[], object], rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return taken


def spread(taken: list[float]) -> str:
    return f"{statistics.median(taken):.2f} s ({min(taken):.2f} - {max(taken):.2f}, n = {len(taken)})"


# ---- made results and the workspace that has them ------------------------------------------------


def judged(n: int, n_labels: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Truth (n, n_labels) of labels with 0.2 to 20 % of the messages, and probabilities that tell them fairly well."""
    rng = np.random.default_rng(seed)
    rates = np.clip(rng.lognormal(np.log(0.01), 0.8, n_labels), 0.002, 0.2)
    truth = rng.random((n, n_labels)) < rates
    logits = rng.normal(size=(n, n_labels)) + np.where(truth, 2.2, 0.0) + np.log(rates / (1 - rates))
    return truth, (1 / (1 + np.exp(-logits))).astype(np.float32)


def report_of(truth: np.ndarray, scores: np.ndarray, is_test: np.ndarray) -> ValidationReport:
    """As a training would leave it: cross-validated and corrected figures, and a rating."""
    n, n_labels = truth.shape
    return validate(
        truth,
        scores,
        is_test,
        label_ids=label_ids(n_labels),
        names=[name(i) for i in range(n_labels)],
        dataset_id=DATASET,
        version=1,
        created_at=AT,
        out_of_fold=scores,
        groups=np.arange(n),
        evidence=ReviewEvidence(coverage=0.8, similarity=0.9, mode_shares={"shuffle": 0.3, "teach": 0.7}),
        draws=Draws(
            places=np.arange(n),
            is_random=np.arange(n) % 3 == 0,
            n_messages=2 * n,
            n_test=2 * int(is_test.sum()),
        ),
    )


def make(file: Path, n_labels: int) -> None:
    """Everything reviewed and predicted, one validated version."""
    truth, scores = judged(N_REVIEWED, n_labels, seed=1)
    is_test = np.random.default_rng(2).random(N_REVIEWED) < TEST_SHARE
    uids, labels = [uid(i) for i in range(N_REVIEWED)], label_ids(n_labels)
    start = time.perf_counter()
    with Store.open(file) as store:
        with store.write() as session:
            lay_out(session, [tuple(name(i).split(" > ")) for i in range(n_labels)], AT)
            write_messages(session, N_REVIEWED)
            made = ModelVersion(
                dataset_id=DATASET, version=1, created_at=AT, n_reviewed=N_REVIEWED, n_labels=n_labels,
                encoder="e", lineage={},
            )  # fmt: skip
            session.models.add_version(made, weights=b"", parameters="{}", label_ids=labels)
            session.models.put_predictions(DATASET, 1, uids, scores)
            tested = pa.table(
                {
                    "uid": pa.array([uids[row] for row in np.flatnonzero(is_test)], pa.string()),
                    "scores": pa.array(list(scores[is_test]), pa.list_(pa.float32())),
                }
            )
            session.models.put_test_scores(DATASET, 1, tested)
            session.models.put_validation(report_of(truth, scores, is_test))
        for begin in range(0, N_REVIEWED, 500):
            with store.write() as session:
                rows = range(begin, begin + 500)
                session.reviews.judge(
                    DATASET,
                    [
                        Judgement(
                            event_id=f"{row:016x}",
                            uid=uids[row],
                            assigned=tuple(labels[i] for i in np.flatnonzero(truth[row])),
                            mode="shuffle",
                        )
                        for row in rows
                    ],
                    actor="ann",
                    at=AT,
                )
        store.checkpoint()
    print(f"made the workspace: {time.perf_counter() - start:.1f} s", flush=True)


def name(number: int) -> str:
    """Of a label: twenty groups of ten."""
    return f"Topic {number // 10} > Matter {number}"


if __name__ == "__main__":
    main()
