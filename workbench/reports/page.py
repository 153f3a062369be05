"""From facts and displays to the page: the template gets words and pictures, and escapes every word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from workbench.charts import Display, LabelTrend, dark_rules, sparkline
from workbench.charts.theme import LABEL_PREFIX, STATE_ROLES, theme
from workbench.charts.totals import ALPHA
from workbench.charts.words import change, count, day, percent, percent_range, plain, title_case
from workbench.domain import LabelValidation
from workbench.reports.facts import SHOWN_CLUSTERS, Facts
from workbench.reports.summary import next_step, summary

Row = dict[str, str]
FULL, HALF = 840, 440
TOP_LABELS = 15
ENDS = 5
_WIDE = frozenset({"messages", "label_trends", "rating", "usage"})


def render_page(facts: Facts, displays: Mapping[str, Display]) -> str:
    """The whole page."""
    import jinja2  # noqa: PLC0415  loaded when a page is made
    from markupsafe import Markup  # noqa: PLC0415

    folder = files("workbench.reports") / "templates"
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    style = (folder / "report.css").read_text(encoding="utf-8")
    dark = dark_rules("svg")
    return template.render(
        style=Markup(style + "\n@media screen and (prefers-color-scheme: dark) {\n" + dark + "\n}"),  # noqa: S704
        facts=facts,
        title=plain(facts.dataset.title or facts.dataset.full_name, 120),
        period=f"{day(facts.since)} – {day(facts.until - timedelta(days=1))}",
        summary=summary(facts),
        next_step=next_step(facts),
        tiles=tiles(facts),
        pictures={
            name: Markup(display.svg(FULL if name in _WIDE else HALF, heading=False))  # noqa: S704
            for name, display in displays.items()
        },
        displays=displays,
        trends=[_trend_row(t, facts.n_before) for t in facts.trends[:TOP_LABELS]],
        sparks=[Markup(sparkline(t.series)) for t in facts.trends[:TOP_LABELS]],  # noqa: S704
        clusters=cluster_rows(facts),
        best=_ends(facts, best=True),
        weakest=_ends(facts, best=False),
        usage=usage_rows(facts),
        package_version=_version(),
        count=count,
        percent=percent,
        percent_range=percent_range,
        day=day,
        plain=plain,
    )


def tiles(facts: Facts) -> list[Row]:
    """The four figures at the top; each has a value, a name and a note."""
    n = count(facts.n_now)
    note = (
        f"{change(facts.n_now, facts.n_before)} against before"
        if facts.n_before
        else "nothing to compare with"
    )
    found = [{"value": n, "name": "messages", "note": note}]
    reviewed = facts.dataset.n_reviewed
    share = percent(reviewed / facts.dataset.n_messages) if facts.dataset.n_messages else "0"
    found.append({"value": count(reviewed), "name": "reviewed", "note": f"{share} of all messages"})
    rating = facts.validation.rating if facts.validation else None
    if rating and rating.score is not None and facts.validation:
        note = f"{rating.band}, version {facts.validation.version}"
        found.append({"value": f"{rating.score:.0f}", "name": "model rating of 100", "note": note})
    else:
        found.append({"value": "–", "name": "model rating", "note": "no rating yet"})
    if facts.drift:
        alarm = "Alarm" if facts.drift.alarm else "Calm"
        note = f"false alarms in at most {percent(facts.drift.false_alarm_rate)} of windows"
        found.append(
            {"value": alarm, "name": "drift", "note": note, "tone": "bad" if facts.drift.alarm else "good"}
        )
    else:
        found.append({"value": "–", "name": "drift", "note": "not monitored yet"})
    return found


def _trend_row(trend: LabelTrend, n_before: int) -> Row:
    moved = trend.p_adjusted < ALPHA
    return {
        "name": plain(trend.name, 64),
        "colour": theme().colour(LABEL_PREFIX + trend.label_id),
        "now": count(trend.now),
        "share": percent(trend.share_now),
        "before": percent(trend.share_before) if n_before else "–",
        "change": change(trend.share_now, trend.share_before) if n_before else "–",
        "moved": "beyond chance" if moved else "within chance" if n_before else "",
    }


def cluster_rows(facts: Facts) -> list[Row]:
    """Name, share, reviewed and an example of the largest clusters."""
    run = facts.cluster_run
    return [
        {
            "name": plain(c.name, 64),
            "n": count(c.n_messages),
            "share": percent(c.share),
            "reviewed": count(c.n_reviewed),
            "quote": facts.quotes.get(c.cluster_id, ""),
        }
        for c in (run.clusters[:SHOWN_CLUSTERS] if run else ())
    ]


def _ends(facts: Facts, *, best: bool) -> list[Row]:
    """The best or the weakest labels that can be estimated; with few labels none stands in both lists."""
    labels = facts.validation.labels if facts.validation else ()
    known = [label for label in labels if label.average_precision.value is not None]
    order = sorted(known, key=lambda v: (-(v.average_precision.value or 0.0), v.name))
    n = min(ENDS, len(order) // 2) if len(order) > 1 else len(order)
    chosen = order[:n] if best else order[len(order) - n :][::-1] if len(order) > 1 else []
    return [_label_row(label) for label in chosen]


def _label_row(label: LabelValidation) -> Row:
    ap = label.average_precision
    return {
        "name": plain(label.name, 64),
        "state": label.state,
        "role": STATE_ROLES[label.state],
        "precision": percent(ap.value, 0) + (" ≈" if ap.approximate else ""),
        "interval": percent_range(ap.low, ap.high) or "–",
        "n": f"{count(label.n_train)} / {count(label.n_test)}",
        "warning": label.warnings[0] if label.warnings else "",
    }


def usage_rows(facts: Facts) -> list[Row]:
    """Units by operation in the period, and the totals."""
    sums: dict[str, int] = {}
    for total in facts.usage.totals:
        sums[total.operation] = sums.get(total.operation, 0) + total.units
    rate = facts.usage.platform_units_per_unit
    lines = [
        (title_case(plain(name)), units) for name, units in sorted(sums.items(), key=lambda i: (-i[1], i[0]))
    ]
    lines.append(("Total of the period", facts.usage.units))
    lines.append(("Ledger total since the beginning", facts.usage_all.units))
    return [{"name": name, "units": count(u), "platform": f"{u * rate:,.1f}"} for name, u in lines]


def _version() -> str:
    try:
        return version("workbench-comms")
    except PackageNotFoundError:
        return "not installed"
