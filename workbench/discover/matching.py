"""Cluster ids that stay the same from run to run."""

from __future__ import annotations

import numpy as np

from workbench.discover.vectors import Ints

_LEAST_OVERLAP = 0.1


def match_clusters(old_labels: Ints, new_labels: Ints, *, next_id: int) -> dict[int, int]:
    """Give new clusters the ids of the old ones that they continue.

    Parameters
    ----------
    old_labels, new_labels
        int, (n,), of the same messages in the same order; -1 = in no cluster (for ``old_labels`` also: not
        part of the old run).
    next_id
        The first id never used before, above every old id.

    Returns
    -------
    dict
        Id for each cluster of ``new_labels``. Pairs are chosen so that the sum of overlaps (Jaccard, among
        messages that were in a cluster before) is greatest (Kuhn 1955); a pair that shares less than 10 % is no
        continuation. The others get
        ``next_id``, ``next_id + 1`` … by descending size.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - heavy

    old_ids, old_sizes = np.unique(old_labels[old_labels >= 0], return_counts=True)
    new_ids, new_sizes = np.unique(new_labels[new_labels >= 0], return_counts=True)
    both = (old_labels >= 0) & (new_labels >= 0)
    # Members that no old cluster held, such as messages that came since, speak neither for nor against an old id:
    # when a dataset grows twentyfold its clusters keep their ids.
    known_sizes = np.bincount(np.searchsorted(new_ids, new_labels[both]), minlength=len(new_ids))
    shared = np.zeros((len(new_ids), len(old_ids)))
    np.add.at(
        shared,
        (np.searchsorted(new_ids, new_labels[both]), np.searchsorted(old_ids, old_labels[both])),
        1,
    )
    overlap = shared / np.maximum(known_sizes[:, None] + old_sizes[None, :] - shared, 1)
    matched: dict[int, int] = {}
    for row, column in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[row, column] >= _LEAST_OVERLAP:
            matched[int(new_ids[row])] = int(old_ids[column])
    for row in np.lexsort((new_ids, -new_sizes)):
        if int(new_ids[row]) not in matched:
            matched[int(new_ids[row])] = next_id
            next_id += 1
    return matched
