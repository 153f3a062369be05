"""Every display keeps its promises: numbers with n, JSON-able spec, a line that makes it again, safe SVG."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.unit.charts import make_results as make
from tests.unit.charts.gallery import gallery
from tests.unit.charts.golden import check_golden
from workbench import charts
from workbench.domain import MessageFilter, Uid
from workbench.door import Workspace
from workbench.errors import InputError, UnknownNameError

GALLERY = gallery()
NAMES = sorted(GALLERY)
SVG = "{http://www.w3.org/2000/svg}"


class FakeOperations:
    """What ``query`` lines call."""

    def label_totals(self, dataset_id: str, resolution: str):
        # 12 whole weeks, spread evenly enough over their first days for the same weekly sums
        assert (dataset_id, resolution) == (make.DATASET, "day")
        return make.label_totals("week")

    def labels(self, dataset_id: str):
        return make.labels()

    def validation(self, dataset_id: str, version: int):
        return make.validation()

    def compare_versions(self, dataset_id: str, first: int, second: int):
        return make.comparison()

    def model_versions(self, dataset_id: str):
        return make.versions()

    def cluster_run(self, dataset_id: str):
        return make.cluster_run()

    def drift(self, dataset_id: str):
        return make.drift()

    def balance(self, dataset_id: str):
        return make.balance()

    def map_data(self, dataset_id: str):
        return make.map_data()

    def usage(self):
        return make.usage()

    def usage_forecast(self):
        return make.usage_forecast()

    def budgets(self):
        return make.budgets()

    def consumption(self, *_asked: object):
        return make.consumption()

    def messages_table(self, dataset_id: str, where: MessageFilter):
        return make.messages_table()

    def predictions_table(self, dataset_id: str, where: MessageFilter):
        return make.predictions_table()


@pytest.mark.parametrize("name", NAMES)
def test_frame_holds_n_and_survives_a_file(name: str) -> None:
    frame = GALLERY[name].frame()
    assert frame.schema["n"] == pl.Int64
    assert frame["n"].null_count() == 0
    file = io.BytesIO()
    frame.write_ipc(file)
    file.seek(0)
    assert_frame_equal(pl.read_ipc(file), frame)


@pytest.mark.parametrize("name", NAMES)
def test_query_makes_the_same_display(name: str) -> None:
    display = GALLERY[name]
    scope = {
        "charts": charts,
        "ws": Workspace(FakeOperations(), address="fake"),
        "date": date,
        "MessageFilter": MessageFilter,
    }
    again = eval(display.query(), scope)
    assert_frame_equal(again.frame(), display.frame())
    assert again.spec() == display.spec()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_spec_is_plain_json_that_plotly_accepts(name: str, dark: bool) -> None:
    go = pytest.importorskip("plotly.graph_objects")
    spec = GALLERY[name].spec(dark=dark)
    assert json.loads(json.dumps(spec)) == spec
    assert len(go.Figure(spec).data) == len(spec["data"])


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_is_escaped_everywhere(name: str) -> None:
    display = GALLERY[name]
    for text in (json.dumps(display.spec()), display.svg(), display.svg(dark=True, heading=False)):
        assert "<script" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize("width", [320, 720, 1100])
@pytest.mark.parametrize("name", NAMES)
def test_svg_is_named_described_and_within_its_frame(name: str, width: int) -> None:
    display = GALLERY[name]
    root = ET.fromstring(display.svg(width))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "n = " in (desc.text or "") or "an estimate" in (desc.text or "")
    height = float(root.get("height", "0"))
    for text in root.iter(f"{SVG}text"):
        assert -1 <= float(text.get("x", "0")) <= width + 1
        assert 0 <= float(text.get("y", "0")) <= height
    for box in root.iter(f"{SVG}rect"):
        if box.get("x"):
            assert float(box.get("x", "0")) + float(box.get("width", "0")) <= width + 1


@pytest.mark.parametrize("name", NAMES)
def test_spec_and_query_are_as_reviewed(name: str) -> None:
    display = GALLERY[name]
    text = json.dumps(display.spec(), indent=1, ensure_ascii=False)
    check_golden(f"charts/{name}.json", f"// {display.query()}\n{text}\n")


@pytest.mark.parametrize(
    "name", ["precision_recall", "balance_groups", "rating_dial", "cluster_treemap", "usage_by_day"]
)
def test_svg_is_as_reviewed(name: str) -> None:
    check_golden(f"charts/{name}.svg", GALLERY[name].svg(640).replace("><", ">\n<") + "\n")


def test_displays_satisfy_the_protocol_and_notebooks_get_two_forms() -> None:
    display = GALLERY["message_volume"]
    assert isinstance(display, charts.Display)
    bundle = display._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/plain"}
    assert display.caption in str(bundle["text/plain"])


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, workbench.charts as c; c.rating_dial; "
        "print([m for m in ('plotly', 'polars', 'IPython', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_volume_from_messages_counts_what_totals_count() -> None:
    chart = charts.message_volume(make.messages_table(), "month")
    assert chart.frame().rows() == [(date(2026, 9, 1), 72), (date(2026, 10, 1), 75), (date(2026, 11, 1), 53)]


def test_threshold_marker_stands_at_the_first_point_at_or_above() -> None:
    report = make.validation()
    marker = charts.precision_recall(report, "Billing", threshold=0.51).drawing.points[0]
    index = next(i for i, t in enumerate(report.labels[0].thresholds) if t >= 0.51)
    assert marker.x == (report.labels[0].recalls[index],)
    assert marker.y == (report.labels[0].precisions[index],)


def test_unknown_label_and_impossible_threshold_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Billing'"):
        charts.precision_recall(make.validation(), "Biling")
    with pytest.raises(InputError, match="outside 0 to 1"):
        charts.precision_recall(make.validation(), "Billing", threshold=1.5)


def test_property_shares_count_reviewed_as_one_or_zero() -> None:
    tables = make.messages_table(), make.predictions_table()
    frame = charts.label_share_by_property(*tables, "number:Stars", make.labels()[0]).frame()
    rows = [i for i in range(200) if i % 5 == 3]
    expected = sum((1.0 if i % 8 == 0 else 0.0) if i % 4 == 0 else 0.1 + 0.16 * 3 for i in rows) / len(rows)
    row = frame.row(by_predicate=pl.col("value") == "4", named=True)
    assert row["share"] == pytest.approx(expected)
    assert row["n"] == len(rows)
    assert row["low"] < row["share"] < row["high"]


def test_property_values_keep_their_order() -> None:
    tables = make.messages_table(), make.predictions_table()
    label = make.labels()[0]
    stars = charts.label_share_by_property(*tables, "number:Stars", label).frame()["value"].to_list()
    months = charts.label_share_by_property(*tables, "month", label).frame()["value"].to_list()
    regions = charts.label_share_by_property(*tables, "string:Region", label).frame()["n"].to_list()
    assert stars == ["1", "2", "3", "4", "5"]
    assert months == ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert regions == sorted(regions, reverse=True)


def test_unknown_property_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="number:Stars"):
        charts.label_share_by_property(
            make.messages_table(), make.predictions_table(), "number:Star", make.labels()[0]
        )


def test_displays_stand_missing_values_and_emptiness() -> None:
    empty = make.label_totals().slice(0, 0)
    run = make.cluster_run()
    bare = type(run)(**{**run.__dict__, "clusters": (), "share_unclustered": 1.0})
    balance = make.balance()
    unknown = type(balance)(
        **{**balance.__dict__, "balance": None, "coverage": None, "groups": (), "mode_shares": {}}
    )
    made = [
        charts.message_volume(empty, "week"),
        charts.label_trends(empty, "week"),
        charts.label_volumes(empty, "week"),
        charts.label_trend_table(empty, "week"),
        charts.cluster_sizes(bare),
        charts.cluster_treemap(bare),
        charts.balance_groups(unknown),
        charts.mode_shares(unknown),
        charts.coverage(unknown),
    ]
    for display in made:
        ET.fromstring(display.svg())
        json.dumps(display.spec())
        assert "n" in display.frame().columns
    assert "not known" in charts.coverage(unknown).caption.lower()


def test_the_map_marks_where_random_reviewing_would_hardly_leave_it() -> None:
    frame = charts.balance_map(make.map_data()).frame()
    assert frame["n"].sum() == 1000
    assert frame["n_reviewed"].sum() == int(make.map_data().reviewed.sum())
    few, many = (frame.filter(pl.col("verdict") == verdict) for verdict in ("too few", "too many"))
    assert few.height and many.height
    assert few["x"].min() > 5  # the heap of which hardly any is reviewed
    assert many["y"].min() > 4  # the one of which most is
    assert (few["n_reviewed"] < few["expected"]).all()


def test_the_map_of_random_reviews_marks_nothing_at_the_stated_rate() -> None:
    """Of many squares, and a small part reviewed: 196 at 5 % each would mark every map, 5 % over all hardly any."""
    random = np.random.default_rng(1)
    n, n_reviewed, n_maps = 20_000, 2_000, 60
    points = replace(
        make.map_data(),
        uids=tuple(Uid(f"s1.m{i}") for i in range(n)),
        xy=random.uniform(0, 10, (n, 2)).astype(np.float32),
        cluster=np.zeros(n, dtype=np.int32),
        label=np.full(n, -1, dtype=np.int32),
    )
    marked = 0
    for _ in range(n_maps):
        drawn = np.zeros(n, dtype=bool)
        drawn[random.permutation(n)[:n_reviewed]] = True
        frame = charts.balance_map(replace(points, reviewed=drawn)).frame()
        assert frame.height == 196
        marked += bool((frame["verdict"] != "as expected").any())
    # 3 standard deviations above 5 % of 60.
    assert marked <= 8


def test_a_map_without_reviews_or_messages_is_drawn_as_such() -> None:
    nobody = replace(make.map_data(), reviewed=np.zeros(1000, dtype=bool))
    assert set(charts.balance_map(nobody).frame()["verdict"]) == {"as expected"}
    assert charts.balance_map(None).frame().is_empty()


def test_a_label_over_time_shows_its_level_before_and_now() -> None:
    drift, label = make.drift(), make.labels()[2]
    shown = charts.label_course(make.label_totals(), "week", label=label, drift=drift)
    frame = shown.frame()
    usual = frame.filter(pl.col("period") < drift.reference_end.date())
    level = (usual["share"] * usual["n"]).sum() / usual["n"].sum()
    before = next(line for line in shown.drawing.lines if line.name == "before")
    assert before.y == pytest.approx((level, level))
    assert "Change beyond chance and material" in shown.caption
    assert ((frame["low"] <= frame["share"]) & (frame["share"] <= frame["high"])).all()
    assert [line.name for line in charts.label_course(make.label_totals(), label=label).drawing.lines] == [
        label.name
    ]


def test_a_property_nobody_weighed_is_named_with_those_that_were() -> None:
    with pytest.raises(UnknownNameError, match="string:Region") as caught:
        charts.property_balance(make.balance(), "string:Region")
    assert "string:Team" in str(caught.value)


def test_figure_of_older_reports_are_told_by_their_change() -> None:
    new, old = charts.cluster_changes(make.drift()).drawing.rows
    assert new.text == "2.2–6.1\N{NO-BREAK SPACE}% new"
    assert old.text == "+2.0\N{NO-BREAK SPACE}points"


def test_names_on_the_chart_of_training_sizes_do_not_run_into_each_other() -> None:
    report = make.validation()
    places = ((0.10, 30), (0.11, 40), (0.12, 900), (0.60, 30))  # the second lies where the first's name is
    labels = tuple(
        replace(one, n_train=n, state="poor", average_precision=replace(one.average_precision, value=value))
        for one, (value, n) in zip(report.labels, places, strict=False)
    )
    drawn = charts.precision_by_training_size(replace(report, labels=labels)).drawing.points[0].labels
    assert drawn == (labels[0].name, "", labels[2].name, "")
