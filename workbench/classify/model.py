"""A trained model: arrays that score messages, and their safe bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.classify.container import Value, pack, unpack
from workbench.classify.mixture import Mixture
from workbench.classify.predict import Scorer
from workbench.classify.rivalry import Rivalry
from workbench.classify.zero_shot import ZeroShot
from workbench.errors import InputError, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
KIND = "workbench.classifier"
MIN_POSITIVES = 2
"""A label with fewer positives is not trained; its probability is 0."""
_SHAPES = {
    "coef": "dl",
    "intercept": "l",
    "lexical_columns": "k",
    "lexical_coef": "kl",
    "mean": "d",
    "n_positive": "l",
    "offsets": "l",
    "parents": "l",
    "slopes": "l",
    "trained": "l",
}
"""Arrays of a stored model; letters stand for sizes that must agree."""
_MIXTURE_SHAPES = {"name_coef": "dl", "name_intercept": "l", "learned": "l", "named": "l", "level": "l"}
"""Further arrays of a model that knows what labels are called."""
_RIVALRY_SHAPES = {"alone": "l"}
"""Further arrays of a model whose labels shut one another out."""
_HEADER = ("label_ids", "lineage", "n_lexical", "n_rows", "parameters", "pooled")


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearModel:
    """What training leaves behind; immutable, complete, independent of the training rows.

    Attributes
    ----------
    label_ids
        Order of all label columns.
    parents
        int64, (n_labels,), column of the parent or -1.
    coef
        float32, (d, n_labels), weights of the vectors.
    intercept
        float32, (n_labels,).
    lexical_columns
        int64, (k,), ascending: lexical columns that have weights.
    lexical_coef
        float32, (k, n_labels), including the factor ``lexical_weight``.
    mean
        float32, (d,): mean training vector, already part of ``intercept``.
    slopes, offsets
        float64, (n_labels,): probability = sigmoid(slope * score + offset).
    pooled
        Slope and offset of all labels together.
    trained
        bool, (n_labels,): False with under 2 positives or under 2 negatives.
    n_positive
        int64, (n_labels,), ancestors counted.
    n_rows
        Reviewed messages of the training.
    n_lexical
        Width of the lexical features, 0 = trained without.
    parameters
        Of the classifier.
    lineage
        Hashes of inputs and parameters, of the previous model, and library versions; ``model`` names it.
    mixture
        How what labels are called goes together with what was learned; None = only what was learned counts.
    rivalry
        How far labels shut one another out; None = each is judged by itself.
    """

    label_ids: tuple[str, ...]
    parents: npt.NDArray[np.int64]
    coef: Floats
    intercept: Floats
    lexical_columns: npt.NDArray[np.int64]
    lexical_coef: Floats
    mean: Floats
    slopes: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.float64]
    pooled: tuple[float, float]
    trained: npt.NDArray[np.bool_]
    n_positive: npt.NDArray[np.int64]
    n_rows: int
    n_lexical: int
    parameters: dict[str, float]
    lineage: dict[str, str] = field(default_factory=dict)
    mixture: Mixture | None = None
    rivalry: Rivalry | None = None

    def scores(self, vectors: Floats, lexical: csr_matrix | None, *, n_threads: int = 2) -> Floats:
        """Uncalibrated scores, float32 (n, n_labels); the margin lies at -1 and +1."""
        self.check_width(vectors, lexical)
        scorer = Scorer(self.coef, self.intercept, self.lexical_columns, self.lexical_coef)
        return scorer.scores(vectors, lexical, n_threads=n_threads)

    def probabilities(self, vectors: Floats, lexical: csr_matrix | None, *, n_threads: int = 2) -> Floats:
        """Calibrated probabilities, float32 (n, n_labels); no child above its parent.

        Raises
        ------
        InputError
            Vectors or lexical columns are not those of the training.
        """
        self.check_width(vectors, lexical)
        slopes, offsets = self.slopes.astype(np.float32), self.offsets.astype(np.float32)
        scorer = Scorer(
            self.coef * slopes,
            self.intercept * slopes + offsets,
            self.lexical_columns,
            self.lexical_coef * slopes,
        )
        return scorer.probabilities(
            vectors,
            lexical,
            constants=self.constants,
            parents=self.parents,
            mixture=self.mixture,
            rivalry=self.rivalry,
            n_threads=n_threads,
        )

    @property
    def constants(self) -> Floats:
        """float32, (n_labels,): the fixed probability of labels that nothing speaks for, NaN for all others."""
        share = (self.n_positive + 1.0) / (self.n_rows + 2.0)
        fixed = np.where(self.n_positive >= MIN_POSITIVES, share, 0.0)
        speaks = self.trained if self.mixture is None else self.trained | (self.mixture.named > 0)
        return np.where(speaks, np.nan, fixed).astype(np.float32)

    @property
    def names(self) -> ZeroShot | None:
        """What the labels are called, as the training knew it."""
        return None if self.mixture is None else self.mixture.names

    @property
    def zero_shot(self) -> Floats:
        """float32, (n_labels,): how much of a label's predictions its name says, 1 = all, 0 = nothing."""
        return np.zeros(len(self.label_ids), dtype=np.float32) if self.mixture is None else self.mixture.share

    def check_width(self, vectors: Floats, lexical: csr_matrix | None) -> None:
        """Raise ``InputError`` when rows are not of the shape of the training rows."""
        n_lexical = 0 if lexical is None else lexical.shape[1]
        n_rows = len(vectors) if lexical is None else lexical.shape[0]
        if (
            vectors.ndim != self.coef.ndim
            or vectors.shape[1] != len(self.mean)
            or n_lexical != self.n_lexical
            or n_rows != len(vectors)
        ):
            raise InputError(
                f"vectors {vectors.shape} and {n_rows} rows of {n_lexical} lexical columns do not fit a model "
                f"trained on {len(self.mean)} dimensions and {self.n_lexical} lexical columns.",
                next_step="Use the encoder and vocabulary of the training, or train again.",
                details={"n_dimensions": len(self.mean), "n_lexical": self.n_lexical},
            )

    def to_bytes(self) -> bytes:
        """Safetensors bytes with a JSON header (no pickle); equal models give equal bytes."""
        header: dict[str, Value] = {
            "label_ids": list(self.label_ids),
            "lineage": self.lineage,
            "n_lexical": self.n_lexical,
            "n_rows": self.n_rows,
            "parameters": json.dumps(self.parameters, sort_keys=True),
            "pooled": [repr(value) for value in self.pooled],
        }
        arrays = {name: getattr(self, name) for name in _SHAPES}
        if self.mixture is not None:
            header["blend"] = [repr(value) for value in self.mixture.blend]
            arrays |= {
                "name_coef": self.mixture.names.coef,
                "name_intercept": self.mixture.names.intercept,
                "learned": self.mixture.learned,
                "named": self.mixture.named,
                "level": self.mixture.level,
            }
        if self.rivalry is not None:
            header["rivalry"] = [repr(self.rivalry.push), repr(self.rivalry.level)]
            arrays["alone"] = self.rivalry.alone
        return pack(KIND, header, arrays)

    @staticmethod
    def from_bytes(raw: bytes) -> LinearModel:
        """Read what ``to_bytes`` wrote.

        Raises
        ------
        ModelError
            Foreign or damaged bytes, a missing value, or arrays whose shapes disagree.
        """
        found, arrays = unpack(KIND, raw)
        header: dict[str, Any] = dict(found)
        problem = _problem(header, arrays)
        if problem:
            raise _unusable(problem)
        try:
            return LinearModel(
                label_ids=tuple(header["label_ids"]),
                parents=arrays["parents"].astype(np.int64),
                coef=arrays["coef"].astype(np.float32),
                intercept=arrays["intercept"].astype(np.float32),
                lexical_columns=arrays["lexical_columns"].astype(np.int64),
                lexical_coef=arrays["lexical_coef"].astype(np.float32),
                mean=arrays["mean"].astype(np.float32),
                slopes=arrays["slopes"].astype(np.float64),
                offsets=arrays["offsets"].astype(np.float64),
                pooled=(float(header["pooled"][0]), float(header["pooled"][1])),
                trained=arrays["trained"].astype(bool),
                n_positive=arrays["n_positive"].astype(np.int64),
                n_rows=int(header["n_rows"]),
                n_lexical=int(header["n_lexical"]),
                parameters=dict(json.loads(header["parameters"])),
                lineage=dict(header["lineage"]),
                mixture=_mixture(header, arrays),
                rivalry=_rivalry(header, arrays),
            )
        except (TypeError, ValueError, LookupError) as error:
            raise _unusable("a header value has another type") from error


