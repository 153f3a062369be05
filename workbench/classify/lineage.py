"""Where a model comes from, as hashes: same inputs and parameters, same name."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from workbench.classify.rows import TrainingRows
from workbench.primitives import hex_digest

CODE = "linear-4"
"""Changes when the same inputs would give another model."""


def hash_inputs(rows: TrainingRows, parameters: Mapping[str, float], previous: str) -> dict[str, str]:
    """32 hex digits each for vectors, lexical features, annotations and labels; parameters as JSON.

    ``previous`` names the model whose weights training began from, empty without one. ``names`` (what the labels
    are called, against the dataset's messages) is there when the training knew it.
    """
    import scipy  # noqa: PLC0415 - heavy

    lines: list[bytes] = []
    if rows.lexical is not None:
        arrays = (rows.lexical.data, rows.lexical.indices, rows.lexical.indptr)
        lines = [np.ascontiguousarray(array).tobytes() for array in arrays]
    named = {}
    if rows.names is not None:
        named["names"] = hex_digest(rows.names.coef.tobytes(), rows.names.intercept.tobytes())
    return named | {
        "annotations": hex_digest(str(rows.targets.shape), np.packbits(rows.targets).tobytes()),
        "code": CODE,
        "labels": hex_digest(*rows.label_ids, rows.parents.astype("<i8").tobytes()),
        "lexical": hex_digest(*lines),
        "numpy": np.__version__,
        "parameters": json.dumps(dict(parameters), sort_keys=True),
        "previous": previous,
        "scipy": scipy.__version__,
        "vectors": hex_digest(str(rows.vectors.shape), np.ascontiguousarray(rows.vectors).tobytes()),
    }


def name_model(lineage: Mapping[str, str]) -> str:
    """32 hex digits over the lineage."""
    return hex_digest(*(f"{key}={lineage[key]}" for key in sorted(lineage) if key != "model"))
