"""Predicting texts that are handed in and stored nowhere."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import msgspec

from workbench.classify import LexicalFeatures, MultiLabelClassifier, SentimentClassifier, sentiments
from workbench.workspace.jobs.worker import Report
from workbench.workspace.work.encoding import encoder
from workbench.workspace.work.learning import Bundle

MOST_KEPT = 4
"""Model versions kept in memory: those that were asked for last."""


@dataclass(frozen=True, kw_only=True)
class _Version:
    """The weights of a version, ready to be used."""

    lexical: LexicalFeatures
    classifier: MultiLabelClassifier
    sentiment: SentimentClassifier | None


_kept: OrderedDict[str, _Version] = OrderedDict()


def predict_texts(payload: dict[str, Any], report: Report) -> dict[str, Any] | None:
    """Encoder id, probabilities and sentiments of ``texts`` by the version called ``model``, in their order.

    None when that version is not in memory and its ``weights`` do not come along.
    """
    version = _version(payload["model"], payload.get("weights"))
    if version is None:
        return None
    known = encoder(payload["encoder"], payload["cache_dir"], payload["n_threads"])
    vectors = known.encode(payload["texts"], progress=lambda _done, _total: None, cancelled=report.cancelled)
    lexical = version.lexical.transform(payload["texts"])
    probabilities = version.classifier.predict_proba(vectors, lexical)
    found = None
    if version.sentiment is not None:
        found = sentiments(version.sentiment.predict_proba(vectors, lexical))
    return {"encoder_id": known.encoder_id, "probabilities": probabilities, "sentiments": found}


def _version(model: str, weights: bytes | None) -> _Version | None:
    if weights is not None:
        bundle = msgspec.msgpack.decode(weights, type=Bundle)
        _kept[model] = _Version(
            lexical=LexicalFeatures.from_bytes(bundle.lexical),
            classifier=MultiLabelClassifier.from_bytes(bundle.classifier),
            sentiment=SentimentClassifier.from_bytes(bundle.sentiment) if bundle.sentiment else None,
        )
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    if model not in _kept:
        return None
    _kept.move_to_end(model)
    return _kept[model]
