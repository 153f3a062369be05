"""Balance: by groups of like messages, by property, and by review mode."""

from __future__ import annotations

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows
from workbench.charts.words import count, percent, percent_range, plain, points, title_case
from workbench.domain import BalanceReport
from workbench.errors import UnknownNameError

SURE = 0.05
"""Adjusted p value below which the reviewed messages are said to differ by a property."""


_SHARES = {"share_all": "Float64", "share_reviewed": "Float64", "low": "Float64", "high": "Float64"}


def _call(report: BalanceReport) -> str:
    return f"ws.operations.balance({str(report.dataset_id)!r})"


def balance_groups(report: BalanceReport, *, top: int = 12) -> Chart:
    """Each region's share of all messages and of the reviewed ones, with what chance alone would give."""
    groups = sorted(report.groups, key=lambda g: (-abs(g.share_reviewed - g.share_all), g.name))[:top]
    rows = [
        Row(
            name=plain(g.name),
            value=g.share_reviewed,
            other=g.share_all,
            low=g.low,
            high=g.high,
            colour="accent" if g.low <= g.share_reviewed <= g.high else "warn",
            text=_verdict(g.share_reviewed, g.low, g.high, g.share_all),
        )
        for g in groups
    ]
    known = (
        f"Balance {percent(report.balance, 0)} (95 % interval {percent_range(report.balance_low, report.balance_high)})"
        if report.balance is not None
        else "Balance not known below 100 reviewed messages"
    )
    return Chart(
        title="Reviewed messages against all messages",
        caption=f"{known}; n = {count(report.n_reviewed)} reviewed of {count(report.n_messages)} messages.",
        columns={
            "group": [g.name for g in groups],
            "share_all": [g.share_all for g in groups],
            "share_reviewed": [g.share_reviewed for g in groups],
            "low": [g.low for g in groups],
            "high": [g.high for g in groups],
            "n": [g.n_reviewed for g in groups],
        },
        types={"group": "String", **_SHARES, "n": "Int64"},
        line=f"charts.balance_groups({_call(report)}, top={top})",
        drawing=Rows(
            axis=Axis(title="Share of messages", kind="percent", low=0.0),
            rows=tuple(rows),
            style="dumbbell",
            value_name="of the reviewed",
            other_name="of all messages",
            range_name="expected by chance",
        ),
    )


def _verdict(share: float, low: float, high: float, everywhere: float) -> str:
    if share < low:
        return f"too few ({points(share, everywhere)})"
    return f"too many ({points(share, everywhere)})" if share > high else "as expected"


def property_balance(report: BalanceReport, name: str) -> Chart:
    """Each value's share of all messages and of the reviewed ones, with what chance alone would give.

    Parameters
    ----------
    report
        With the properties.
    name
        Full name of one of them (``string:Team``), or ``source``, ``language``, ``month``.

    Raises
    ------
    UnknownNameError
        The report does not know the property.
    """
    known = {one.name: one for one in report.properties}
    if name not in known:
        raise UnknownNameError("property", name, known)
    found = known[name]
    words = (
        "reviewed messages differ from all by it"
        if found.p_adjusted < SURE
        else "no more different than chance makes them"
    )
    return Chart(
        title=f"Reviewed messages by {plain(property_title(name))}",
        caption=(
            f"Balance {percent(found.balance, 0)}, {words} (p = {found.p_adjusted:.2g}, Holm-corrected over "
            f"{count(len(known))} properties); n = {count(report.n_reviewed)} reviewed of {count(report.n_messages)} messages."
        ),
        columns={
            "value": [one.value for one in found.values],
            "share_all": [one.share_all for one in found.values],
            "share_reviewed": [one.share_reviewed for one in found.values],
            "low": [one.low for one in found.values],
            "high": [one.high for one in found.values],
            "n": [one.n_reviewed for one in found.values],
        },
        types={"value": "String", **_SHARES, "n": "Int64"},
        line=f"charts.property_balance({_call(report)}, {name!r})",
        drawing=Rows(
            axis=Axis(title="Share of messages", kind="percent", low=0.0),
            rows=tuple(
                Row(
                    name=plain(one.value),
                    value=one.share_reviewed,
                    other=one.share_all,
                    low=one.low,
                    high=one.high,
                    colour="accent" if one.low <= one.share_reviewed <= one.high else "warn",
                    text=_verdict(one.share_reviewed, one.low, one.high, one.share_all),
                )
                for one in found.values
            ),
            style="dumbbell",
            value_name="of the reviewed",
            other_name="of all messages",
            range_name="expected by chance",
        ),
    )


def property_title(name: str) -> str:
    """``string:Team`` as ``Team``, ``month`` as it is."""
    return name.partition(":")[2] or name


def mode_shares(report: BalanceReport) -> Chart:
    """How the reviewed messages had come before the person."""
    modes = sorted(report.mode_shares.items(), key=lambda item: (-item[1], item[0]))
    return Chart(
        title="Reviews by mode",
        caption=f"n = {count(report.n_reviewed)} reviewed messages. At least 20 % should come from shuffle or rebalance.",
        columns={
            "mode": [name for name, _ in modes],
            "share": [share for _, share in modes],
            "n": [round(share * report.n_reviewed) for _, share in modes],
        },
        types={"mode": "String", "share": "Float64", "n": "Int64"},
        line=f"charts.mode_shares({_call(report)})",
        drawing=Rows(
            axis=Axis(title="Share of reviews", kind="percent", low=0.0),
            rows=tuple(
                Row(
                    name=title_case(name),
                    value=share,
                    colour="accent" if name in ("shuffle", "rebalance") else "neutral",
                    text=percent(share),
                )
                for name, share in modes
            ),
            value_name="reviews",
        ),
    )
