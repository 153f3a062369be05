"""The operations on thresholds and on label errors. A part of ``Operations``, in a module of its own for its length."""

from __future__ import annotations

from typing import Protocol

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.results import (
    ActionCosts,
    CostThreshold,
    ExpectedErrors,
    HeldOutKind,
    KeptThreshold,
    PromisedThreshold,
    PromiseSample,
    Risk,
    SuspectReport,
    ThresholdBasis,
)


class ThresholdOperations(Protocol):
    """Where to say yes: thresholds by cost and by promise, what they lead to, and those kept with a version.

    ``version`` None = the newest that was validated. A label the version does not know raises ``UnknownNameError``;
    too few test messages with it raise ``TooFewAnnotationsError``.
    """

    def expected_errors(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        threshold: float,
        version: int | None = None,
        where: MessageFilter | None = None,
    ) -> ExpectedErrors:
        """Wrong and missed messages a week to expect of a threshold (0-1), at the volumes of the last 8 weeks.

        ``where`` restricts the volumes to messages that pass, as those of a stream. Weeks are counted back from the newest
        message of the dataset. ``ModelError`` when the predictions of the version were not kept.
        """
        ...

    def threshold_for_cost(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        costs: ActionCosts,
        version: int | None = None,
        where: MessageFilter | None = None,
    ) -> CostThreshold:
        """The thresholds of least expected cost: where to act, and from where a person should look.

        Changes nothing; ``keep_threshold`` keeps what was chosen. Raises as ``expected_errors``, and ``InputError`` for
        costs that nothing can be weighed by.
        """
        ...

    def threshold_with_promise(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        risk: Risk = "wrong",
        at_most: float = 0.02,
        sure: float = 0.95,
        version: int | None = None,
        held_out: HeldOutKind = "test",
        over_next: int | None = None,
        sample: PromiseSample = "random",
    ) -> PromisedThreshold:
        """A threshold that keeps a risk at ``at_most``, with probability ``sure`` over held-out messages.

        The promise is about the risk in the long run, or (``over_next``) about the share among that many messages to come,
        which takes more held-out messages. Where nothing can be promised the answer has no threshold and says why. ``cross_validated`` judges all reviewed
        messages; only the newest validated version has them. The held-out messages that came by Shuffle decide, unless
        ``sample`` takes all of them for a random sample.
        """
        ...

    def keep_threshold(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        threshold: float | None,
        version: int | None = None,
        check_from: float | None = None,
        basis: ThresholdBasis = "chosen",
        reason: str = "",
    ) -> tuple[KeptThreshold, ...]:
        """Keep the threshold of a label (0-1) with a version, in the place of an earlier one; None = keep none.

        Returns all that are kept with the version. They go where it goes, and a rollback to it takes them along.
        """
        ...

    def kept_thresholds(self, dataset_id: DatasetId, version: int | None = None) -> tuple[KeptThreshold, ...]:
        """The thresholds kept with a version, in the order of the taxonomy."""
        ...

    def label_suspects(
        self, dataset_id: DatasetId, n: int = 20, label_id: LabelId | None = None
    ) -> SuspectReport:
        """Reviewed messages whose labels may be wrong, over all labels or (``label_id``) about one, most suspect first.

        Ranked by what the newest validation said of them without having learned from them. ``n`` is 1-256. What a person
        kept as it is (``keep_as_is``) is left out.
        """
        ...
