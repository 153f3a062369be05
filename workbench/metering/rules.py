"""What an operation costs.

One unit is charged for each message that is **created**, each stored message whose **text was modified**
(body or subject), and each message **predicted** that is not stored. Nothing else costs: identical text sent
again, changed metadata, predictions on stored messages, retraining, streams, extractions, deletion. Deleting
and uploading again creates anew, and is charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from workbench.errors import UnknownNameError

Reason = Literal["created", "text_modified", "predicted", "metadata_modified", "unchanged"]
REASONS: tuple[Reason, ...] = ("created", "text_modified", "predicted", "metadata_modified", "unchanged")

PLATFORM_UNITS_PER_UNIT = 0.2


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
"""The rules in force unless a workspace has its own; the key is the operation."""


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
