"""A batch of a stream as clients read it, in the older form and in the newer one."""

from __future__ import annotations

from msgspec import UNSET

from workbench.api.shapes import streams as shapes
from workbench.api.shapes.comments import comment_of
from workbench.api.shapes.labels import PredictedLabel, split_name
from workbench.domain import StreamBatch, StreamItem, StreamLabel


def fetched(batch: StreamBatch) -> shapes.Fetched:
    """The form of ``fetch``."""
    return shapes.Fetched(
        results=[_fetched(one, has_model=batch.version is not None) for one in batch.items],
        filtered=batch.n_filtered,
        sequence_id=batch.sequence_id,
        is_end_sequence=batch.is_end,
    )


def results_of(batch: StreamBatch) -> shapes.StreamResults:
    """The form of ``results``."""
    return shapes.StreamResults(
        results=[
            shapes.StreamResult(
                comment=comment_of(one.message, markup=False),
                prediction=None if batch.version is None else _prediction(one),
                continuation=one.sequence_id,
            )
            for one in batch.items
        ],
        num_filtered=batch.n_filtered,
        more_results=not batch.is_end,
        continuation=batch.sequence_id,
        model=UNSET if batch.version is None else shapes.ModelUsed(version=batch.version),
    )


def _fetched(one: StreamItem, *, has_model: bool) -> shapes.FetchedComment:
    return shapes.FetchedComment(
        comment=comment_of(one.message, markup=False),
        sequence_id=one.sequence_id,
        labels=[_label(label) for label in one.prediction.labels] if has_model else UNSET,
        entities=[] if has_model else UNSET,
    )


def _label(one: StreamLabel) -> PredictedLabel:
    return PredictedLabel(
        name=split_name(one.name),
        probability=one.probability,
        sentiment=UNSET if one.sentiment is None else one.sentiment,
    )


def _prediction(one: StreamItem) -> shapes.Prediction:
    labels = [_occurrence(label) for label in one.prediction.labels]
    return shapes.Prediction(taxonomies=[shapes.Taxonomy(labels=labels)])


def _occurrence(one: StreamLabel) -> shapes.Occurrence:
    """Without fields to find, an extraction is as sure as the label occurs."""
    # Where every label comes there is no threshold to meet.
    met = ["stream"] if one.origin in ("own", "kept") else []
    sure = shapes.Confidence(value=one.probability, thresholds=met)
    return shapes.Occurrence(name=one.name, occurrence_confidence=sure, extraction_confidence=sure)
