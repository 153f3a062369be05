"""What a visitor sees first: the app's main finding as plain HTML, sent ahead of the panel.

A page of widgets is drawn only when all their scripts are loaded. The first look is made of the same reports
and the same drawings, needs no script, and gives way to the panel as soon as that is on screen.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench import charts
from workbench.charts import Display
from workbench.domain import MapData, MessageFilter, Operations
from workbench.door import Dataset
from workbench.primitives.colour import colour_of
from workbench.widgets.panels.train_view import standing_html, step_html
from workbench.widgets.state import short
from workbench.widgets.status import newest_work, status_html, title_html

if TYPE_CHECKING:
    from workbench.widgets.apps import Visit

MARK = "workbench_first_look"
"""Metadata of the output: the page's template writes it out as it is, ahead of everything that needs scripts."""

_STYLES = (Path(__file__).parent / "panels" / "panel.css", Path(__file__).with_suffix(".css"))
_MOST_POINTS = 4_000
_MOST_CLUSTERS = 24
_MOST_MESSAGES = 9
_SIDE = 1_000


def first_look(name: str, here: Visit) -> str:
    """The first look of the app ``name``; every text of a message or a name in it is escaped.

    Raises
    ------
    WorkbenchError
        The workspace cannot be read.
    """
    if name in _OF_WORKSPACE:
        head, body = _OF_WORKSPACE[name](here.workspace.operations)
    else:
        dataset = here.dataset
        status = dataset.operations.dataset_status(dataset.dataset_id)
        head = status_html(dataset.info, status, newest_work(dataset.operations.jobs(dataset.dataset_id)))
        body = _LOOKS[name](dataset)
    dark = charts.dark_rules('body[data-jp-theme-light="false"] .wb-first')
    style = "".join(file.read_text("utf-8") for file in _STYLES)
    return f'<style>{style}{dark}</style><div class="wb-first" aria-busy="true"><header>{head}</header>{body}</div>'


def _sources(operations: Operations) -> tuple[str, str]:
    return _listed("Sources", [(one.title, one.full_name, one.n_messages) for one in operations.sources()])


def _datasets(operations: Operations) -> tuple[str, str]:
    return _listed("Datasets", [(one.title, one.full_name, one.n_messages) for one in operations.datasets()])


def _listed(title: str, rows: list[tuple[str, str, int]]) -> tuple[str, str]:
    cards = "".join(
        f"<li><b>{html.escape(short(name or full_name, 90))}</b>{n:,} messages</li>"
        for name, full_name, n in rows[:_MOST_CLUSTERS]
    )
    body = f'<section><ul class="wb-first-cards">{cards}</ul></section>' if cards else ""
    return title_html(title, f"{len(rows):,} {title.lower()}"), body


def _discover(dataset: Dataset) -> str:
    ops, did = dataset.operations, dataset.dataset_id
    run, points = ops.cluster_run(did), ops.map_data(did)
    if run is None or points is None:
        return ""
    newest = ops.find_messages(did, MessageFilter(), limit=_MOST_MESSAGES).messages
    listed = "".join(
        f"<li><b>{html.escape(short(one.subject or one.body, 90))}</b>{html.escape(short(one.body, 160))}</li>"
        for one in newest
    )
    cards = "".join(
        f'<li><i style="background:{colour_of(f"cluster-{one.cluster_id}")}"></i><b>{html.escape(one.name)}</b>'
        f"{one.n_messages:,} messages, {one.share:.1%}</li>"
        for one in run.clusters[:_MOST_CLUSTERS]
    )
    return (
        f'<div class="wb-first-pair"><section>{map_svg(points)}</section><section><h3>Newest messages</h3>'
        f"<ul>{listed}</ul></section></div><section><h3>Clusters</h3>"
        f'<ul class="wb-first-cards">{cards}</ul></section>'
    )


def _annotate(dataset: Dataset) -> str:
    rows = "".join(
        f"<li><b>{html.escape(label.name)}</b>{label.n_assigned:,} reviewed</li>"
        for label in dataset.operations.labels(dataset.dataset_id)
    )
    return f'<section><h3>Taxonomy</h3><ul class="wb-first-cards">{rows}</ul></section>' if rows else ""


