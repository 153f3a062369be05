"""Thresholds and suspect labels in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.domain import (
    ActionCosts,
    CostThreshold,
    DatasetId,
    ExpectedErrors,
    HeldOutKind,
    KeptThreshold,
    LabelId,
    MessageFilter,
    Operations,
    PromisedThreshold,
    PromiseSample,
    Risk,
    SuspectReport,
    ThresholdBasis,
)
from workbench.errors import UnknownNameError

if TYPE_CHECKING:
    import polars as pl


class Deciding:
    """Where to say yes, and what people may have said wrongly."""

    operations: Operations
    dataset_id: DatasetId

    def expected_errors(
        self,
        label: str,
        threshold: float,
        *,
        version: int | None = None,
        where: MessageFilter | None = None,
    ) -> ExpectedErrors:
        """Wrong and missed messages a week to expect of a threshold, 0-1, at current volumes.

        Parameters
        ----------
        label
            Name of the label.
        version
            None = the newest that was validated.
        where
            Only messages that pass count as volume, as those of a stream.

        Raises
        ------
        UnknownNameError, TooFewAnnotationsError, ModelError
            There is no such label; it has under 10 test messages; the version's predictions were not kept.
        """
        return self.operations.expected_errors(self.dataset_id, self._named(label), threshold, version, where)

    def threshold_for_cost(
        self,
        label: str,
        *,
        wrong_action: float,
        missed: float,
        manual_check: float | None = None,
        checks_per_day: float | None = None,
        version: int | None = None,
        where: MessageFilter | None = None,
    ) -> CostThreshold:
        """The thresholds of least expected cost: ``ds.threshold_for_cost("Refund", wrong_action=20, missed=10)``.

        Parameters
        ----------
        wrong_action, missed, manual_check
            What each costs, in one unit, 0 or more; ``manual_check`` None = nobody checks.
        checks_per_day
            How many messages people can check in a day; None = any number.
        version, where
            As for ``expected_errors``, and so is what is raised; ``InputError`` for costs that weigh nothing.
        """
        costs = ActionCosts(
            wrong_action=wrong_action,
            missed=missed,
            manual_check=manual_check,
            checks_per_day=checks_per_day,
        )
        return self.operations.threshold_for_cost(self.dataset_id, self._named(label), costs, version, where)

    def threshold_with_promise(
        self,
        label: str,
        risk: Risk = "wrong",
        *,
        at_most: float = 0.02,
        sure: float = 0.95,
        version: int | None = None,
        held_out: HeldOutKind = "test",
        over_next: int | None = None,
        sample: PromiseSample = "random",
    ) -> PromisedThreshold:
        """A threshold that keeps a risk: ``ds.threshold_with_promise("Refund", at_most=0.02)``.

        ``threshold`` of the answer is None where nothing can be promised; ``reason`` says why.

        Parameters
        ----------
        risk
            ``"wrong"``: share of what reaches the threshold that is wrong. ``"missed"``: share of what it should find
            that stays below.
        at_most, sure
            The limit and the probability of the promise, both in (0, 1).
        held_out
            ``"test"``, or ``"cross_validated"``: all reviewed messages, with a promise that is approximate.
        over_next
            Promise the share among so many messages to come; None = the risk in the long run.
        sample
            ``"random"``: only what came by Shuffle decides. ``"all"``: all held-out messages, as if they had been drawn
            at random; right for labels imported with a random sample, wrong for what search or a model chose.
        """
        return self.operations.threshold_with_promise(
            self.dataset_id, self._named(label), risk, at_most, sure, version, held_out, over_next, sample
        )

    def keep_threshold(
        self,
        label: str,
        threshold: float | None,
        *,
        version: int | None = None,
        check_from: float | None = None,
        basis: ThresholdBasis = "chosen",
        reason: str = "",
    ) -> tuple[KeptThreshold, ...]:
        """Keep the threshold of a label with a version; None = keep none. Returns all that are kept with it."""
        return self.operations.keep_threshold(
            self.dataset_id, self._named(label), threshold, version, check_from, basis, reason
        )

    def kept_thresholds(self, version: int | None = None) -> pl.DataFrame:
        """The thresholds kept with a version (None = the newest that was validated)."""
        import polars as pl  # noqa: PLC0415

        schema: dict[str, Any] = {
            "label": pl.String,
            "threshold": pl.Float64,
            "check_from": pl.Float64,
            "basis": pl.String,
            "reason": pl.String,
            "kept_by": pl.String,
            "kept_at": pl.Datetime("us", "UTC"),
        }
        rows = [
            (one.name, one.threshold, one.check_from, one.basis, one.reason, one.kept_by, one.kept_at)
            for one in self.operations.kept_thresholds(self.dataset_id, version)
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def suspects(self, n: int = 20, *, label: str | None = None) -> pl.DataFrame:
        """Reviewed messages whose labels may be wrong, most suspect first; ``suspect_report`` has the yield too.

        Parameters
        ----------
        n
            How many at most, 1-256.
        label
            Only doubts about this label.
        """
        import polars as pl  # noqa: PLC0415

        names = {one.label_id: one.name for one in self.operations.labels(self.dataset_id)}
        schema: dict[str, Any] = {
            "uid": pl.String,
            "kind": pl.String,
            "said": pl.String,
            "said_probability": pl.Float64,
            "expected": pl.String,
            "expected_probability": pl.Float64,
            "score": pl.Float64,
        }
        rows = [
            (
                one.uid,
                one.kind,
                names.get(one.said) if one.said else None,
                one.said_probability,
                names.get(one.expected) if one.expected else None,
                one.expected_probability,
                one.score,
            )
            for one in self.suspect_report(n, label=label).suspects
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def suspect_report(self, n: int = 20, *, label: str | None = None) -> SuspectReport:
        """As ``suspects``, with how many there are and how many of those looked at turned out wrong."""
        label_id = None if label is None else self._named(label)
        return self.operations.label_suspects(self.dataset_id, n, label_id)

    def _named(self, name: str) -> LabelId:
        known = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        if name not in known:
            raise UnknownNameError("label", name, known)
        return known[name]
