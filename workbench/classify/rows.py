"""Training rows: checked, centred, turned, and carried over from an earlier model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.classify.hierarchy import add_ancestors, check_parents
from workbench.classify.mixture import Mixture, fit_mixture
from workbench.classify.zero_shot import ZeroShot
from workbench.errors import InputError, TooFewAnnotationsError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from workbench.classify.model import LinearModel

Floats = npt.NDArray[np.float32]


class TrainingRows:
    """Reviewed messages as the classifier learns from them.

    Parameters
    ----------
    vectors, lexical, targets, label_ids, parents
        As for ``MultiLabelClassifier.fit``.

    Attributes
    ----------
    targets
        bool, (n, n_labels), ancestors set.
    label_ids, parents
        Filled in where they were None.
    names
        What the labels are called, None = not known.
    """

    def __init__(
        self,
        vectors: Floats,
        lexical: csr_matrix | None,
        targets: npt.NDArray[np.bool_],
        label_ids: Sequence[str] | None,
        parents: npt.NDArray[np.int64] | None,
        names: ZeroShot | None = None,
    ) -> None:
        if targets.ndim != 2 or not targets.shape[1] or not (len(targets) or names):  # noqa: PLR2004 - a matrix has two axes
            raise TooFewAnnotationsError(
                f"targets of shape {targets.shape} (reviewed messages, labels) are nothing to learn from.",
                next_step="Create labels and review some messages first.",
                details={"shape": str(targets.shape)},
            )
        n_rows, n_labels = targets.shape
        ids = tuple(map(str, range(n_labels))) if label_ids is None else tuple(label_ids)
        n_lexical = n_rows if lexical is None else lexical.shape[0]
        if not (len(vectors) == n_lexical == n_rows and len(ids) == len(set(ids)) == n_labels):
            raise InputError(
                f"{len(vectors)} vectors, {n_lexical} lexical rows, targets {targets.shape} and "
                f"{len(set(ids))} different label ids do not fit together.",
                next_step="Give one row per reviewed message and one id per label.",
            )
        if vectors.ndim != 2 or not np.isfinite(vectors).all():  # noqa: PLR2004 - as above
            raise InputError(
                f"vectors of shape {vectors.shape} are no matrix or hold NaN or infinity.",
                next_step="Embed these messages again.",
            )
        if names is not None and names.coef.shape != (vectors.shape[1], n_labels):
            raise InputError(
                f"names of shape {names.coef.shape} do not fit vectors {vectors.shape} and {n_labels} labels.",
                next_step="Give one name per label, by the encoder of the messages.",
            )
        self.vectors, self.lexical, self.label_ids, self.names = vectors, lexical, ids, names
        self.parents = np.full(n_labels, -1, dtype=np.int64) if parents is None else parents
        check_parents(self.parents, n_labels)
        self.targets = add_ancestors(targets, self.parents)

    def mixture(
        self,
        trained: npt.NDArray[np.bool_],
        *,
        held_out: Floats | None = None,
        blend: tuple[float, float, float] | None = None,
        n_folds: int = 5,
    ) -> Mixture | None:
        """How names and examples go together, as ``fit_mixture``; None without names."""
        if self.names is None:
            return None
        return fit_mixture(
            self.names,
            self.vectors,
            self.targets,
            self.parents,
            trained,
            held_out=held_out,
            blend=blend,
            n_folds=n_folds,
        )

    def dense(self, mean: Floats, axes: Floats | None = None) -> Floats:
        """float32, (n, d + 1): centred, turned to ``axes`` if given, with a column of ones for the intercept."""
        rows = np.ones((len(self.vectors), self.vectors.shape[1] + 1), dtype=np.float32)
        np.subtract(self.vectors, mean, out=rows[:, :-1])
        if axes is not None:
            rows[:, :-1] = rows[:, :-1] @ axes
        return rows

    def columns(self, weight: float) -> npt.NDArray[np.int64]:
        """Lexical columns that occur in these rows, ascending: the others' weights would be zero anyway."""
        if self.lexical is None or weight == 0:
            return np.zeros(0, dtype=np.int64)
        seen = np.zeros(self.lexical.shape[1], dtype=bool)
        seen[self.lexical.indices] = True
        return np.flatnonzero(seen)

    def sparse(self, columns: npt.NDArray[np.int64], weight: float) -> csr_matrix:
        """float32 CSR, (n, len(columns)): these lexical columns times ``weight``."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - heavy

        n_rows = len(self.vectors)
        if self.lexical is None or not len(columns):
            return csr_matrix((n_rows, 0), dtype=np.float32)
        number = np.zeros(self.lexical.shape[1], dtype=np.int32)
        number[columns] = np.arange(len(columns), dtype=np.int32)
        data = self.lexical.data * np.float32(weight)
        return csr_matrix(
            (data, number[self.lexical.indices], self.lexical.indptr), shape=(n_rows, len(columns))
        )


def principal_axes(centred: Floats) -> Floats:
    """Orthonormal axes, (d, d); in them the solver's diagonal preconditioner is nearly exact."""
    from scipy.linalg import eigh  # noqa: PLC0415 - heavy

    covariance = (centred.T @ centred) / np.float32(max(len(centred), 1))
    axes: Floats = eigh(covariance.astype(np.float64))[1].astype(np.float32)
    return axes


def carry_weights(
    model: LinearModel, source: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], axes: Floats
) -> Floats:
    """Weights of ``model`` for other labels and lexical columns, zero where it has none.

    Parameters
    ----------
    source
        int64, (n_labels,): column of each label in ``model``, -1 = new.
    columns
        int64, (k,), ascending lexical columns.
    axes
        The principal axes the training rows are turned to.
    """
    n_dense, weight = len(model.mean), np.float32(model.parameters["lexical_weight"])
    start = np.zeros((n_dense + 1 + len(columns), len(source)), dtype=np.float32)
    have = np.flatnonzero(source >= 0)
    chosen = source[have]
    start[:n_dense, have] = axes.T @ model.coef[:, chosen]
    start[n_dense, have] = model.intercept[chosen] + model.mean @ model.coef[:, chosen]
    if len(columns) and len(model.lexical_columns):
        _, mine, theirs = np.intersect1d(
            columns, model.lexical_columns, assume_unique=True, return_indices=True
        )
        start[np.ix_(n_dense + 1 + mine, have)] = model.lexical_coef[np.ix_(theirs, chosen)] / weight
    return start
