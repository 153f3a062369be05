"""What to review next, and what was said of a message, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args

from workbench.domain import (
    AgreementReport,
    DatasetId,
    MessageFilter,
    Operations,
    Overlap,
    OverlapId,
    ReviewBatch,
    ReviewMode,
    Uid,
)
from workbench.door.names import chosen, label_id_of, message_filter
from workbench.errors import TooFewAnnotationsError

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


class Reviewing:
    """Messages picked for review, and how well people agree on them."""

    operations: Operations
    dataset_id: DatasetId

    def next_batch(
        self,
        mode: ReviewMode = "shuffle",
        n: int = 20,
        *,
        label: str | None = None,
        seed: int | None = None,
        where: MessageFilter = _ALL,
        **conditions: Any,
    ) -> ReviewBatch:
        """Pick messages to review; ``ds.next_batch("teach", label="Claims > Motor", languages=("en",))``.

        Parameters
        ----------
        n
            How many at most, 1-256.
        label
            Name of the label that the modes label, teach, check and missed are about.
        seed
            None = a new one, reported back.
        where
            Only messages that pass are picked; or as keyword arguments, as in ``ds.messages``.

        Raises
        ------
        UnknownNameError
            There is no such label.
        InputError
            There is no such mode, or it needs what does not exist yet.
        """
        chosen(mode, ReviewMode, "mode", get_args(ReviewMode))
        wanted = message_filter(conditions) if conditions else where
        label_id = None if label is None else label_id_of(self.operations, self.dataset_id, label)
        return self.operations.next_batch(self.dataset_id, mode, n, label_id, seed, wanted)

    def assign_overlap(
        self,
        people: Iterable[str],
        n: int = 50,
        *,
        repeats: int = 5,
        seed: int | None = None,
        **conditions: Any,
    ) -> Overlap:
        """Ask several people about the same messages, each on their own: ``ds.assign_overlap(["maria", "jo"])``.

        Parameters
        ----------
        people
            2-20 names, as each signs in.
        n
            Messages, 2-1,000, drawn at random among the unreviewed, or among those that pass the conditions.
        repeats
            How many of them come back to each person unannounced, half of ``n`` at most.

        Raises
        ------
        InputError
            People or numbers are out of range, or there are no messages or no labels.
        """
        where = message_filter(conditions) if conditions else None
        return self.operations.assign_overlap(self.dataset_id, tuple(people), n, repeats, where, seed)

    def overlaps(self) -> tuple[Overlap, ...]:
        """Every overlap, newest first."""
        return self.operations.overlaps(self.dataset_id)

    def agreement(self, overlap_id: OverlapId | None = None) -> AgreementReport:
        """How well people agree, from one overlap (None = the newest).

        ``TooFewAnnotationsError`` before the first one.
        """
        report = self.operations.agreement(self.dataset_id, overlap_id)
        if report is None:
            raise TooFewAnnotationsError(
                "nobody was asked about the same messages yet.",
                next_step='Ask them: ds.assign_overlap(["maria", "jo"]).',
            )
        return report

    def history(self, uid: str, n_most: int = 100) -> pl.DataFrame:
        """Who said what of a message, and when, newest first; a change of the taxonomy tells itself in ``change``.

        ``assigned`` and ``dismissed`` hold the names of the labels after it; of a label that is gone its id.

        Parameters
        ----------
        n_most
            How many at most, 1-1,000.

        Raises
        ------
        UnknownNameError
            There is no such message in the dataset.
        """
        import polars as pl  # noqa: PLC0415

        events = self.operations.review_history(self.dataset_id, Uid(uid), n_most)
        names = {label.label_id: label.name for label in self.operations.labels(self.dataset_id)}
        rows = [
            (
                one.at,
                one.actor,
                one.mode,
                [names.get(label, label) for label in one.assigned],
                [names.get(label, label) for label in one.dismissed],
                one.reviewed,
                one.change,
            )
            for one in events
        ]
        schema: dict[str, Any] = {
            "at": pl.Datetime("us", "UTC"),
            "actor": pl.String,
            "mode": pl.String,
            "assigned": pl.List(pl.String),
            "dismissed": pl.List(pl.String),
            "reviewed": pl.Boolean,
            "change": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")
