"""How well fields are extracted: a table of general fields, and one of what labels have extracted."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.display import Chart
from workbench.charts.drawings import Column, Table
from workbench.charts.figure import Value
from workbench.charts.words import count, percent, percent_range, plain
from workbench.domain import FieldAverage, FieldQuality, Share, ValidationReport

AVERAGE = "Average"
WHOLE = "Whole extraction"
ALL_LABELS = "All labels"
_MEASURES = ("f1", "precision", "recall")
_TYPES = {
    **dict.fromkeys(("label", "field", "kind"), "String"),
    **dict.fromkeys(("n_train", "n_test"), "Int64"),
    **{f"{name}{end}": "Float64" for name in _MEASURES for end in ("", "_low", "_high")},
    **{f"n_{name}": "Int64" for name in _MEASURES},
    **dict.fromkeys(("action", "warning"), "String"),
    "n": "Int64",
}
_Row = dict[str, Value]


def field_average_words(average: FieldAverage) -> str:
    """``F1 82 % (71–90 %), precision 85 % (…), recall 80 % (…); …``, or that nothing is known yet."""
    if average.f1.value is None:
        return "not known yet: no field has an annotated value in the test part"
    said = ", ".join(
        f"{title} {percent(share.value, 0)} ({percent_range(share.low, share.high)})"
        for title, share in (
            ("F1", average.f1),
            ("precision", average.precision),
            ("recall", average.recall),
        )
        if share.value is not None
    )
    return f"{said}; 95 % intervals, n = {count(average.n_test)} annotated test values"


def field_table(report: ValidationReport) -> Chart:
    """Every general field with precision, recall and F1, their 95 % intervals, and what to do; the average last."""
    known = report.general_fields
    rows = [] if known is None else [_row(one, one.name) for one in known.fields]
    if known is not None:
        rows.append(_average_row(known.average, known.fields))
    caption = "No general fields are enabled." if known is None else _caption(known.average)
    return _table("General fields", caption, "field_table", report, rows)


def extraction_table(report: ValidationReport) -> Chart:
    """Every label with fields: its whole extraction, each field, and the fields' average; that of whole ones last."""
    known, rows = report.extractions, []
    for one in known.labels if known else ():
        rows.append(_row(one.whole, WHOLE))
        rows += [_row(field, field.name) for field in one.parts.fields]
        rows.append(_average_row(one.parts.average, one.parts.fields, one.whole.label))
    if known is not None:
        rows.append(_average_row(known.average, [one.whole for one in known.labels], ALL_LABELS))
    caption = "No label has extraction fields." if known is None else _caption(known.average)
    return _table("Extractions", caption, "extraction_table", report, rows)


def _caption(average: FieldAverage) -> str:
    return f"Average {field_average_words(average)}. Only values that match exactly count as right."


def _row(one: FieldQuality, name: str) -> _Row:
    said: _Row = {
        "label": one.label,
        "field": name,
        "kind": one.kind,
        "n_train": one.n_train,
        "n_test": one.n_test,
    }
    warning = one.warnings[0] if one.warnings else ""
    rest: _Row = {"action": one.action, "warning": warning, "n": one.n}
    return said | _figures(one.f1, one.precision, one.recall) | rest


def _average_row(average: FieldAverage, of: Sequence[FieldQuality], label: str = "") -> _Row:
    said: _Row = {"label": label, "field": AVERAGE, "kind": "", "n_train": sum(one.n_train for one in of)}
    rest: _Row = {"action": "none", "warning": "", "n": sum(one.n for one in of), "n_test": average.n_test}
    return said | _figures(average.f1, average.precision, average.recall) | rest


def _figures(*shares: Share) -> _Row:
    """Values, bounds and what they are shares of; bounds are known where the value is."""
    found: _Row = {}
    for name, share in zip(_MEASURES, shares, strict=True):
        is_known = share.value is not None
        found |= {
            name: share.value,
            f"{name}_low": share.low if is_known else None,
            f"{name}_high": share.high if is_known else None,
            f"n_{name}": share.n,
        }
    return found


def _table(title: str, caption: str, function: str, report: ValidationReport, rows: list[_Row]) -> Chart:
    with_labels = function == "extraction_table"
    label = (Column(title="Label", weight=2.2),) if with_labels else ()
    return Chart(
        title=title,
        caption=caption,
        columns={name: [row[name] for row in rows] for name in _TYPES},
        types=_TYPES,
        line=f"charts.{function}(ws.operations.validation({str(report.dataset_id)!r}, {report.version}))",
        drawing=Table(
            columns=(
                *label,
                Column(title="Field", weight=2.2),
                Column(title="F1", align="right"),
                Column(title="95 % interval", align="right", weight=1.3),
                Column(title="Precision", align="right"),
                Column(title="Recall", align="right"),
                Column(title="Training", align="right"),
                Column(title="Test", align="right"),
            ),
            rows=tuple(_cells(row, with_labels=with_labels) for row in rows),
        ),
    )


def _cells(row: _Row, *, with_labels: bool) -> tuple[str, ...]:
    def share(name: str) -> float | None:
        value = row[name]
        return value if isinstance(value, float) else None

    names = ("label", "field") if with_labels else ("field",)
    return (
        *(plain(str(row[name])) for name in names),
        percent(share("f1"), 0),
        percent_range(share("f1_low"), share("f1_high")) or "–",
        percent(share("precision"), 0),
        percent(share("recall"), 0),
        *(count(float(str(row[name]))) for name in ("n_train", "n_test")),
    )
