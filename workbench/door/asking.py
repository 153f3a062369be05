"""Messages by filters, and filters from sentences, in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.domain import DatasetId, MessageFilter, Operations, filter_to_query, filter_words
from workbench.door.names import message_filter

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A sentence as a filter.

    Attributes
    ----------
    where
        The filter, for ``ds.messages(asked.where)`` and all that takes one.
    words, address
        The same in words, and as the query part of an address.
    left
        Pieces of the sentence that nobody understood: the filter leaves them out.
    n_messages
        How many messages pass.
    by_model
        Pieces of the sentence that the language model read, not the rules: look at these twice.
    problem
        Why the language model that is configured could not help; empty without.
    """

    where: MessageFilter
    words: str
    address: str
    left: tuple[str, ...]
    n_messages: int
    by_model: tuple[str, ...] = ()
    problem: str = ""

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """What to show: the count and the filter in words, its address, what was not understood."""
        plural = "" if self.n_messages == 1 else "s"
        said = [f"{self.n_messages:,} message{plural}: {self.words}"]
        said += [f"address: {self.address}"] if self.address else []
        said += [f"read by the language model: {piece}" for piece in self.by_model]
        said += [f"not understood: {piece}" for piece in self.left]
        return said + ([self.problem] if self.problem else [])


class Asking:
    """Messages by filters, filters from sentences."""

    operations: Operations
    dataset_id: DatasetId

    def messages(self, where: MessageFilter = _ALL, **conditions: Any) -> pl.DataFrame:
        """Messages as a frame; ``ds.messages(text="refund", reviewed=False)`` or with a ``MessageFilter``.

        Raises
        ------
        FilterError
            There is no such condition, or the conditions contradict each other.
        """
        import polars as pl  # noqa: PLC0415

        wanted = message_filter(conditions) if conditions else where
        return pl.DataFrame(self.operations.messages_table(self.dataset_id, wanted))

    def ask(self, sentence: str) -> Asked:
        """Turn a sentence into a filter; ``ds.ask("unreviewed mails about refunds from last week")``.

        Look at ``left``: it holds what the filter leaves out.

        Raises
        ------
        InputError
            The sentence has more than 1,000 characters.
        """
        read = self.operations.read_sentence(self.dataset_id, sentence)
        labels = {one.label_id: one.name for one in self.operations.labels(self.dataset_id)}
        sources = {one.source_id: one.full_name for one in self.operations.sources()}
        return Asked(
            where=read.where,
            words=filter_words(read.where, labels=labels, sources=sources),
            address=filter_to_query(read.where),
            left=tuple(one.text for one in read.left),
            n_messages=self.operations.count_messages(self.dataset_id, read.where),
            by_model=tuple(one.text for one in read.understood if one.by == "model"),
            problem=read.problem,
        )
