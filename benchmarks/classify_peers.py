"""What others would train on the same vectors: the classifiers of the design study, from scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

LEXICAL_WEIGHT = 0.4
_NEVER = -20.0
Floats = npt.NDArray[np.float32]
Rows = tuple[Floats, csr_matrix]
"""Vectors and lexical features."""


def logistic(train: Rows, targets: npt.NDArray[np.bool_], test: Rows) -> Floats:
    """Probabilities of one logistic regression per label, C=30, on vectors alone."""
    # The usual tolerance is relative to a mean over rows: with one positive in 150 it stops far too early.
    return _one_each(LogisticRegression(C=30.0, tol=1e-6, max_iter=1_000), train[0], targets, test[0])


def softmax(train: Rows, targets: npt.NDArray[np.bool_], test: Rows) -> Floats:
    """Probabilities of one logistic regression for all labels, C=30, on vectors; the first label of a row counts."""
    made = LogisticRegression(C=30.0, max_iter=1_000).fit(train[0], targets.argmax(axis=1))
    found = np.zeros((len(test[0]), targets.shape[1]), dtype=np.float32)
    found[:, made.classes_] = made.predict_proba(test[0])
    return found


def support_vectors(train: Rows, targets: npt.NDArray[np.bool_], test: Rows) -> Floats:
    """Sigmoid of the raw score of one LinearSVC per label, C=1, on vectors and lexical features."""
    joined = [hstack([dense, LEXICAL_WEIGHT * sparse]).tocsr() for dense, sparse in (train, test)]
    return _one_each(LinearSVC(C=1.0), joined[0], targets, joined[1])


def _one_each(
    machine: LogisticRegression | LinearSVC,
    train: Floats | csr_matrix,
    targets: npt.NDArray[np.bool_],
    test: Floats | csr_matrix,
) -> Floats:
    scores = np.full((test.shape[0], targets.shape[1]), _NEVER)
    for label in np.flatnonzero((targets.sum(axis=0) > 1) & ~targets.all(axis=0)):
        scores[:, label] = machine.fit(train, targets[:, label]).decision_function(test)
    return (1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))).astype(np.float32)
