"""What an operation costs.

One unit is charged for each message that is **created**, each stored message whose **text was modified**
(body or subject), and each message **predicted** that is not stored. Nothing else costs: identical text sent
again, changed metadata, predictions on stored messages, retraining, streams, extractions, deletion. Deleting
and uploading again creates anew, and is charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from workbench.domain import ChargeTariff
from workbench.errors import UnknownNameError

Reason = Literal["created", "text_modified", "predicted", "metadata_modified", "unchanged"]
REASONS: tuple[Reason, ...] = ("created", "text_modified", "predicted", "metadata_modified", "unchanged")

PLATFORM_UNITS_PER_UNIT = 0.2
DEFAULT_RATE = Decimal("0.200000")
"""The same, exactly: what a ledger entry is written with."""


@dataclass(frozen=True, kw_only=True)
class ChargeRule:
    """Units one message costs in one operation, by what happened to it; whole numbers, 0 = free.

    Attributes
    ----------
    operation
        ``import``, ``sync``, ``sync_raw_mails``, ``predict`` or ``predict_raw_mails`` in the default rules.
    """

    operation: str
    created: int = 0
    text_modified: int = 0
    predicted: int = 0

    def units(self, reason: Reason) -> int:
        """Units of one message; other reasons than the three named ones are free."""
        if reason == "created":
            return self.created
        if reason == "text_modified":
            return self.text_modified
        return self.predicted if reason == "predicted" else 0


DEFAULT_RULES: Mapping[str, ChargeRule] = MappingProxyType(
    {
        rule.operation: rule
        for rule in (
            ChargeRule(operation="import", created=1, text_modified=1),
            ChargeRule(operation="sync", created=1, text_modified=1),
            ChargeRule(operation="sync_raw_mails", created=1, text_modified=1),
            ChargeRule(operation="predict", predicted=1),
            ChargeRule(operation="predict_raw_mails", predicted=1),
        )
    }
)
"""The rules that a workspace begins with; the key is the operation. Those in force are in its table ``charge_rule``."""


def rules_from(tariffs: Iterable[ChargeTariff]) -> Mapping[str, ChargeRule]:
    """Rules by operation, as the table of a workspace has them at one time; a reason that it lacks is free."""
    found = {operation: ChargeRule(operation=operation) for operation in DEFAULT_RULES}
    for one in tariffs:
        rule = found.get(one.operation, ChargeRule(operation=one.operation))
        changed: dict[str, Any] = {one.reason: one.units}
        found[one.operation] = replace(rule, **changed)
    return MappingProxyType(found)


def reasons_of(operation: str) -> tuple[Reason, ...]:
    """What an operation may charge for.

    Raises
    ------
    UnknownNameError
        There is no such operation.
    """
    if operation not in DEFAULT_RULES:
        raise UnknownNameError("charged operation", operation[:100], DEFAULT_RULES)
    return ("predicted",) if operation.startswith("predict") else ("created", "text_modified")


def find_rule(operation: str, rules: Mapping[str, ChargeRule] = DEFAULT_RULES) -> ChargeRule:
    """The rule of an operation.

    Raises
    ------
    UnknownNameError
        No rule is known: an operation is never free by mistake.
    """
    rule = rules.get(operation)
    if rule is None:
        raise UnknownNameError("charged operation", operation, rules)
    return rule


def most_units(n_messages: int, operation: str, rules: Mapping[str, ChargeRule] = DEFAULT_RULES) -> int:
    """Most units that ``n_messages`` can cost: what a person agrees to before an upload."""
    rule = find_rule(operation, rules)
    return n_messages * max(rule.created, rule.text_modified, rule.predicted)


def platform_units(units: int) -> float:
    """Units in platform units: the exact product, rounded once (3 units are 0.6, not 0.6000…01)."""
    return float(Fraction(str(PLATFORM_UNITS_PER_UNIT)) * units)
