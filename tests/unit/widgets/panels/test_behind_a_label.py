"""The test messages behind a label's figures, on the Validation screen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from workbench.door import Dataset
from workbench.widgets.panels import ValidationPanel


@pytest.fixture
def panel(dataset: Dataset) -> Iterator[ValidationPanel]:
    """On a model that knows two labels."""
    ops, did = dataset.operations, dataset.dataset_id
    ops.put_messages(ops.sources()[0].source_id, batch(200), "first", 200)
    say(ops, did, 190)
    train(ops, did)
    made = ValidationPanel(dataset)
    yield made
    made.close()


def test_the_messages_of_each_cell_follow_label_and_threshold(
    panel: ValidationPanel, dataset: Dataset
) -> None:
    part = panel.behind
    names = dict(panel.label.options)
    panel.label.value = names["Refund"]
    assert part.found is not None and part.found.name == "Refund"
    assert part.view.value == "false_positive"
    for threshold in (0.0, 0.5, 1.0):
        panel.typed.value = 100 * threshold
        assert part.found.threshold == threshold
        for words, outcome in part.view.options[:4]:
            part.view.value = outcome
            n = getattr(part.found.counts, outcome)
            assert words.endswith(f" {n:,}") and part.messages.total == n
            rows = part.messages._answer_page({"offset": 0, "limit": 1000}, [])
            assert len(rows) == n
            for row in rows:
                said, *carried = row["labels"]
                assert (said["path"], said["state"]) == ("Refund", "predicted")
                assert (said["probability"] >= threshold - 1e-6) is outcome.endswith("positive")
                carries = any(one["path"] == "Refund" for one in carried)
                assert carries is (outcome in ("true_positive", "false_negative"))
    assert part.found.counts.n == panel.report.n_test


def test_mixed_up_labels_are_a_way_to_them(panel: ValidationPanel, dataset: Dataset) -> None:
    part = panel.behind
    say(dataset.operations, dataset.dataset_id, 190, twisted=True)  # what was right is the other label now
    panel.label.value = dict(panel.label.options)["Refund"]
    panel.slider.value = 0.3
    assert part.found.threshold == 0.3
    part.view.value = "mixed_up"
    assert part._shown.children == (part.mixed,) and part.view.options[4][0].endswith(
        str(len(part.found.mixed_up))
    )
    assert part.found.mixed_up, "one label stands for the other"
    assert {row["label"] for row in part.mixed._rows} == {one.name for one in part.found.mixed_up}
    part.mixed._open(part.found.mixed_up[0].name)
    assert (
        panel.chosen().name == part.found.name == part.mixed._rows[0]["label"] or part.found.name != "Refund"
    )


def test_groups_and_a_whole_message(panel: ValidationPanel) -> None:
    part = panel.behind
    assert [value for _, value in part.by.options][:3] == ["source", "language", "month"]
    part.view.value = "groups"
    (row,) = part.groups._rows
    assert (row["value"], row["n"]) == ("demo/mail", panel.report.n_test)
    part.by.value = "month"
    assert sum(row["n"] for row in part.groups._rows) == panel.report.n_test
    part.view.value = "true_negative"
    first = part.messages._answer_page({"offset": 0, "limit": 1}, [])[0]
    part.messages._opened(first["id"])
    assert part.reader.shown
    part.view.value = "true_positive"
    assert not part.reader.shown


def test_a_label_that_is_gone_says_so(panel: ValidationPanel, dataset: Dataset) -> None:
    labels = {one.name: one.label_id for one in dataset.operations.labels(dataset.dataset_id)}
    panel.label.value = dict(panel.label.options)["Refund"]
    dataset.operations.delete_label(dataset.dataset_id, labels["Refund"], "reviewed")
    panel.show_behind()
    assert "unknown label of this version" in panel.behind.means.value
    assert panel.behind.view.layout.display == "none" and panel.behind._shown.children == ()


def test_figures_are_shown_before_the_messages_behind_them_are_read(dataset: Dataset) -> None:
    ops, did = dataset.operations, dataset.dataset_id
    ops.put_messages(ops.sources()[0].source_id, batch(200), "first", 200)
    say(ops, did, 190)
    train(ops, did)

    async def visit() -> None:
        panel = ValidationPanel(dataset)
        try:
            assert "Mean average precision" in panel.headline.value and panel.rating.spec
            assert panel.behind.found is None
            shown = asyncio.Event()
            panel.behind.means.observe(lambda _: shown.set(), "value")
            await asyncio.wait_for(shown.wait(), 60)
            assert panel.behind.found is not None and panel.behind.found.label_id == panel.label.value
        finally:
            panel.close()

    asyncio.run(visit())
