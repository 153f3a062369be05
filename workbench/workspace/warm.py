"""What a model version says of texts, by the warm worker: it keeps the versions it was asked for last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.domain import Dataset, ModelVersion
from workbench.errors import ModelError
from workbench.workspace.context import Workspace
from workbench.workspace.discovering import encoder_payload
from workbench.workspace.predictor import Predicted


def predict_texts(
    workspace: Workspace, dataset: Dataset, version: ModelVersion, texts: Sequence[str], n_labels: int
) -> Predicted:
    """Probabilities and sentiments of texts, as ``message_text`` makes them, in their order.

    Raises
    ------
    ModelError
        The version learned from the vectors of another encoder, or it takes too long.
    """
    if not texts:
        return Predicted(encoder_id="", probabilities=np.zeros((0, n_labels), np.float32), sentiments=None)

    def weights() -> bytes:
        with workspace.store.read() as session:
            return session.models.weights(dataset.dataset_id, version.version).weights

    said = workspace.predictor.predict(
        encoder_payload(workspace, dataset.encoder) | {"texts": list(texts)},
        model=f"{dataset.dataset_id}/{version.version}",
        weights=weights,
    )
    if said.encoder_id != version.lineage.get("encoder_id"):
        raise ModelError(
            f"version {version.version} was trained on the vectors of another encoder.",
            next_step="Train a new version.",
        )
    return said
