"""What to review next, and what was said of a message, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from workbench.domain import DatasetId, LabelId, MessageFilter, Operations, ReviewBatch, ReviewMode, Uid
from workbench.door.names import chosen, message_filter
from workbench.errors import UnknownNameError

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


class Reviewing:
    """Messages picked for review."""

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
        label_id = None if label is None else self._label_id(label)
        return self.operations.next_batch(self.dataset_id, mode, n, label_id, seed, wanted)

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

    def _label_id(self, name: str) -> LabelId:
        known = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        if name not in known:
            raise UnknownNameError("label", name, known)
        return known[name]
