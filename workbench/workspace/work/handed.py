"""Predicting texts that are handed in and stored nowhere."""

from __future__ import annotations

from typing import Any

import msgspec

from workbench.classify import LexicalFeatures, MultiLabelClassifier, SentimentClassifier, sentiments
from workbench.workspace.jobs.worker import Report
from workbench.workspace.work.encoding import encoder
from workbench.workspace.work.learning import Bundle


def predict_texts(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Encoder id, probabilities and sentiments of ``texts`` by the model version ``weights``, in their order."""
    bundle = msgspec.msgpack.decode(payload["weights"], type=Bundle)
    known = encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"])
    vectors = known.encode(payload["texts"], progress=lambda _done, _total: None, cancelled=report.cancelled)
    lexical = LexicalFeatures.from_bytes(bundle.lexical).transform(payload["texts"])
    probabilities = MultiLabelClassifier.from_bytes(bundle.classifier).predict_proba(vectors, lexical)
    found = None
    if bundle.sentiment:
        positive = SentimentClassifier.from_bytes(bundle.sentiment).predict_proba(vectors, lexical)
        found = sentiments(positive)
    return {"encoder_id": known.encoder_id, "probabilities": probabilities, "sentiments": found}
