"""Thresholds in numbers: what one leads to in a week, the cheapest, the one with a promise, those kept."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, percent
from workbench.domain import (
    ActionCosts,
    CostThreshold,
    Estimate,
    ExpectedErrors,
    KeptThreshold,
    PromisedThreshold,
)


def week_of_threshold(found: ExpectedErrors) -> Numbers:
    """Messages a week that reach a threshold, of these the wrong ones, and those missed: one row each."""
    listed = (("predicted", found.predicted), ("wrong", found.wrong), ("missed", found.missed))
    rows: list[dict[str, Value]] = [
        {
            **_estimate(name, one),
            "threshold": found.threshold,
            "n_messages": found.n_messages,
            "n_weeks": found.n_weeks,
            "n": found.n_held_out,
        }
        for name, one in listed
    ]
    return numbers(
        rows,
        _ESTIMATED | schema(Float64=("threshold", "n_messages"), Int64=("n_weeks", "n")),
        title="What a week brings",
        caption=f"Threshold {percent(found.threshold)}, n = {count(found.n_held_out)} test messages; 95 % intervals.",
        line=(
            f"charts.week_of_threshold(ws.operations.expected_errors({str(found.dataset_id)!r}, {str(found.label_id)!r}, "
            f"{found.threshold!r}, {found.version}))"
        ),
    )


def cost_of_threshold(found: CostThreshold) -> Numbers:
    """The thresholds of least expected cost, what they lead to in a week, and what others would cost: one row each."""
    listed = (
        ("acted_on", found.actions),
        ("wrong", found.wrong),
        ("checked", found.checks),
        ("missed", found.missed),
        ("cost", found.cost),
        ("cost_balanced", found.cost_balanced),
        ("cost_of_nothing", found.cost_of_nothing),
    )
    rows: list[dict[str, Value]] = [
        {
            **_estimate(name, one),
            "act_from": found.act_from,
            "check_from": found.check_from,
            "price_of_check": found.price_of_check,
            "saved_by_check": _saved(found),
            "n_weeks": found.n_weeks,
            "n": found.n_held_out,
        }
        for name, one in listed
    ]
    return numbers(
        rows,
        _ESTIMATED
        | schema(
            Float64=("act_from", "check_from", "price_of_check", "saved_by_check"), Int64=("n_weeks", "n")
        ),
        title="Threshold by cost",
        caption=f"Act from {percent(found.act_from)}, n = {count(found.n_held_out)} test messages; 95 % intervals.",
        line=(
            f"charts.cost_of_threshold(ws.operations.threshold_for_cost({str(found.dataset_id)!r}, {str(found.label_id)!r}, "
            f"{_costs(found.costs)}, {found.version}))"
        ),
    )


def _saved(found: CostThreshold) -> float | None:
    """What one more check would save, where people cannot check as much as would pay."""
    price, asked = found.price_of_check, found.costs.manual_check
    return None if price is None or asked is None else price - asked


def _costs(costs: ActionCosts) -> str:
    return (
        f"ActionCosts(wrong_action={costs.wrong_action!r}, missed={costs.missed!r}, manual_check={costs.manual_check!r}, "
        f"checks_per_day={costs.checks_per_day!r})"
    )


def promise_of_threshold(found: PromisedThreshold) -> Numbers:
    """A threshold that keeps a stated risk, one row; without a threshold nothing can be promised."""
    row: dict[str, Value] = {
        "risk": found.risk,
        "at_most": found.at_most,
        "sure": found.sure,
        "over_next": found.over_next,
        "threshold": found.threshold,
        "n_bad": found.n_bad,
        "n_reached": found.n,
        "upper": found.upper,
        "recall": found.recall,
        "n_needed": found.n_needed,
        "n_random": found.n_random,
        "reason": found.reason,
        "n": found.n_held_out,
    }
    kinds = dict.fromkeys(("over_next", "n_bad", "n_reached", "n_needed", "n_random", "n"), "Int64")
    kinds |= dict.fromkeys(("risk", "reason"), "String")
    return numbers(
        [row],
        {name: kinds.get(name, "Float64") for name in row},
        title="Threshold with a promise",
        caption=f"At most {percent(found.at_most)}, {percent(found.sure)} sure; n = {count(found.n_held_out)} test messages.",
        line=(
            f"charts.promise_of_threshold(ws.operations.threshold_with_promise({str(found.dataset_id)!r}, "
            f"{str(found.label_id)!r}, {found.risk!r}, {found.at_most!r}, {found.sure!r}, {found.version}, "
            f"{found.held_out!r}, over_next={found.over_next!r}))"
        ),
    )


def kept_thresholds(kept: Sequence[KeptThreshold], *, dataset_id: str, version: int) -> Numbers:
    """The thresholds kept with a version, in the order of the taxonomy; each row is the choice of one person."""
    rows: list[dict[str, Value]] = [
        {
            "label": one.name,
            "threshold": one.threshold,
            "check_from": one.check_from,
            "basis": one.basis,
            "kept_by": one.kept_by,
            "version": version,
            "n": 1,
        }
        for one in kept
    ]
    return numbers(
        rows,
        {
            "label": "String",
            **schema(
                Float64=("threshold", "check_from"), String=("basis", "kept_by"), Int64=("version", "n")
            ),
        },
        title="Thresholds kept",
        caption=f"Version {version}, n = {count(len(kept))} thresholds, each a person's choice.",
        line=(
            f"charts.kept_thresholds(ws.operations.kept_thresholds({str(dataset_id)!r}, {version}), "
            f"dataset_id={str(dataset_id)!r}, version={version})"
        ),
    )


_ESTIMATED = schema(String=("what",), Float64=("value", "low", "high"))


def _estimate(name: str, found: Estimate) -> dict[str, Value]:
    return {"what": name, "value": found.value, "low": found.low, "high": found.high}
