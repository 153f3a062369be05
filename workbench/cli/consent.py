"""Asking before units are charged: how many at most follows from the rules in force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from workbench.domain import Operations, dearest

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before units are charged.")]
NoCharge = Annotated[
    bool, typer.Option("--no-charge", help="Record the units as not charged; for administrators.")
]


def consent(
    operations: Operations, operation: str, *, yes: bool, no_charge: bool, n_sources: int = 1
) -> Callable[[int], None] | None:
    """What asks before a number of messages is charged; None where nobody is to be asked.

    ``no_charge`` of somebody who is no administrator is charged all the same, so they are asked.

    Parameters
    ----------
    operation
        Whose charge rules hold: ``sync``, ``predict`` …
    n_sources
        Sources in which each of them becomes a message.
    """
    if yes or (no_charge and "tenant.manage" in operations.my_rights().everywhere):
        return None
    price = n_sources * dearest(operations.charge_rules(), operation)
    return partial(_ask, price) if price else None


def _ask(price: int, n_messages: int) -> None:
    typer.confirm(f"Charge at most {n_messages * price:,} units?", abort=True, err=True)
