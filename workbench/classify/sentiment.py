"""Label sentiment: how likely a label that applies is meant positively, learned from few examples.

With the probability p that a label applies (the classifier's, left as it is) there are three outcomes: positive p * q,
negative p * (1 - q), absent 1 - p. Here is q. One machine for all labels says what praise and complaint sound like; each
label then departs from it as far as its own examples ask. That departure is a logistic regression on the sentence
vectors with the pooled log-odds as offset and a Gaussian prior around zero, found by Newton's method in the space of the
examples (Rasmussen and Williams 2006, algorithm 3.1): a label with few examples stays near the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from workbench.classify.classifier import MultiLabelClassifier
from workbench.classify.container import pack, unpack
from workbench.classify.model import MIN_POSITIVES
from workbench.errors import InputError, ModelError, NotTrainedError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Signs = npt.NDArray[np.int8]
KIND = "workbench.sentiment"
MOST_EXAMPLES = 1_024
"""A label with more examples learns its departure from so many of them, evenly spaced; the pool from all."""
_STEPS = 6
_LEAST = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class SentimentModel:
    """What training leaves behind.

    Attributes
    ----------
    label_ids
        Order of all label columns.
    pooled
        Bytes of the classifier of all labels together, empty = too few examples of one kind; then ``prior``.
    prior
        Log-odds of a positive example, drawn to even by one example of each kind.
    coef, intercept
        float32, (d, n_labels) and (n_labels,): each label's departure on the log-odds.
    """

    label_ids: tuple[str, ...]
    pooled: bytes
    prior: float
    coef: Floats
    intercept: Floats


class SentimentClassifier:
    """Calibrated P(positive | the label applies) for many labels at once.

    Parameters
    ----------
    spread
        Standard deviation of the prior on a label's own weights, > 0; larger departs sooner from the pool.
    level_spread
        The same for its own level.
    n_threads, random_state
        As for ``MultiLabelClassifier``, which is the pool.

    Attributes
    ----------
    model_
        The trained ``SentimentModel``.
    """

    def __init__(
        self,
        *,
        spread: float = 3.0,
        level_spread: float = 1.0,
        n_threads: int = 2,
        random_state: int = 0,
    ) -> None:
        self.spread = spread
        self.level_spread = level_spread
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(
        self,
        vectors: Floats,
        lexical: csr_matrix | None,
        signs: Signs,
        *,
        label_ids: Sequence[str] | None = None,
        groups: npt.NDArray[np.int64] | None = None,
    ) -> Self:
        """Train.

        Parameters
        ----------
        vectors
            float32, (n, d), unit length, one row per reviewed message.
        lexical
            float32 CSR, (n, v); None = without.
        signs
            int8, (n, n_labels): 1 = the label applies and is positive, -1 = negative, 0 = neither is known.
        label_ids
            Names of the columns; None = "0", "1", ...
        groups
            int64, (n,): rows with one number (thread-mates) share a fold.

        Raises
        ------
        InputError
            Shapes do not fit.
        """
        if signs.ndim != vectors.ndim or len(signs) != len(vectors):
            raise InputError(
                f"signs of shape {signs.shape} came with vectors of shape {vectors.shape}.",
                next_step="Hand in one row of signs per vector.",
                details={"signs": list(signs.shape), "vectors": list(vectors.shape)},
            )
        names = tuple(str(i) for i in range(signs.shape[1])) if label_ids is None else tuple(label_ids)
        # A message counts once for each sign it carries, however many labels carry it.
        rows = np.concatenate([np.flatnonzero((signs == sign).any(axis=1)) for sign in (1, -1)])
        n_positive = int((signs == 1).any(axis=1).sum())
        is_positive = np.arange(len(rows)) < n_positive
        prior = float(np.log((n_positive + 1.0) / (len(rows) - n_positive + 1.0)))
        pooled, offsets = b"", np.full((len(vectors), 2), prior)
        if min(n_positive, len(rows) - n_positive) >= MIN_POSITIVES:
            pool = MultiLabelClassifier(n_threads=self.n_threads, random_state=self.random_state)
            pool.fit(
                vectors[rows],
                None if lexical is None else lexical[rows],
                is_positive[:, None],
                groups=rows if groups is None else groups[rows],
            )
            pooled = pool.to_bytes()
            assert pool.out_of_fold_ is not None
            held_out = pool.out_of_fold_[:, 0]
            found = _log_odds(np.where(np.isfinite(held_out), held_out, 0.5))
            offsets[rows, (~is_positive).astype(int)] = found
        coef, intercept = self._departures(vectors, signs, offsets)
        self.model_ = SentimentModel(
            label_ids=names, pooled=pooled, prior=prior, coef=coef, intercept=intercept
        )
        return self

    def predict_proba(self, vectors: Floats, lexical: csr_matrix | None) -> Floats:
        """P(positive | the label applies), float32 (n, n_labels) in ``model_.label_ids`` order.

        Raises
        ------
        NotTrainedError
            Before ``fit``.
        InputError
            Vectors or lexical columns are not those of the training.
        """
        model: SentimentModel | None = getattr(self, "model_", None)
        if model is None:
            raise NotTrainedError("no sentiment was learned yet.", next_step="Call fit first.")
        odds = np.asarray(vectors, dtype=np.float32) @ model.coef
        odds += model.intercept
        if model.pooled:
            pool = MultiLabelClassifier.from_bytes(model.pooled)
            pool.n_threads = self.n_threads
            odds += _log_odds(pool.predict_proba(vectors, lexical)[:, 0])[:, None].astype(np.float32)
        else:
            odds += np.float32(model.prior)
        result: Floats = np.float32(0.5) * (np.float32(1.0) + np.tanh(np.float32(0.5) * odds))
        return result

    def to_bytes(self) -> bytes:
        """The model as safetensors bytes (no pickle); equal models give equal bytes."""
        model = self.model_
        header: dict[str, Any] = {"label_ids": list(model.label_ids), "prior": repr(model.prior)}
        arrays: dict[str, npt.NDArray[Any]] = {
            "pooled": np.frombuffer(model.pooled, dtype=np.uint8),
            "coef": model.coef,
            "intercept": model.intercept,
        }
        return pack(KIND, header, arrays)

    @classmethod
    def from_bytes(cls, raw: bytes, *, n_threads: int = 2) -> SentimentClassifier:
        """Read what ``to_bytes`` wrote; predicts exactly what the written model did.

        Raises
        ------
        ModelError
            The bytes are something else or are damaged.
        """
        header, arrays = unpack(KIND, raw)
        names = header.get("label_ids")
        coef, intercept = arrays.get("coef"), arrays.get("intercept")
        if (
            not isinstance(names, list)
            or coef is None
            or intercept is None
            or "pooled" not in arrays
            or coef.shape[1:] != intercept.shape
            or len(names) != len(intercept)
        ):
            raise ModelError(
                "these stored sentiments cannot be used: their arrays do not fit their labels.",
                next_step="Train again, or choose another model version.",
            )
        made = cls(n_threads=n_threads)
        made.model_ = SentimentModel(
            label_ids=tuple(names),
            pooled=arrays["pooled"].astype(np.uint8).tobytes(),
            prior=float(str(header["prior"])),
            coef=coef.astype(np.float32),
            intercept=intercept.astype(np.float32),
        )
        return made

    def _departures(self, vectors: Floats, signs: Signs, offsets: Doubles) -> tuple[Floats, Floats]:
        """Weights and level of each label; ``offsets`` (n, 2) has the pooled log-odds of a positive, a negative row."""
        coef = np.zeros((vectors.shape[1], signs.shape[1]), dtype=np.float32)
        intercept = np.zeros(signs.shape[1], dtype=np.float32)
        for label in range(signs.shape[1]):
            rows = np.flatnonzero(signs[:, label])
            if not len(rows):
                continue
            if len(rows) > MOST_EXAMPLES:
                rows = rows[np.linspace(0, len(rows) - 1, MOST_EXAMPLES).astype(np.int64)]
            is_positive = signs[rows, label] > 0
            own = vectors[rows].astype(np.float64)
            kernel = self.spread**2 * (own @ own.T) + self.level_spread**2
            weights = _mode(kernel, is_positive, offsets[rows, (~is_positive).astype(int)])
            coef[:, label] = self.spread**2 * (weights @ own)
            intercept[label] = self.level_spread**2 * weights.sum()
        return coef, intercept


def sentiments(positive: Floats) -> Floats:
    """(P(positive) - P(negative)) / P(label), in [-1, 1], from P(positive | the label applies)."""
    result: Floats = np.clip(np.float32(2.0) * positive - np.float32(1.0), -1.0, 1.0)
    return result


def _mode(kernel: Doubles, is_positive: npt.NDArray[np.bool_], offset: Doubles) -> Doubles:
    """Dual weights, (n,), of the departure that is likeliest after the examples: it is ``kernel @ weights``."""
    departure, weights = np.zeros(len(offset)), np.zeros(len(offset))
    for _ in range(_STEPS):
        p = 0.5 * (1.0 + np.tanh(0.5 * (offset + departure)))
        w = np.maximum(p * (1.0 - p), _LEAST)
        root = np.sqrt(w)
        right = w * departure + (is_positive - p)
        inner = np.eye(len(offset)) + root[:, None] * kernel * root
        weights = right - root * np.linalg.solve(inner, root * (kernel @ right))
        departure = kernel @ weights
    return weights


def _log_odds(p: npt.NDArray[Any]) -> Doubles:
    safe = np.clip(p.astype(np.float64), _LEAST, 1.0 - _LEAST)
    result: Doubles = np.log(safe / (1.0 - safe))
    return result
