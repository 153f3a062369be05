"""A score before the first example: how near a message is to what a label is called.

The vector of a label's name and description is compared with the messages' vectors: centred on the dataset, in
units of that label's spread over the dataset, and against the other labels, because a message near ten labels
speaks for none of them (zero-shot classification by names: Yin, Hay and Roth 2019). One logistic rule, the same
for all datasets, makes a logit of it; ``mixture`` bends it by reviews and joins it with what was learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from workbench.classify.hierarchy import Parents, ancestry
from workbench.errors import InputError

Floats = npt.NDArray[np.float32]
NEARNESS, RIVALRY, LEVEL = 1.3, -0.85, -1.5
"""The rule: ``NEARNESS * nearness + RIVALRY * log-sum-exp of the other labels + LEVEL``.

Fitted on random taxonomies of 5 to 150 labels from BANKING77, CLINC150 and NLU++, names only."""
_NOTHING = np.float32(np.exp(2.0))
"""What stands for "none of these labels" among the rivals: a label two spreads away."""
_CAP = np.float32(20.0)
_SPREAD_ROWS = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ZeroShot:
    """What labels are called, made comparable with a dataset's messages.

    Attributes
    ----------
    coef, intercept
        float32, (d, n_labels) and (n_labels,): nearness of a message to each label, in spreads.
    """

    coef: Floats
    intercept: Floats

    @classmethod
    def from_names(cls, label_vectors: Floats, messages: npt.NDArray[np.floating]) -> Self:
        """Compare names with messages; nothing reviewed is needed.

        Parameters
        ----------
        label_vectors
            float32, (n_labels, d), unit length: names and descriptions by the encoder of the messages.
        messages
            (n, d), unit length: the dataset, reviewed or not; at most 20,000 evenly spaced rows are looked at.

        Raises
        ------
        InputError
            Widths differ, there is no message, or a value is not finite.
        """
        step = max(1, -(-len(messages) // _SPREAD_ROWS))
        seen = np.asarray(messages[::step], dtype=np.float32)
        if not len(seen) or label_vectors.shape[1:] != seen.shape[1:] or not np.isfinite(label_vectors).all():
            raise InputError(
                f"label vectors {label_vectors.shape} cannot be compared with messages {messages.shape}.",
                next_step="Embed both with one encoder.",
                details={"labels": str(label_vectors.shape), "messages": str(messages.shape)},
            )
        mean = seen.mean(axis=0, dtype=np.float64)
        away = label_vectors.astype(np.float64) - mean
        away /= np.maximum(np.sqrt(np.einsum("ij,ij->i", away, away)), 1e-6)[:, None]
        centred = seen - mean.astype(np.float32)
        spread = (centred @ away.T.astype(np.float32)).std(axis=0, dtype=np.float64)
        coef = (away / np.maximum(spread, 1e-3)[:, None]).T
        return cls(
            coef=np.ascontiguousarray(coef, dtype=np.float32), intercept=(-mean @ coef).astype(np.float32)
        )

    def logits(self, vectors: npt.NDArray[np.floating], parents: Parents) -> Floats:
        """Logits of the rule, float32 (n, n_labels).

        A parent is as near as it and the leaves below it together; rivals are the leaves elsewhere.
        """
        near: Floats = np.asarray(vectors, dtype=np.float32) @ self.coef
        near += self.intercept
        np.clip(near, -_CAP, _CAP, out=near)
        weight = np.exp(near)
        leaf = np.ones(len(parents), dtype=bool)
        leaf[parents[parents >= 0]] = False
        total = weight[:, leaf].sum(axis=1, keepdims=True) + _NOTHING
        inner = np.flatnonzero(~leaf)
        if len(inner):
            below = weight[:, leaf] @ ancestry(parents)[np.ix_(leaf, inner)].astype(np.float32)
            near[:, inner] = np.log(below + weight[:, inner])
            weight[:, inner] = below
        rivals = np.maximum(total - weight, _NOTHING, out=weight)
        np.log(rivals, out=rivals)
        near *= np.float32(NEARNESS)
        rivals *= np.float32(RIVALRY)
        near += rivals
        near += np.float32(LEVEL)
        return near


def label_texts(paths: Sequence[tuple[str, ...]], instructions: Sequence[str]) -> list[str]:
    r"""What to embed of each label: its own name and its description.

    The names above it blur more than they say (measured on CLINC150), so they are read only where a label's
    own name stands more than once in the taxonomy (``Claim > Other``, ``Complaint > Other``).

    Examples
    --------
    >>> label_texts([("card_lost",), ("Claim", "Other"), ("Complaint", "Other")], ["", "", "Says it is bad."])
    ['card lost', 'Claim Other', 'Complaint Other\nSays it is bad.']
    """
    often = Counter(path[-1].casefold() for path in paths)
    texts = []
    for path, said in zip(paths, instructions, strict=True):
        name = path[-1] if often[path[-1].casefold()] == 1 else " ".join(path)
        texts.append("\n".join(part for part in (name.replace("_", " ").strip(), said.strip()) if part))
    return texts
