"""What is asked before messages are charged, by the rules in force and by who asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer

from workbench.cli.consent import consent
from workbench.domain import ChargedReason, ChargeTariff, Operations

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tariff(operation: str, reason: ChargedReason, units: int) -> ChargeTariff:
    return ChargeTariff(
        operation=operation, reason=reason, units=units, valid_from=EPOCH, set_at=EPOCH, set_by="ann"
    )


RULES = (
    tariff("sync", "created", 2),
    tariff("sync", "text_modified", 5),
    tariff("predict", "predicted", 0),
    tariff("sync_raw_mails", "created", 1),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    questions: list[str] = []
    monkeypatch.setattr(typer, "confirm", lambda text, **_: questions.append(text))
    return questions


def of(permissions: tuple[str, ...] = (), **how: Any) -> Callable[[int], None] | None:
    operation = how.pop("operation", "sync")
    there = SimpleNamespace(
        my_rights=lambda: SimpleNamespace(everywhere=permissions), charge_rules=lambda: RULES
    )
    return consent(cast("Operations", there), operation, **{"yes": False, "no_charge": False, **how})


def test_the_dearest_case_of_the_rules_in_force_is_asked_for(asked: list[str]) -> None:
    ask = of()
    assert ask is not None
    ask(1_000)
    assert asked == ["Charge at most 5,000 units?"]


def test_a_mail_is_charged_in_each_source_that_reads_it(asked: list[str]) -> None:
    ask = of(operation="sync_raw_mails", n_sources=3)
    assert ask is not None
    ask(7)
    assert asked == ["Charge at most 21 units?"]


@pytest.mark.parametrize(
    ("permissions", "how"),
    [
        ((), {"yes": True}),
        (("tenant.manage",), {"no_charge": True}),
        ((), {"operation": "predict"}),
        ((), {"operation": "sync_raw_mails", "n_sources": 0}),
    ],
)
def test_nobody_is_asked_who_agreed_or_where_nothing_is_charged(
    permissions: tuple[str, ...], how: dict[str, Any]
) -> None:
    assert of(permissions, **how) is None


def test_whose_no_charge_is_not_heeded_is_asked(asked: list[str]) -> None:
    ask = of(("source.manage",), no_charge=True)
    assert ask is not None
    ask(1)
    assert asked == ["Charge at most 5 units?"]