def _mixture(header: dict[str, Any], arrays: dict[str, npt.NDArray[np.generic]]) -> Mixture | None:
    if "blend" not in header:
        return None
    change, trust, level = (float(value) for value in header["blend"])
    return Mixture(
        names=ZeroShot(
            coef=arrays["name_coef"].astype(np.float32),
            intercept=arrays["name_intercept"].astype(np.float32),
        ),
        learned=arrays["learned"].astype(np.float32),
        named=arrays["named"].astype(np.float32),
        level=arrays["level"].astype(np.float32),
        blend=(change, trust, level),
    )


def _rivalry(header: dict[str, Any], arrays: dict[str, npt.NDArray[np.generic]]) -> Rivalry | None:
    if "rivalry" not in header:
        return None
    push, level = (float(value) for value in header["rivalry"])
    return Rivalry(alone=arrays["alone"].astype(np.float32), push=push, level=level)


def _unusable(problem: str) -> ModelError:
    return ModelError(
        f"this stored classifier cannot be used: {problem}.",
        next_step="Train again, or choose another model version.",
        details={"problem": problem},
    )


def _problem(header: dict[str, Any], arrays: dict[str, npt.NDArray[np.generic]]) -> str:
    """What is wrong with a stored model, empty when nothing is."""
    missing = sorted(set(_HEADER) - set(header))
    if missing:
        return f"header value {missing[0]!r} is missing"
    sizes: dict[str, int] = {}
    shapes = dict(_SHAPES)
    shapes |= _MIXTURE_SHAPES if "blend" in header else {}
    shapes |= _RIVALRY_SHAPES if "rivalry" in header else {}
    for name, letters in shapes.items():
        if name not in arrays:
            return f"array {name!r} is missing"
        shape = arrays[name].shape
        if len(shape) != len(letters) or any(
            sizes.setdefault(letter, size) != size for letter, size in zip(letters, shape, strict=True)
        ):
            return f"array {name!r} has shape {shape}"
    ids = header["label_ids"]
    if not isinstance(ids, list) or len(set(map(str, ids))) != sizes["l"]:
        return f"its label ids do not name {sizes['l']} labels"
    return ""