def _validation(dataset: Dataset) -> str:
    report = dataset.operations.validation(dataset.dataset_id)
    if report is None:
        return ""
    quality = charts.average_precision_words(report.mean_average_precision)
    return (
        f'<p class="wb-status">Mean average precision <b>{html.escape(quality)}</b></p>'
        + _pair(charts.rating_dial(report), charts.mean_precision_at_recall(report))
        + _sheet(charts.precision_by_training_size(report), width=1400)
    )


def _train(dataset: Dataset) -> str:
    told = dataset.guide()
    return (
        f'{standing_html(told)}<section class="wb-train-step">{step_html(told.recommended, told)}</section>'
    )


def _models(dataset: Dataset) -> str:
    found = dataset.operations.model_versions(dataset.dataset_id)
    rows = "".join(
        f"<li><b>Version {one.version}</b>{html.escape(' · '.join(filter(None, (one.tag, one.description[:90]))))}</li>"
        for one in sorted(found, key=lambda one: not one.starred)[:_MOST_CLUSTERS]
    )
    return f'<section><h3>Model versions</h3><ul class="wb-first-cards">{rows}</ul></section>' if rows else ""


def _streams(dataset: Dataset) -> str:
    rows = "".join(
        f"<li><b>{html.escape(short(one.settings.title or one.name, 90))}</b>{html.escape(one.name)}</li>"
        for one in dataset.operations.streams(dataset.dataset_id)[:_MOST_CLUSTERS]
    )
    return f'<section><h3>Streams</h3><ul class="wb-first-cards">{rows}</ul></section>' if rows else ""


def _agreement(dataset: Dataset) -> str:
    report = dataset.operations.agreement(dataset.dataset_id)
    return _sheet(charts.agreement(report), width=1400) if report and report.overall.n_messages else ""


def _monitor(dataset: Dataset) -> str:
    ops, did = dataset.operations, dataset.dataset_id
    drift, totals = ops.drift(did), ops.label_totals(did, "week")
    said = f'<p class="wb-headline">{html.escape(drift.summary)}</p>' if drift else ""
    return said + _pair(
        charts.message_volume(totals, "week", dataset_id=str(did)),
        charts.label_trends(totals, "week", labels=ops.labels(did), dataset_id=str(did)),
    )


def _usage(operations: Operations) -> tuple[str, str]:
    report = operations.usage()
    said = f'<p class="wb-headline"><b>{report.units:,}</b> units charged</p>'
    return title_html("Usage", "of the whole workspace"), said + _sheet(
        charts.usage_by_day(report), width=1400
    )


def _admin(_operations: Operations) -> tuple[str, str]:
    return title_html("Admin"), ""


_OF_WORKSPACE: dict[str, Callable[[Operations], tuple[str, str]]] = {
    "admin": _admin,
    "datasets": _datasets,
    "sources": _sources,
    "usage": _usage,
}


_LOOKS: dict[str, Callable[[Dataset], str]] = {
    "agreement": _agreement,
    "annotate": _annotate,
    "discover": _discover,
    "models": _models,
    "monitor": _monitor,
    "streams": _streams,
    "train": _train,
    "validation": _validation,
}


def map_svg(points: MapData) -> str:
    """The map as a picture of at most 4,000 points, evenly chosen; colours as on the real one."""
    step = max(1, -(-len(points.uids) // _MOST_POINTS))
    xy, cluster = points.xy[::step].astype(np.float64), points.cluster[::step]
    low, high = xy.min(axis=0, initial=np.inf), xy.max(axis=0, initial=-np.inf)
    scale = _SIDE / max(float((high - low).max(initial=0.0)), 1e-9)
    place = np.rint((xy - (low + high) / 2) * scale + _SIDE / 2).astype(int) if len(xy) else xy
    paths = []
    for number in np.unique(cluster):
        marks = "".join(f"M{x} {_SIDE - y}h0" for x, y in place[cluster == number])
        colour = colour_of(f"cluster-{number}") if number >= 0 else "#9aa2ad"
        paths.append(f'<path d="{marks}" stroke="{colour}"/>')
    return (
        f'<svg viewBox="-12 -12 {_SIDE + 24} {_SIDE + 24}" role="img" aria-label="Map of {len(points.uids):,} messages" '
        f'fill="none" stroke-width="7" stroke-linecap="round" stroke-opacity=".7">{"".join(paths)}</svg>'
    )


def _pair(one: Display, other: Display) -> str:
    return f'<div class="wb-first-pair">{_sheet(one)}{_sheet(other)}</div>'


def _sheet(display: Display, width: int = 680) -> str:
    return f"<section>{display.svg(width=width)}</section>"
