"""Figures on a screen: drawn, listed and said from one source; and the checks of screens, which bite."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import polars as pl
import pytest

from tests.unit.charts import make_results as make
from tests.unit.widgets.panels.screens import check_table, check_words, run
from workbench import charts
from workbench.charts.figure import numbers, schema
from workbench.door import Workspace
from workbench.widgets.elements import Chart, DataTable
from workbench.widgets.panels.figures import Said, calls_of, chart_of, code_of, draw, figures_in, fill
from workbench.widgets.state import PanelState


class Held:
    """Operations that know one validation."""

    def validation(self, _dataset_id: str, _version: int) -> Any:
        return make.validation()


WS = Workspace(Held(), address="made")  # type: ignore[arg-type]
COLUMNS = [{"key": "label", "title": "Label"}, {"key": "n_test", "title": "Test", "kind": "number"}]


def test_a_table_shows_the_frame_and_offers_the_code_that_gives_it() -> None:
    table, figure = DataTable(columns=COLUMNS), charts.validation_labels(make.validation())
    fill(table, figure)
    assert [row["n_test"] for row in table._rows] == figure.frame()["n_test"].to_list()
    assert set(table._rows[0]) == {"label", "n_test"}, "what no column shows stays here"
    assert run(table.code, WS)["figure"].frame().equals(figure.frame())
    fill(table, None)
    assert (table.total, table.code, table.figure) == (0, "", None)


def test_columns_of_words_are_made_of_the_row() -> None:
    table = DataTable(columns=[*COLUMNS, {"key": "said", "title": "Said"}])
    figure = charts.validation_labels(make.validation())
    fill(table, figure, words=lambda row: {"said": f"{row['n_test']} of {row['n_pins']}"})
    check_table(table, figure.frame())
    with pytest.raises(KeyError, match="said"):
        fill(table, figure)


def test_a_picture_offers_the_code_that_gives_it() -> None:
    chart = chart_of(charts.rating_dial(make.validation()))
    assert run(chart.code, WS)["figure"].frame().equals(charts.rating_dial(make.validation()).frame())
    draw(chart, None)
    assert (chart.code, chart.spec, chart.figure) == ("", "", None)


def test_words_that_are_set_without_figures_keep_none() -> None:
    heard: list[tuple[charts.Figure, ...]] = []
    place = Said(lambda: heard.append(place.figures) if hasattr(place, "comm") else None)
    figure = charts.validation_summary(make.validation())
    place.say("<p>412</p>", figure)
    assert place.figures == (figure,) and heard[-1] == (figure,)
    place.value = "<p>Something else</p>"
    assert place.figures == () and heard[-1] == ()


def test_figures_are_those_on_the_screen_in_its_order() -> None:
    report = make.validation()
    said, chart = Said(), chart_of(charts.rating_dial(report))
    said.say("412", charts.validation_summary(report))
    hidden = ipw.VBox([chart_of(charts.rating_dial(report))], layout=ipw.Layout(display="none"))
    screen = ipw.VBox([ipw.HBox([said]), hidden, chart, Chart(), DataTable(columns=COLUMNS)])
    assert [place for place, _ in figures_in(screen)] == [said, chart]


def test_names_end_neither_a_comment_nor_a_text() -> None:
    figure = numbers(
        [{"n": 1}],
        schema(Int64=("n",)),
        title="a\nimport os; os.abort()\u2028b",
        caption="",
        line="charts.x('\\n')",
    )
    code = calls_of([figure, figure])
    assert code.splitlines()[-2:] == ["# a import os; os.abort() b", "charts.x('\\n').frame()"]
    assert code.count("charts.x") == 1, "one call for one figure"
    assert calls_of([]) == ""


def test_code_imports_what_it_names() -> None:
    line = "charts.f(date(2026, 3, 2), MessageFilter(labels=(LabelFilter(label_id='a'),)), ActionCosts(missed=1))"
    code = code_of(numbers([], schema(Int64=("n",)), title="", caption="", line=line))
    assert code.splitlines()[0] == "from datetime import date"
    assert "from workbench.domain import ActionCosts, LabelFilter, MessageFilter" in code
    assert "datetime" not in PanelState().code("ds.x()") and "charts" not in PanelState().code("ds.x()")
    assert "from datetime import UTC, datetime\n" in PanelState().code(
        "ds.x(since=datetime(2026, 1, 1, tzinfo=UTC))"
    )


@pytest.mark.parametrize(
    "words",
    [
        "<b>413</b> messages",
        "<p>75.2 %</p>",
        "0.743",
        "from 70 % to 79 %",
        "1,412",
        "<p>version 44</p>",
        "74 of 5",
    ],
)
def test_a_number_that_stands_in_no_frame_is_found(words: str) -> None:
    said = Said()
    said.say(words, charts.validation_summary(make.validation()))
    with pytest.raises(AssertionError, match="stands in no frame"):
        check_words(said)


@pytest.mark.parametrize(
    "words", ["<b>412</b> messages (95 % interval 70 % to 78 %)", "74.2 %", "0.74", "1,650", "version 4"]
)
def test_a_number_of_the_frame_is_known_as_it_is_written(words: str) -> None:
    said = Said()
    said.say(words, charts.validation_summary(make.validation()))
    check_words(said)
    with pytest.raises(AssertionError, match="stands in no frame"):
        check_words(ipw.HTML(words))


def test_a_table_that_shows_something_else_is_found() -> None:
    table, figure = DataTable(columns=COLUMNS), charts.validation_labels(make.validation())
    fill(table, figure)
    check_table(table, figure.frame())
    with pytest.raises(AssertionError):
        check_table(table, figure.frame().with_columns(pl.col("n_test") + 1))
