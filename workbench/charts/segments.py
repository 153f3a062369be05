"""A label's share by the value of a user property, or by time: star rating, region, month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows
from workbench.charts.figure import Value
from workbench.charts.theme import LABEL_PREFIX
from workbench.charts.totals import period_start
from workbench.charts.words import as_date, count, percent, plain
from workbench.domain import Label, Resolution, read_properties
from workbench.errors import InputError, UnknownNameError
from workbench.primitives import wilson

if TYPE_CHECKING:
    import pyarrow as pa

_PERIODS: tuple[Resolution, ...] = ("day", "week", "month")


def label_share_by_property(
    messages: pa.Table,
    predictions: pa.Table,
    property_name: str,
    label: Label,
    *,
    top: int = 12,
    least: int = 1,
) -> Chart:
    """The label's share among the messages of each property value.

    Parameters
    ----------
    messages
        ``Operations.messages_table``: ``uid``, ``timestamp``, ``properties`` (JSON), ``reviewed``, ``assigned``.
    predictions
        ``Operations.predictions_table``: ``uid``, ``label`` (id or name), ``probability``; a message without
        a row counts as 0.
    property_name
        Full key (``number:Stars``), or ``day``, ``week``, ``month`` for periods.
    top
        Values shown: numbers and periods ascending, text by descending number of messages.
    least
        Leave out values with fewer messages.

    Raises
    ------
    UnknownNameError
        No message has the property.
    InputError
        ``least`` is below 1.
    """
    if least < 1:
        raise InputError(f"least is {least}.", next_step="Ask for at least 1 message per value.")
    keys = _values(messages, property_name)
    sums: dict[str | float, list[float]] = {}
    expected = _expected(messages, predictions, label)
    for key, value in zip(keys, expected, strict=True):
        if key is not None:
            sums.setdefault(key, []).append(value)
    found = {key: values for key, values in sums.items() if len(values) >= least}
    by_size = not _ordered(property_name, found)
    order = sorted(found, key=lambda k: (-len(found[k]), str(k)) if by_size else (0.0, _rank(k)))
    chosen = order[:top] if by_size else order[-top:]
    rows = []
    table: dict[str, list[Value]] = {k: [] for k in ("value", "share", "low", "high", "n")}
    for key in chosen:
        n = len(found[key])
        share = sum(found[key]) / n
        low, high = wilson(share, n)
        name = f"{key:g}" if isinstance(key, float) else key
        rows.append(
            Row(
                name=plain(name),
                value=share,
                low=low,
                high=high,
                colour=LABEL_PREFIX + label.label_id,
                text=f"{percent(share)} of {count(n)}",
            )
        )
        table["value"].append(name)
        table["share"].append(share)
        table["low"].append(low)
        table["high"].append(high)
        table["n"].append(n)
    total = sum(len(found[key]) for key in chosen)
    noun = property_name.partition(":")[2] or property_name
    return Chart(
        title=f"{plain(label.name)} by {plain(noun)}",
        caption=(
            f"n = {count(total)} messages. Share = mean probability, 1 or 0 where reviewed; "
            "whiskers: 95 % Wilson interval (of sampling, not of the model's errors)."
        ),
        columns=table,
        types={"value": "String", "share": "Float64", "low": "Float64", "high": "Float64", "n": "Int64"},
        line=(
            f"charts.label_share_by_property(ws.operations.messages_table({str(label.dataset_id)!r}, MessageFilter()), "
            f"ws.operations.predictions_table({str(label.dataset_id)!r}, MessageFilter()), {property_name!r}, "
            f"next(x for x in ws.operations.labels({str(label.dataset_id)!r}) if x.label_id == {str(label.label_id)!r}), "
            f"top={top}, least={least})"
        ),
        drawing=Rows(
            axis=Axis(title="Share of messages with the label", kind="percent", low=0.0),
            rows=tuple(rows),
            value_name="share",
        ),
    )


def _ordered(name: str, found: Iterable[str | float]) -> bool:
    """Whether values have an order of their own: periods and numbers do, texts do not."""
    return name in _PERIODS or all(isinstance(key, float) for key in found)


def _rank(key: str | float) -> str:
    """A text that sorts periods by time and numbers by size."""
    if isinstance(key, str):
        return key
    return f"{'0' if key < 0 else '1'}{key if key >= 0 else 1e18 + key:030.6f}"


def _expected(messages: pa.Table, predictions: pa.Table, label: Label) -> list[float]:
    names = {str(label.label_id), label.name}
    columns = zip(*(predictions.column(c).to_pylist() for c in ("uid", "label", "probability")), strict=True)
    predicted = {uid: float(p) for uid, name, p in columns if name in names}
    found = []
    rows = (messages.column(c).to_pylist() for c in ("uid", "reviewed", "assigned"))
    for uid, reviewed, assigned in zip(*rows, strict=True):
        if reviewed:
            carried = any(name in names or name.startswith(label.name + " > ") for name in assigned or ())
            found.append(1.0 if carried else 0.0)
        else:
            found.append(predicted.get(uid, 0.0))
    return found


def _values(messages: pa.Table, name: str) -> list[str | float | None]:
    if name in _PERIODS:
        stamps = messages.column("timestamp").to_pylist()
        resolution: Resolution = "day" if name == "day" else "week" if name == "week" else "month"
        return [period_start(as_date(stamp), resolution).isoformat() for stamp in stamps]
    rows = []
    for text in messages.column("properties").to_pylist():
        try:
            rows.append(read_properties(text or "{}"))
        except msgspec.DecodeError:
            rows.append({})
    if not any(name in row for row in rows):
        raise UnknownNameError("property", name, {key for row in rows for key in row})
    found: list[str | float | None] = []
    for row in rows:
        value = row.get(name)
        found.append(float(value) if isinstance(value, int | float) else value)
    return found
