"""What the monitor found, in numbers: its outcome, what rang in the newest window, and how balanced reviews are."""

from __future__ import annotations

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count
from workbench.domain import BalanceReport, DriftReport


def _call(report: DriftReport) -> str:
    return f"ws.operations.drift({str(report.dataset_id)!r})"


def drift_summary(report: DriftReport) -> Numbers:
    """Whether something changed, against which messages, and how often that would be said of nothing: one row."""
    row: dict[str, Value] = {
        "alarm": report.alarm,
        "summary": report.summary,
        "warnings": " ".join(report.warnings),
        "reference_start": report.reference_start.date(),
        "reference_end": report.reference_end.date(),
        "false_alarm_rate": report.false_alarm_rate,
        "version": report.version,
        "n": report.n_reference,
    }
    return numbers(
        [row],
        {
            "alarm": "Boolean",
            **schema(String=("summary", "warnings"), Date=("reference_start", "reference_end")),
            "false_alarm_rate": "Float64",
            **schema(Int64=("version", "n")),
        },
        title="Outcome of the monitor",
        caption=f"n = {count(report.n_reference)} messages of the reference, version {report.version}.",
        line=f"charts.drift_summary({_call(report)})",
    )


def drift_alarms(report: DriftReport) -> Numbers:
    """The tests of the newest window that ring, the surest first."""
    newest = max((test.window_end for test in report.tests), default=None)
    rang = [test for test in report.tests if test.alarm and test.window_end == newest]
    rows: list[dict[str, Value]] = [
        {
            "test": test.name,
            "effect": test.effect,
            "effect_unit": test.effect_unit,
            "p_adjusted": test.p_adjusted,
            "window_start": test.window_start.date(),
            "window_end": test.window_end.date(),
            "n": test.n,
        }
        for test in sorted(rang, key=lambda test: (test.p_adjusted, test.name))
    ]
    return numbers(
        rows,
        {
            "test": "String",
            "effect": "Float64",
            "effect_unit": "String",
            "p_adjusted": "Float64",
            **schema(Date=("window_start", "window_end"), Int64=("n",)),
        },
        title="What rang in the newest window",
        caption=f"n = messages of the window, against {count(report.n_reference)} of the reference.",
        line=f"charts.drift_alarms({_call(report)})",
    )


def balance_summary(report: BalanceReport) -> Numbers:
    """How much the reviewed messages resemble all, with its 95 % interval: one row."""
    row: dict[str, Value] = {
        "balance": report.balance,
        "low": report.balance_low,
        "high": report.balance_high,
        "band": report.band,
        "n_messages": report.n_messages,
        "n": report.n_reviewed,
    }
    return numbers(
        [row],
        schema(Float64=("balance", "low", "high"), String=("band",), Int64=("n_messages", "n")),
        title="Balance of what was reviewed",
        caption=f"n = {count(report.n_reviewed)} reviewed of {count(report.n_messages)} messages; 95 % interval.",
        line=f"charts.balance_summary(ws.operations.balance({str(report.dataset_id)!r}))",
    )
