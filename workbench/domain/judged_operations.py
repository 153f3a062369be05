"""The operations on what a version said of its test messages. A part of ``Operations``."""

from __future__ import annotations

from typing import Protocol

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.results import LabelOutcomes, Outcome, OutcomePage, ValidationBreakdown


class JudgedOperations(Protocol):
    """The messages behind a validation, each with what was said of it before the model learned from it.

    ``version`` None = the newest that was validated. Truth is what people say now, which may differ from what they
    said when the version was validated. ``threshold`` is 0-1, and None means that of the label's best F1;
    ``InputError`` for another. ``TooFewAnnotationsError`` when no test message is left.
    """

    def label_outcomes(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        threshold: float | None = None,
        version: int | None = None,
    ) -> LabelOutcomes:
        """How many test messages a threshold gets right and wrong, and which labels this one is mixed up with."""
        ...

    def outcome_messages(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        outcome: Outcome,
        threshold: float | None = None,
        version: int | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> OutcomePage:
        """The test messages of one outcome; ``limit`` is 1-256.

        The likeliest come first where the label was predicted wrongly or stands rightly, and the least likely where
        it was missed: what needs looking at most. Of those rightly left alone the likeliest come first too.
        """
        ...

    def validation_breakdown(
        self,
        dataset_id: DatasetId,
        by: str,
        label_id: LabelId | None = None,
        threshold: float | None = None,
        version: int | None = None,
    ) -> ValidationBreakdown:
        """Precision and recall by ``source``, ``language``, ``month`` or a property, as ``string:Team``.

        Without a label the decisions on all labels are pooled, each at the threshold of its best F1. Callers without
        the right to read a sensitive property get an ``AccessError`` that names it.
        """
        ...
