"""What state a store is in, as numbers that change with every write."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

PLACES = frozenset(("dataset", "dataset_source", "source"))
"""Tables that say what datasets there are, where, and of which sources."""
PRICES = frozenset(("charge_rule", "unit_rate", "budget"))
"""Tables that say what is charged for, and which projects have a budget."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The state that a read sees; None = a write ran when it began, so nothing may be kept under its number.

    Attributes
    ----------
    version
        Changes with every write.
    messages
        Changes with every write that may have changed a message.
    facts
        Changes with every write that may have changed anything but the ledger.
    places, prices
        Change once a write is committed that changed where datasets are, or a price or budget. The state is at
        least as new as its number says.
    """

    version: int | None
    messages: int | None
    facts: int | None = None
    places: int = 0
    prices: int = 0


class Changes:
    """Counts the writes of a store: each number is odd while one runs."""

    def __init__(self) -> None:
        self.n_writes = 0
        self._n_of_messages = 0
        self._n_of_facts = 0
        self.n_of_access = 0
        self.n_of_places = 0
        self.n_of_prices = 0

    def note(self, tables: AbstractSet[str]) -> None:
        """Count a write to some tables that is committed now."""
        self.n_of_places += not PLACES.isdisjoint(tables)
        self.n_of_prices += not PRICES.isdisjoint(tables)

    @contextmanager
    def writing(self, *, messages: bool, ledger_only: bool = False) -> Iterator[None]:
        """While a write runs; the flags say whether it may change a message, and anything but the ledger."""
        self._count(messages, ledger_only)
        try:
            yield
        finally:
            self._count(messages, ledger_only)

    def _count(self, messages: bool, ledger_only: bool) -> None:  # noqa: FBT001 - only called above
        self.n_writes += 1
        self._n_of_messages += messages
        self._n_of_facts += not ledger_only

    @property
    def facts(self) -> int | None:
        """The number of the state of all but the ledger, None while a write runs that may change it."""
        n = self._n_of_facts
        return None if n % 2 else n

    def begun(self) -> tuple[int, ...]:
        """The numbers before a snapshot is taken, for ``seen``."""
        return self.n_writes, self._n_of_messages, self._n_of_facts, self.n_of_places, self.n_of_prices

    def seen(self, before: tuple[int, ...]) -> Seen:
        """What a snapshot shows that was taken after ``before`` and before now.

        Two looks at the same even number, and no write has ended between them: the snapshot is that state.
        """
        version, messages, facts = (
            then if then == now and then % 2 == 0 else None
            for then, now in zip(before[:3], self.begun()[:3], strict=True)
        )
        return Seen(version=version, messages=messages, facts=facts, places=before[3], prices=before[4])
