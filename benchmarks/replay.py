"""Replaying annotation on labelled data: the real strategies and classifier, with the data set as the annotator."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from classify_data import TestSet, vectors_of

from workbench.classify import LexicalFeatures, MultiLabelClassifier
from workbench.discover import cluster
from workbench.domain import AveragePrecision
from workbench.evaluate import LabelEvidence, average_precision, label_health, label_state, logit_interval
from workbench.review import (
    STRATEGIES,
    LabelStanding,
    PastBatch,
    Pool,
    Standing,
    cover,
    informativeness,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FIRST_CLUSTERS = 30
COVERAGE_POINTS = ([0.40, 0.70, 0.85, 0.95], [0.0, 70.0, 90.0, 100.0])
GROWN = 1.25
"""A full fit with fresh held-out predictions comes when a quarter more is reviewed, as in the product."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Messages that can be reviewed and messages that judge: one draw of a test set.

    Attributes
    ----------
    targets
        bool, (n, n_labels), ancestors set; rows of ``vectors`` and ``lexical`` alike.
    n_pool
        The first rows are the pool, the others the test messages.
    """

    name: str
    seed: int
    vectors: npt.NDArray[np.float32]
    lexical: csr_matrix
    targets: npt.NDArray[np.bool_]
    parents: npt.NDArray[np.int64]
    n_pool: int
    clusters: npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A test set with its features, from which tasks are drawn."""

    data: TestSet
    vectors: npt.NDArray[np.float32]
    lexical: csr_matrix

    @classmethod
    def load(cls, data: TestSet) -> Source:
        """Features of every message; the vocabulary is that of all, as in the product."""
        features = LexicalFeatures().fit(data.texts)
        return cls(data=data, vectors=vectors_of(data.texts), lexical=features.transform(data.texts))

    def task(self, seed: int) -> Task:
        """A pool and test messages.

        Where every message has one intent the pool is made skewed: the labels in random order have
        ``100 * rank ** -0.4`` messages each (the largest 100, the smallest 14 to 18), and 10 of each are the test messages. Where
        messages have several, four random folds of twenty are the test messages and the others, with their own
        skew, the pool.
        """
        random = np.random.default_rng(seed)
        if self.data.part.max() > 1:
            test_folds = random.permutation(int(self.data.part.max()) + 1)[:4]
            is_test = np.isin(self.data.part, test_folds)
            pool, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
        else:
            pool, test = self._skewed(random)
        pool = random.permutation(pool)
        rows = np.concatenate([pool, test])
        found = cluster(self.vectors[pool], method="evoc", min_cluster_size=5, random_state=seed)
        return Task(
            name=self.data.name,
            seed=seed,
            vectors=self.vectors[rows],
            lexical=self.lexical[rows],
            targets=self.data.targets[rows],
            parents=self.data.parents,
            n_pool=len(pool),
            clusters=found.labels.astype(np.int64),
        )

    def _skewed(self, random: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        has_child = np.isin(np.arange(len(self.data.parents)), self.data.parents)
        pool, test = [], []
        for rank, label in enumerate(random.permutation(np.flatnonzero(~has_child)), start=1):
            members = np.flatnonzero(self.data.targets[:, label])
            train, held = members[self.data.part[members] == 0], members[self.data.part[members] == 1]
            pool.append(random.permutation(train)[: round(100 * rank**-0.4)])
            test.append(random.permutation(held)[:10])
        return np.concatenate(pool), np.concatenate(test)


def macro_ap(truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float32]) -> float:
    """Mean average precision over the labels that occur; a label with equal scores has its share."""
    truth, scores = truth[:, truth.any(axis=0)], scores[:, truth.any(axis=0)]
    ranked = np.take_along_axis(truth, np.argsort(-scores, axis=0, kind="stable"), axis=0)
    precision = np.cumsum(ranked, axis=0) / np.arange(1, len(truth) + 1)[:, None]
    found = (precision * ranked).sum(axis=0) / truth.sum(axis=0)
    return float(np.where(np.ptp(scores, axis=0) > 0, found, truth.mean(axis=0)).mean())


