"""Coverage, thresholds and review modes: what rating and balance need besides the labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workbench.evaluate import Draws, choose_thresholds, precision_recall_curve, random_picks
from workbench.monitor import Coverage, coverage, informativeness
from workbench.primitives import write_atomically
from workbench.workspace.reviewed import Picked

THRESHOLD = 0.5
"""Of a label whose own threshold cannot be estimated."""
_LEAST_POSITIVES = 5


def expected_coverage(
    probabilities: np.ndarray, targets: np.ndarray, paths: list[tuple[str, ...]], thresholds: np.ndarray
) -> float | None:
    """Expected share of messages with an informative label, in [0, 1]; None without messages. See :func:`covered`."""
    return covered(probabilities, targets, paths, thresholds).coverage


def covered(
    probabilities: np.ndarray, targets: np.ndarray, paths: list[tuple[str, ...]], thresholds: np.ndarray
) -> Coverage:
    """How far an informative label covers each message.

    Parameters
    ----------
    probabilities
        (n, n_labels) of all messages.
    targets
        bool, (n_reviewed, n_labels), ancestors set.
    thresholds
        (n_labels,), see :func:`balanced_thresholds`.
    """
    return coverage(probabilities, informativeness(targets, paths), thresholds)


def balanced_thresholds(targets: np.ndarray, out_of_fold: np.ndarray | None) -> np.ndarray:
    """Each label's threshold of the largest F1 on held-out probabilities.

    Parameters
    ----------
    targets
        bool, (n_reviewed, n_labels), ancestors set.
    out_of_fold
        (n_reviewed, n_labels), NaN where a message has none; None = none has.

    Returns
    -------
    ndarray
        float64, (n_labels,); 0.5 for a label with fewer than 5 positives among them.
    """
    found = np.full(targets.shape[1], THRESHOLD)
    if out_of_fold is None:
        return found
    rows = np.isfinite(out_of_fold).all(axis=1)
    for label in np.flatnonzero(targets[rows].sum(axis=0) >= _LEAST_POSITIVES):
        curve = precision_recall_curve(targets[rows, label], out_of_fold[rows, label])
        choices = {choice.name: choice.threshold for choice in choose_thresholds(curve)}
        found[label] = choices["balanced"]
    return found


def mode_shares(modes: list[str]) -> dict[str, float]:
    """Share of reviews by mode, 0-1."""
    return {mode: modes.count(mode) / len(modes) for mode in sorted(set(modes))}


def draws_of(
    picked: Picked | None, kept: np.ndarray, modes: list[str], is_test_of_all: np.ndarray
) -> Draws | None:
    """How the reviewed messages were drawn from the dataset; None where it is not known.

    Parameters
    ----------
    picked
        Of all that were read.
    kept, modes
        (n_reviewed,): rows of ``picked`` that are still in the dataset, and their review modes.
    is_test_of_all
        bool, (n,): the test part of the dataset.
    """
    if picked is None:
        return None
    places, n = picked.places[kept], len(is_test_of_all)
    chances = [picked.probabilities[row] for row in kept]
    populations = [picked.n_populations[row] for row in kept]
    return Draws(
        places=places,
        is_random=random_picks(modes, chances, populations, places, n),
        n_messages=n,
        n_test=int(is_test_of_all.sum()),
    )


def keep_held_out(
    path: Path,
    *,
    uids: list[str],
    label_ids: list[str],
    out_of_fold: np.ndarray,
    thresholds: np.ndarray,
    informativeness: np.ndarray,
) -> None:
    """Leave the held-out probabilities for the modes that look for wrong labels, and for drift and balance.

    With them go what each label is worth by itself, and its threshold: Low confidence ranks by both.
    """
    names, columns = np.array(uids, dtype=str), np.array(label_ids, dtype=str)
    write_atomically(
        path,
        lambda draft: np.savez(
            draft,
            uids=names,
            label_ids=columns,
            out_of_fold=out_of_fold,
            thresholds=thresholds,
            informativeness=informativeness,
        ),
    )


def held_out_instead(
    probabilities: np.ndarray, row_of: dict[str, int], label_ids: list[str], path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Replace what a model says of the messages it was trained on by what it said of them unseen.

    A model is surer of its own training messages than of others, so windows with different shares of them would
    differ although nothing changed.

    Parameters
    ----------
    probabilities
        (n, n_labels) of all messages; not changed.
    row_of
        Row of each message.
    label_ids
        Columns.
    path
        What :func:`keep_held_out` left; may be missing.

    Returns
    -------
    tuple of ndarray
        The probabilities, and (n_labels,) the balanced thresholds; both as they were, or 0.5, where nothing is known.
    """
    thresholds = np.full(len(label_ids), THRESHOLD)
    if not path.exists():
        return probabilities, thresholds
    probabilities = probabilities.copy()
    with np.load(path, allow_pickle=False) as kept:
        place = {str(label_id): column for column, label_id in enumerate(kept["label_ids"])}
        shared = [(column, place[name]) for column, name in enumerate(label_ids) if name in place]
        uids, held_out = kept["uids"].tolist(), kept["out_of_fold"]
        known = np.isfinite(held_out).all(axis=1)
        pairs = [(row_of[uid], i) for i, uid in enumerate(uids) if known[i] and uid in row_of]
        if pairs and shared:
            rows, origins = (np.array(side) for side in zip(*pairs, strict=True))
            columns, sources = (np.array(side) for side in zip(*shared, strict=True))
            probabilities[rows[:, None], columns] = held_out[origins[:, None], sources]
            thresholds[columns] = kept["thresholds"][sources]
    return probabilities, thresholds
