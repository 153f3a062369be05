"""The tabs of the Validation screen: labels, general fields, extractions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import ipywidgets as ipw
import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from tests.unit.charts import make_results as make
from tests.unit.widgets.panels.conftest import new_dataset
from tests.unit.widgets.panels.screens import check_screen
from workbench import charts
from workbench.domain import Operations, ValidationReport
from workbench.door import Dataset, Workspace
from workbench.evaluate import field_set
from workbench.widgets.elements import Chart, DataTable, Tabs
from workbench.widgets.panels import ValidationPanel
from workbench.widgets.panels.field_tabs import FieldPart
from workbench.widgets.panels.figures import Said, rows_of
from workbench.widgets.state import PanelState


class Measured:
    """The operations of a workspace whose versions were measured on fields too."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

    def validation(self, *given: Any) -> ValidationReport | None:
        report = self._operations.validation(*given)
        made = make.validation()
        return report and replace(report, general_fields=made.general_fields, extractions=made.extractions)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """A dataset with a version; nothing here changes it."""
    for made in new_dataset(tmp_path_factory.mktemp("fields")):
        ops, did = made.operations, made.dataset_id
        ops.put_messages(ops.sources()[0].source_id, batch(200), "first", 200)
        say(ops, did, 190)
        train(ops, did)
        yield made


@pytest.fixture
def measured(trained: Dataset) -> Dataset:
    return Dataset(Measured(trained.operations), trained.dataset_id)  # type: ignore[arg-type]


@pytest.fixture
def panel(measured: Dataset) -> Iterator[ValidationPanel]:
    made = ValidationPanel(measured)
    yield made
    made.close()


def everything_in(widget: ipw.Widget) -> list[ipw.Widget]:
    return [widget, *(one for child in getattr(widget, "children", ()) for one in everything_in(child))]


def shown(panel: ValidationPanel) -> list[ipw.Widget]:
    return everything_in(panel.widget)


def test_a_tab_that_is_not_shown_has_no_widgets_on_the_page(panel: ValidationPanel) -> None:
    assert any(isinstance(one, Chart) for one in shown(panel)) and panel.fields is None
    panel.tabs.value = "fields"
    assert not any(isinstance(one, Chart) for one in shown(panel))
    first = panel.fields
    assert first is not None and first.table in shown(panel)
    panel.tabs.value = "extractions"
    assert panel.fields is not None and panel.fields.table in shown(panel)
    assert first.table not in shown(panel) and first.table.comm is None, "what was left is gone altogether"
    panel.tabs.value = "labels"
    assert panel.fields is None and panel.rating in shown(panel)
    assert not any(isinstance(one, DataTable) and one.title == "Extractions" for one in shown(panel))


def test_general_fields_are_a_table_with_their_average_above_it(panel: ValidationPanel) -> None:
    panel.tabs.value = "fields"
    assert panel.fields is not None and panel.fields.table is not None
    rows = panel.fields.table._answer_page({"offset": 0, "limit": 50}, [])
    assert [row["field"] for row in rows] == ["Policy number", make.HOSTILE, make.RTL, "Average"]
    assert rows[0]["f1"] == pytest.approx(2 * 74 / (82 + 85))
    first = rows_of(panel.fields.table.figure)[0]
    assert first["f1_low"] < first["f1"] < first["f1_high"]
    assert rows[1]["warning"] == "12 of 25 examples: annotate 13 more, best with Teach."
    assert (rows[0]["f1_range"], rows[0]["recall_range"]) == (
        "83–93\N{NO-BREAK SPACE}%",
        "82–95\N{NO-BREAK SPACE}%",
    )
    assert (rows[2]["f1"], rows[2]["f1_range"]) == (None, None)
    report = panel.report
    assert report is not None and report.general_fields is not None
    assert charts.field_average_words(report.general_fields.average) in panel.fields.headline.value
    assert "n = 85 annotated test values" in panel.fields.headline.value
    assert panel.code.code.endswith("ds.validation(1).general_fields")
    said = panel.fields.headline.value
    assert (
        said.count("<li>") == 2
        and "</bdi></b>: 12 of 25 examples: annotate 13 more, best with Teach.</li>" in said
    )
    assert "<script" not in said and "&lt;script&gt;" in said
    assert f"<li><b><bdi>{make.RTL}</bdi></b>: No example" in said, (
        "what turns the writing round is kept apart"
    )


def test_what_to_do_is_said_of_the_first_fields_only() -> None:
    known = make.field(1)
    report = replace(make.validation(), general_fields=field_set([known] * 9))
    part = FieldPart("fields", report, Said())
    try:
        assert part.headline.value.count("<li><b>") == 6
        assert "<li>3 more in the table.</li>" in part.headline.value
    finally:
        part.close()


def test_extractions_are_told_by_label_and_field(panel: ValidationPanel) -> None:
    panel.tabs.value = "extractions"
    assert panel.fields is not None and panel.fields.table is not None
    assert panel.fields.table.columns[0]["key"] == "label"
    rows = panel.fields.table._answer_page({"offset": 0, "limit": 50}, [])
    of_refund = [row["field"] for row in rows if row["label"] == make.NAMES[1]]
    assert of_refund == ["Whole extraction", "Policy number", make.RTL, "Average"]
    assert (rows[-1]["label"], rows[-1]["field"]) == ("All labels", "Average")
    assert rows_of(panel.fields.table.figure)[-1]["n_f1"] == 2
    assert panel.code.code.endswith("ds.validation(1).extractions")


def test_figures_of_fields_can_be_got_again(panel: ValidationPanel, measured: Dataset) -> None:
    ws = Workspace(measured.operations, address="test")
    for tab, wanted in (("fields", "field_table"), ("extractions", "extraction_table")):
        panel.tabs.value = tab
        assert wanted in check_screen(panel, ws)


def test_the_tab_is_kept_in_the_address(measured: Dataset) -> None:
    panel = ValidationPanel(measured, state=PanelState(part="extractions"))
    try:
        assert panel.tabs.value == "extractions" and panel.fields is not None
        panel.tabs.value = "fields"
        assert "part=fields" in panel.address.query
        panel.tabs.value = "labels"
        assert "part=" not in panel.address.query
        assert "ds.curve(" in panel.code.code
    finally:
        panel.close()


def test_an_address_of_another_page_shows_the_labels(measured: Dataset) -> None:
    panel = ValidationPanel(measured, state=PanelState(part="buckets"))
    try:
        assert panel.tabs.value == "labels" and panel.rating in shown(panel)
    finally:
        panel.close()


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("fields", "No general fields are enabled on this dataset, so this version was not measured on any."),
        (
            "extractions",
            "No label of this dataset has fields, so this version was not measured on extractions.",
        ),
    ],
)
def test_without_fields_a_tab_says_so(trained: Dataset, tab: str, said: str) -> None:
    panel = ValidationPanel(trained, state=PanelState(part=tab))
    try:
        assert panel.fields is not None and panel.fields.table is None
        assert said in panel.fields.headline.value
        assert "Its labels are measured: see Labels." in panel.fields.headline.value
    finally:
        panel.close()


def test_without_a_version_there_is_nothing_to_choose_from(dataset: Dataset) -> None:
    panel = ValidationPanel(dataset)
    try:
        assert panel._parts.layout.display == "none" and panel.fields is None
        assert isinstance(panel.tabs, Tabs)
    finally:
        panel.close()