@dataclass(kw_only=True, eq=False)
class Replay:
    """One dataset being annotated."""

    task: Task
    reviewed: npt.NDArray[np.bool_] = field(init=False)
    modes: Counter[str] = field(default_factory=Counter)
    history: list[PastBatch] = field(default_factory=list)
    model: MultiLabelClassifier | None = None
    probabilities: npt.NDArray[np.float32] | None = None
    precisions: list[AveragePrecision] = field(default_factory=list)
    n_fitted: int = 0
    n_batches: int = 0
    n_measured: int = 0
    measured: float | None = None

    def __post_init__(self) -> None:
        self.reviewed = np.zeros(self.task.n_pool, dtype=bool)

    @property
    def n_reviewed(self) -> int:
        """Messages reviewed so far."""
        return int(self.reviewed.sum())

    def review(self, mode: str, label_id: str | None, n: int) -> int:
        """Choose ``n`` messages by ``mode`` and look their labels up; how many were found."""
        task = self.task
        known = np.where(self.reviewed[:, None], task.targets[: task.n_pool], False)
        pool = Pool(
            reviewed=self.reviewed,
            probabilities=self.probabilities,
            vectors=task.vectors[: task.n_pool],
            clusters=task.clusters,
            informativeness=informativeness(known[self.reviewed], task.parents),
        )
        label = None if label_id is None else int(label_id)
        picks = STRATEGIES[mode](pool, n, label=label, random_state=1_000 * task.seed + self.n_batches)
        self.reviewed[picks.indices] = True
        self.modes[mode] += len(picks.indices)
        self.n_batches += 1
        return len(picks.indices)

    def learn(self) -> None:
        """A new model version: refreshed, or fitted afresh when a quarter more is reviewed."""
        task, rows = self.task, np.flatnonzero(self.reviewed)
        known = task.vectors[rows], task.lexical[rows], task.targets[rows]
        made = MultiLabelClassifier(n_threads=1)
        if self.model is None or self.n_reviewed >= GROWN * self.n_fitted:
            made.fit(*known, parents=task.parents)
            self.n_fitted = self.n_reviewed
            self._measure(rows, made.out_of_fold_)
        else:
            made.refresh(self.model, *known, parents=task.parents)
        self.model = made
        self.probabilities = made.predict_proba(task.vectors[: task.n_pool], task.lexical[: task.n_pool])

    def judged(self) -> float:
        """Mean average precision on the test messages."""
        task, model = self.task, self.model
        if model is None:
            return 0.0
        scores = model.predict_proba(task.vectors[task.n_pool :], task.lexical[task.n_pool :])
        return macro_ap(task.targets[task.n_pool :], scores)

    def standing(self) -> Standing:
        """What the product would know now."""
        task, n = self.task, max(self.n_reviewed, 1)
        pins = task.targets[: task.n_pool][self.reviewed].sum(axis=0)
        first = self._first_clusters()
        covered = None
        if self.probabilities is not None:
            useful = informativeness(task.targets[: task.n_pool][self.reviewed], task.parents)
            covered = float(np.interp(cover(self.probabilities, useful, None).mean(), *COVERAGE_POINTS))
        labels = tuple(self._label(label, int(count)) for label, count in enumerate(pins))
        return Standing(
            n_messages=task.n_pool,
            n_reviewed=self.n_reviewed,
            has_clusters=bool((task.clusters >= 0).any()),
            n_first_clusters=len(first),
            n_first_clusters_reviewed=len(set(task.clusters[self.reviewed].tolist()) & set(first.tolist())),
            mode_shares={mode: count / n for mode, count in self.modes.items()},
            factors={"coverage": covered},
            rating=None,
            mean_average_precision=self.measured,
            labels=labels,
            seconds_per_message=None,
            history=tuple(self.history),
            has_model=self.model is not None,
        )

    def _first_clusters(self) -> npt.NDArray[np.int64]:
        sizes = np.bincount(self.task.clusters[self.task.clusters >= 0])
        return np.argsort(-sizes, kind="stable")[:FIRST_CLUSTERS]

    def _measure(self, rows: npt.NDArray[np.int64], held_out: npt.NDArray[np.float32] | None) -> None:
        """Average precision of each label on held-out predictions, as validation does for labels with few test examples."""
        if held_out is None or not np.isfinite(held_out).all():
            return
        truth, self.precisions = self.task.targets[rows], []
        for label in range(truth.shape[1]):
            value, n_positive = (
                average_precision(truth[:, label], held_out[:, label]),
                int(truth[:, label].sum()),
            )
            low, high = (None, None) if value is None else logit_interval(value, n_positive)
            self.precisions.append(
                AveragePrecision(
                    value=value, low=low, high=high, n_positive=n_positive, n=len(rows), approximate=True
                )
            )
        values = [found.value for found in self.precisions if found.value is not None]
        before, n_before = self.measured, self.n_measured
        self.measured, self.n_measured = (float(np.mean(values)) if values else None), len(rows)
        if before is not None:
            # What lies between two measurements counts as one batch of the mode that most of it came from.
            mode = self.modes.most_common(1)[0][0]
            self.history.append(
                PastBatch(
                    mode=mode, label_id=None, n=len(rows) - n_before, before=before, after=self.measured
                )
            )

    def _label(self, label: int, n_pins: int) -> LabelStanding:
        blank = AveragePrecision(value=None, low=None, high=None, n_positive=0, n=0)
        found = self.precisions[label] if self.precisions else blank
        evidence = LabelEvidence(n_pins=n_pins, n_train=round(0.8 * n_pins), lower_bound=found.low)
        return LabelStanding(
            label_id=str(label),
            n_pins=n_pins,
            n_train=evidence.n_train,
            n_test=n_pins - evidence.n_train,
            average_precision=found.value,
            low=found.low,
            high=found.high,
            health=label_health(evidence, found.value),
            state=label_state(evidence, found),
        )
