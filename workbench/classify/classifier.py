"""The multi-label classifier: one linear machine per label on sentence vector and lexical features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from workbench.classify.calibration import Sigmoids, fit_sigmoids
from workbench.classify.design import Floats
from workbench.classify.folds import assign_folds
from workbench.classify.hierarchy import make_consistent
from workbench.classify.lineage import hash_inputs, name_model
from workbench.classify.machines import Machines
from workbench.classify.mixture import Mixture
from workbench.classify.model import MIN_POSITIVES, LinearModel
from workbench.classify.predict import sigmoid_in_place
from workbench.classify.rivalry import Rivalry, fit_rivalry
from workbench.classify.rows import TrainingRows, carry_weights, principal_axes
from workbench.classify.zero_shot import ZeroShot
from workbench.errors import InputError, NotTrainedError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class MultiLabelClassifier:
    """Calibrated probabilities for many labels at once, quick to retrain.

    Each label gets a linear machine with squared hinge loss on ``[vector - mean, 1, lexical_weight * lexical]``.
    Scores of cross-validation folds fix the sigmoids that turn scores into probabilities. A label's
    ancestors count as assigned where it is, and come out at least as likely.

    Parameters
    ----------
    C
        Weight of errors against the length of the weights, > 0; larger fits the reviews more closely.
    lexical_weight
        Factor on the lexical features, >= 0; 0 ignores them.
    n_folds
        Cross-validation folds, >= 2.
    shrinkage
        Pull of each label's sigmoid towards the pooled one, >= 0.
    tolerance
        Gradient length, relative to the label's positives, at which a label is done, > 0.
    n_threads
        Threads for products with the lexical part, >= 1. Results do not depend on it.
    random_state
        Seed of the folds.

    Attributes
    ----------
    model_
        The trained ``LinearModel``.
    out_of_fold_
        float32, (n, n_labels): probabilities of the training rows from models that did not see them; NaN
        where no such model exists (a single row or thread). None after ``refresh`` and ``from_bytes``.
    folds_
        int64, (n,): fold of each training row, -1 without cross-validation; None like ``out_of_fold_``.
    """

    def __init__(
        self,
        *,
        C: float = 1.0,  # noqa: N803 - the name everybody knows
        lexical_weight: float = 0.4,
        n_folds: int = 5,
        shrinkage: float = 3.0,
        tolerance: float = 1e-2,
        n_threads: int = 2,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.lexical_weight = lexical_weight
        self.n_folds = n_folds
        self.shrinkage = shrinkage
        self.tolerance = tolerance
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(
        self,
        vectors: Floats,
        lexical: csr_matrix | None,
        targets: npt.NDArray[np.bool_],
        *,
        label_ids: Sequence[str] | None = None,
        parents: npt.NDArray[np.int64] | None = None,
        groups: npt.NDArray[np.int64] | None = None,
        names: ZeroShot | None = None,
    ) -> Self:
        """Train from nothing and calibrate.

        Parameters
        ----------
        vectors
            float32, (n, d), unit length, one row per reviewed message.
        lexical
            float32 CSR, (n, v), from ``LexicalFeatures``; None = without.
        targets
            bool, (n, n_labels): assigned labels. Ancestors need not be set.
        label_ids
            Names of the columns, kept with the model; None = "0", "1", ...
        parents
            int64, (n_labels,), column of the parent or -1; None = no tree.
        groups
            int64, (n,): rows with one number (thread-mates) share a fold.
        names
            What the labels are called: speaks for labels with few or no examples; None = they stay silent.

        Raises
        ------
        TooFewAnnotationsError
            No label at all, or no row and no ``names``.
        InputError
            Shapes do not fit, values are not finite, or a parameter is out of range.
        """
        self._check_parameters()
        rows = TrainingRows(vectors, lexical, targets, label_ids, parents, names)
        mean = (vectors.sum(axis=0, dtype=np.float64) / max(len(vectors), 1)).astype(np.float32)
        trained = _trainable(rows.targets)
        columns = rows.columns(self.lexical_weight)
        dense, part = rows.dense(mean), rows.sparse(columns, self.lexical_weight)
        folds = self._assign(rows.targets, groups)
        weights, held_out = self._machines(rows, dense, part, trained).with_folds(folds)
        has_folds = len(folds) > 0 and bool((folds >= 0).all())
        usable = trained & has_folds
        sigmoids = fit_sigmoids(
            held_out, rows.targets, usable, shrinkage=self.shrinkage, n_threads=self.n_threads
        )
        logits = (held_out * sigmoids.slopes + sigmoids.offsets).astype(np.float32)
        mixture = rows.mixture(trained, held_out=logits if has_folds else None, n_folds=self.n_folds)
        if mixture is not None:
            mixture.mix(logits, vectors, rows.parents)
        speaks = trained if mixture is None else trained | (mixture.named > 0)
        rivalry = fit_rivalry(rows.targets, rows.parents, speaks, held_out=logits if has_folds else None)
        self.model_ = self._model(rows, mean, columns, weights, sigmoids, trained, "", mixture, rivalry)
        self.folds_: npt.NDArray[np.int64] | None = folds
        self.out_of_fold_: Floats | None = held_out
        if has_folds:
            if rivalry is not None:
                rivalry.weigh(logits)
            found = sigmoid_in_place(logits)
            fixed = ~np.isnan(self.model_.constants)
            found[:, fixed] = self.model_.constants[fixed]
            self.out_of_fold_ = make_consistent(found, rows.parents)
        return self

    def refresh(
        self,
        previous: MultiLabelClassifier,
        vectors: Floats,
        lexical: csr_matrix | None,
        targets: npt.NDArray[np.bool_],
        *,
        label_ids: Sequence[str] | None = None,
        parents: npt.NDArray[np.int64] | None = None,
        names: ZeroShot | None = None,
    ) -> Self:
        """Train from the weights of ``previous``, taking over its calibration: for a few new reviews.

        Labels and lexical columns are matched by name and number; new ones begin at zero, and labels that were
        not trained before use the pooled sigmoid. Parameters as for ``fit``; ``previous`` is not changed. How far
        names are trusted is taken over as well, and the names themselves while the labels are the same.

        Raises
        ------
        NotTrainedError
            ``previous`` was not trained.
        TooFewAnnotationsError, InputError
            As for ``fit``; also when vectors or lexical columns are not those of ``previous``.
        """
        self._check_parameters()
        old = previous._trained_model()
        if old.names is not None and label_ids is not None and tuple(label_ids) == old.label_ids:
            names = old.names
        rows = TrainingRows(vectors, lexical, targets, label_ids, parents, names)
        old.check_width(vectors, lexical)
        axes = principal_axes(vectors - old.mean)
        trained = _trainable(rows.targets)
        columns = rows.columns(self.lexical_weight)
        position = {name: index for index, name in enumerate(old.label_ids)}
        source = np.array([position.get(name, -1) for name in rows.label_ids], dtype=np.int64)
        start = carry_weights(old, source, columns, axes)
        dense, part = rows.dense(old.mean, axes), rows.sparse(columns, self.lexical_weight)
        weights = self._machines(rows, dense, part, trained).from_weights(start)
        weights[: len(axes)] = axes @ weights[: len(axes)]
        known = (source >= 0) & old.trained[source]
        sigmoids = Sigmoids(
            slopes=np.where(known, old.slopes[source], old.pooled[0]),
            offsets=np.where(known, old.offsets[source], old.pooled[1]),
            pooled=old.pooled,
        )
        mixture = rows.mixture(trained, blend=None if old.mixture is None else old.mixture.blend)
        speaks = trained if mixture is None else trained | (mixture.named > 0)
        taken = None if old.rivalry is None else (old.rivalry.push, old.rivalry.level)
        rivalry = fit_rivalry(rows.targets, rows.parents, speaks, found=taken)
        self.model_ = self._model(
            rows,
            old.mean,
            columns,
            weights,
            sigmoids,
            trained,
            old.lineage.get("model", ""),
            mixture,
            rivalry,
        )
        self.out_of_fold_, self.folds_ = None, None
        return self

    def decision_function(self, vectors: Floats, lexical: csr_matrix | None) -> Floats:
        """Uncalibrated scores, float32 (n, n_labels); the margin lies at -1 and +1. Raises as ``predict_proba``."""
        return self._trained_model().scores(vectors, lexical, n_threads=self.n_threads)

    def predict_proba(self, vectors: Floats, lexical: csr_matrix | None) -> Floats:
        """Probabilities, float32 (n, n_labels) in ``model_.label_ids`` order; no child above its parent.

        A label with under 50 examples also speaks from its name, if the training knew one. Without, an untrained
        label has probability 0 (too few positives) or its smoothed share (too few negatives), unless a child
        lifts it.

        Raises
        ------
        NotTrainedError
            Before ``fit``.
        InputError
            Vectors or lexical columns are not those of the training.
        """
        return self._trained_model().probabilities(vectors, lexical, n_threads=self.n_threads)

    def to_bytes(self) -> bytes:
        """The model as safetensors bytes with a JSON header; ``NotTrainedError`` before ``fit``."""
        return self._trained_model().to_bytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> MultiLabelClassifier:
        """Read what ``to_bytes`` wrote; predicts exactly what the written model did.

        Raises
        ------
        ModelError
            The bytes are something else or are damaged.
        """
        model = LinearModel.from_bytes(raw)
        settings = model.parameters
        made = cls(
            C=settings["C"],
            lexical_weight=settings["lexical_weight"],
            n_folds=int(settings["n_folds"]),
            shrinkage=settings["shrinkage"],
            tolerance=settings["tolerance"],
            random_state=int(settings["random_state"]),
        )
        made.model_, made.out_of_fold_, made.folds_ = model, None, None
        return made

    # ---- inside ----------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        lowest = {
            "C": 1e-9,
            "tolerance": 1e-9,
            "lexical_weight": 0,
            "shrinkage": 0,
            "n_folds": 2,
            "n_threads": 1,
        }
        for name, least in lowest.items():
            value = getattr(self, name)
            if not value >= least:
                raise InputError(
                    f"{name}={value} is below {least}.",
                    next_step="Leave it out to use the default.",
                    details={"parameter": name, "value": value},
                )

    def _parameters(self) -> dict[str, float]:
        names = ("C", "lexical_weight", "n_folds", "shrinkage", "tolerance", "random_state")
        return {name: getattr(self, name) for name in names}

    def _trained_model(self) -> LinearModel:
        model: LinearModel | None = getattr(self, "model_", None)
        if model is None:
            raise NotTrainedError(
                "this classifier was not trained.",
                next_step="Call fit with reviewed messages first.",
            )
        return model

    def _machines(
        self, rows: TrainingRows, dense: Floats, part: csr_matrix, trained: npt.NDArray[np.bool_]
    ) -> Machines:
        return Machines(
            dense=dense,
            sparse=part,
            targets=rows.targets,
            trained=trained,
            C=self.C,
            tolerance=self.tolerance,
            n_threads=self.n_threads,
        )

    def _assign(
        self, targets: npt.NDArray[np.bool_], groups: npt.NDArray[np.int64] | None
    ) -> npt.NDArray[np.int64]:
        n_units = len(targets) if groups is None else len(np.unique(groups))
        if n_units < 2:  # noqa: PLR2004 - one unit cannot be left out
            return np.full(len(targets), -1, dtype=np.int64)
        return assign_folds(
            targets, n_folds=min(self.n_folds, n_units), groups=groups, random_state=self.random_state
        )

    def _model(
        self,
        rows: TrainingRows,
        mean: Floats,
        columns: npt.NDArray[np.int64],
        weights: Floats,
        sigmoids: Sigmoids,
        trained: npt.NDArray[np.bool_],
        previous: str,
        mixture: Mixture | None,
        rivalry: Rivalry | None,
    ) -> LinearModel:
        n_dense = len(mean)
        coef = weights[:n_dense]
        lineage = hash_inputs(rows, self._parameters(), previous)
        model = LinearModel(
            label_ids=rows.label_ids,
            parents=rows.parents,
            coef=coef,
            intercept=weights[n_dense] - mean @ coef,
            lexical_columns=columns,
            lexical_coef=weights[n_dense + 1 :] * np.float32(self.lexical_weight),
            mean=mean,
            slopes=sigmoids.slopes,
            offsets=sigmoids.offsets,
            pooled=sigmoids.pooled,
            trained=trained,
            n_positive=rows.targets.sum(axis=0),
            n_rows=len(rows.targets),
            n_lexical=0 if rows.lexical is None else rows.lexical.shape[1],
            parameters=self._parameters(),
            mixture=mixture,
            rivalry=rivalry,
        )
        return replace(model, lineage=lineage | {"model": name_model(lineage)})


def _trainable(targets: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    n_positive = targets.sum(axis=0)
    result: npt.NDArray[np.bool_] = (n_positive >= MIN_POSITIVES) & (
        len(targets) - n_positive >= MIN_POSITIVES
    )
    return result
