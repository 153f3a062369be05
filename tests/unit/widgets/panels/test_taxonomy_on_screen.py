"""The taxonomy on screen: foreseen in a form, changed in one step, read again, and taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.widgets.panels.conftest import mail_csv
from workbench.domain import TaxonomyStep
from workbench.door import Dataset, Workspace
from workbench.errors import FileFormatError, InputError
from workbench.widgets.elements import Form, TaxonomyTree
from workbench.widgets.panels import AnnotatePanel, TaxonomyPanel
from workbench.widgets.panels.taxonomy_words import to_undo


@pytest.fixture
def filled(dataset: Dataset, tmp_path: Path) -> Dataset:
    """Eight messages, three of them with labels of a small tree."""
    Workspace(dataset.operations, address="").import_(
        mail_csv(tmp_path / "mail.csv", 8), source="demo/mail", progress=False
    )
    uids = dataset.messages()["uid"].to_list()
    for uid, name in zip(uids, ("Claims > Motor", "Claims > Motor", "Money back"), strict=False):
        dataset.annotate(uid, name, create=True)
    dataset.create_label("Products")
    return dataset


@pytest.fixture
def panel(filled: Dataset) -> Iterator[TaxonomyPanel]:
    made = TaxonomyPanel(filled)
    yield made
    made.close()


def ids(tree: TaxonomyTree) -> dict[str, str]:
    """Labels of a tree by path, in its order."""
    return {str(one["path"]): str(one["id"]) for one in tree.labels}


def want(tree: TaxonomyTree, action: str, *labels: str, to: str = "") -> None:
    """Make a gesture as the browser does; labels by path."""
    known = ids(tree)
    told = [known[one] for one in labels]
    content = {"type": "gesture", "action": action, "label_ids": told, "target_id": known.get(to, "")}
    tree._handle_custom_msg(content, [])


def answer(form: Form, **values: Any) -> None:
    """Press the button of the form."""
    assert form.shown
    form._handle_custom_msg({"type": "submit", "values": {**form.values, **values}}, [])


def test_a_rename_is_foreseen_made_and_taken_back(panel: TaxonomyPanel) -> None:
    editor, tree, form = panel.editor, panel.editor.tree, panel.editor.form
    assert [(one["path"], one["count"], one["predicted"]) for one in tree.labels][:2] == [
        ("Claims", 2, 0),
        ("Claims > Motor", 2, 0),
    ]
    motor = ids(tree)["Claims > Motor"]
    tree.selected_ids = [motor]
    sent: list[dict[str, Any]] = []
    tree.send = lambda content, buffers=None: sent.append(content)
    tree._handle_custom_msg({"type": "rename", "label_id": motor, "name": "Cars"}, [])
    assert form.title == "Rename 'Claims > Motor' to 'Claims > Cars'" and form.submit == "Rename"
    assert form.text == "No annotated message changes."
    assert "Claims > Motor" in ids(tree)  # nothing is done before the button
    answer(form)
    assert not form.shown and ids(tree)["Claims > Cars"] == motor and tree.selected_ids == [motor]
    assert tree.said.startswith("Done: rename 'Claims > Motor' to 'Claims > Cars'; no annotated message")
    assert sent[-1] == {"type": "focus", "label_id": motor}
    assert tree.undoes == "rename 'Claims > Motor' to 'Claims > Cars'"
    want(tree, "undo")
    assert form.submit == "Undo" and not tree.said
    answer(form)
    assert "Claims > Motor" in ids(tree) and tree.undoes == ""
    assert tree.said.startswith("Taken back: rename 'Claims > Motor'") and "Ctrl+Z" not in tree.said
    editor.rename(ids(tree)["Claims"], "Cases")
    assert form.text.endswith("With 1 label below it.")
    editor.rename(motor, "Motor")
    assert tree.said == "Nothing would change." and not form.shown


def test_what_cannot_be_done_is_said_above_the_tree_or_in_the_form(panel: TaxonomyPanel) -> None:
    tree, form = panel.editor.tree, panel.editor.form
    want(tree, "undo")
    assert "has no change of its taxonomy to undo" in tree.error and not form.shown
    sent: list[dict[str, Any]] = []
    tree.send = lambda content, buffers=None: sent.append(content)
    tree._handle_custom_msg({"type": "rename", "label_id": ids(tree)["Products"], "name": "Claims"}, [])
    assert tree.error.startswith("a label named 'Claims' exists already.")
    assert sent[-1] == {"type": "refused"}  # and the name typed is there to be mended
    want(tree, "move", "Claims", to="Claims > Motor")
    assert "below itself" in tree.error
    tree._handle_custom_msg({"type": "new", "path": "x" * 65}, [])
    assert "at most 64" in tree.error and sent[-1] == {"type": "refused"}
    tree._handle_custom_msg({"type": "gesture", "action": "delete", "label_ids": ["gone"]}, [])
    assert tree.error.startswith("unknown label 'gone'.")
    want(tree, "merge", "Money back")
    assert tree.error == "" and "Claims > Motor" in [one["title"] for one in form.fields[0]["options"]]
    answer(form)
    assert form.errors == {"name": "This is needed."}
    answer(form, name="Product")
    assert "did you mean 'Products'?" in form.errors["name"]
    form._handle_custom_msg({"type": "cancel"}, [])
    tree._handle_custom_msg({"type": "gesture", "action": "drop", "label_ids": []}, [])
    assert not form.shown and len(tree.labels) == 4
    tree._handle_custom_msg({"type": "new", "path": "Claims > Motor > Glass > Front"}, [])
    assert tree.said.startswith("Made. Label 'Claims > Motor > Glass > Front' is more than 3 levels deep.")


def test_labels_are_moved_merged_ordered_described_and_deleted(panel: TaxonomyPanel, filled: Dataset) -> None:
    tree, form = panel.editor.tree, panel.editor.form
    motor = ids(tree)["Claims > Motor"]
    want(tree, "move_to", "Claims > Motor")
    assert [one["title"] for one in form.fields[0]["options"]] == ["Claims", "Money back", "Products"]
    answer(form, name="Products")  # as typed, where the list gives the id
    assert form.text.splitlines()[0] == "2 annotated messages change." and form.submit == "Move"
    answer(form)
    assert ids(tree)["Products > Motor"] == motor and "2 annotated messages changed" in tree.said
    want(tree, "move", "Products > Motor")
    answer(form)
    assert ids(tree)["Motor"] == motor
    want(tree, "order", "Products", "Motor", "Money back", "Claims")
    assert list(ids(tree)) == ["Products", "Motor", "Money back", "Claims"] and not form.shown
    want(tree, "merge", "Motor", "Money back")
    assert form.title == "Merge 'Motor', 'Money back'"
    answer(form, name=ids(tree)["Claims"])
    assert "· Claims: on 3 more" in form.text and "· Motor goes: on 2 fewer" in form.text
    answer(form)
    assert [(one["path"], one["count"]) for one in tree.labels] == [("Products", 0), ("Claims", 3)]
    want(tree, "describe", "Claims")
    answer(form, instructions="Something broke.", title="All claims")
    assert tree.labels[1]["note"] == "Something broke." and filled.info.n_reviewed == 3
    want(tree, "delete", "Claims")
    assert form.danger and "last label of 3 of them" in form.text
    answer(form, emptied="unreviewed")
    assert list(ids(tree)) == ["Products"] and filled.info.n_reviewed == 0
    want(tree, "undo")
    answer(form)
    assert list(ids(tree)) == ["Products", "Claims"] and filled.info.n_reviewed == 3
    want(tree, "delete", "Products")
    assert form.fields == []


def test_chosen_messages_of_a_label_are_split_off_and_taken_back(panel: TaxonomyPanel) -> None:
    tree, form, splitting = panel.editor.tree, panel.editor.form, panel.editor.splitting
    found = splitting.listing.found
    assert splitting.widget.layout.display == "none"
    want(tree, "split", "Claims > Motor")
    assert form.title == "Split 'Claims > Motor'" and splitting.widget.layout.display is None
    assert found.total == 2
    answer(form, name="Glass")
    assert form.errors[""].startswith("no message is selected.")
    splitting.words.value = "charged"
    chosen = [str(one["id"]) for one in splitting.listing.page(0, 9)]
    assert len(chosen) == found.total == 1
    found.selected_ids = chosen
    answer(form, name="A > B")
    assert "a name of one is wanted" in form.errors[""]
    answer(form, name="Glass", place="beside")
    assert form.title == "Split 'Claims > Motor' into 'Glass'" and form.submit == "Split"
    assert splitting.widget.layout.display == "none"
    assert form.text.splitlines()[0] == "1 annotated message changes."
    assert "· Claims > Glass comes: on 1 more" in form.text
    form._handle_custom_msg({"type": "cancel"}, [])
    want(tree, "split", "Claims > Motor")
    assert (form.values["name"], splitting.words.value, found.selected_ids) == ("Glass", "charged", chosen)
    answer(form)
    answer(form)
    counts = {one["path"]: one["count"] for one in tree.labels}
    assert (counts["Claims"], counts["Claims > Glass"], counts["Claims > Motor"]) == (2, 1, 1)
    want(tree, "undo")
    assert form.title == "Undo: split 'Claims > Motor' into 'Glass'"
    answer(form)
    assert "Claims > Glass" not in ids(tree)
    want(tree, "split", "Claims > Motor")
    assert (form.values["name"], splitting.words.value, found.selected_ids) == ("", "", [])
    splitting.words.value = "x" * 2_001
    assert "has 2,001 characters" in form.errors[""]


def test_a_file_is_saved_foreseen_and_read(panel: TaxonomyPanel, filled: Dataset) -> None:
    files, form, tree = panel.files, panel.editor.form, panel.editor.tree
    assert files.content().startswith(b"\xef\xbb\xbflabel,description,external_id\r\nClaims,")
    files.import_button.click()
    assert files.drop.layout.display is None
    with pytest.raises(FileFormatError, match=r"labels\.csv is not UTF-8 at byte 5"):
        files.read("labels.csv", b"label\xff")
    with pytest.raises(InputError, match="1 of 2 rows cannot be used") as refused:
        files.read("labels.csv", b"label\nA > > B\nNew\n")
    assert refused.value.next_step.startswith("Row 1, label: ")
    content = b"label,description\nClaims,Broken things\nNew > Below,\n"
    for message, buffers in (
        ({"type": "start", "upload_id": "u", "name": "labels.csv", "n_bytes": len(content)}, []),
        ({"type": "piece", "upload_id": "u", "index": 0}, [memoryview(content)]),
        ({"type": "end", "upload_id": "u", "name": "labels.csv"}, []),
    ):
        files.drop._handle_custom_msg(message, buffers)
    assert form.title == "Import labels.csv" and form.text.startswith("2 rows: 2 new labels, 1 changed, 0 as")
    assert len(tree.labels) == 4
    answer(form)
    assert "New > Below" in ids(tree) and files.drop.layout.display == "none"
    assert tree.said.startswith("Done: import of labels.csv; 2 labels made, 1 changed.")
    assert filled.info.n_labels == 6


def test_annotate_keeps_its_queue_and_shows_what_a_change_made_of_it(filled: Dataset) -> None:
    panel = AnnotatePanel(filled)
    try:
        assert panel.label.value == ids(panel.tree)["Claims"]  # a mode about a label has one to begin with
        panel.mode.value = "recent"
        panel.card.queue = panel._rows(panel._read(filled.messages()["uid"].to_list()))
        want(panel.tree, "move", "Claims > Motor", to="Products")
        answer(panel.taxonomy.form)
        products = ids(panel.tree)["Products"]
        end = time.monotonic() + 20
        while sum(products in row["assigned"] for row in panel.card.queue) < 2:
            assert time.monotonic() < end, "the queue was not read again"
            time.sleep(0.02)
        assert len(panel.card.queue) == 8 and panel.mode.value == "recent"
        panel.tree.selected_ids = [ids(panel.tree)["Money back"]]
        panel.taxonomy.rename(ids(panel.tree)["Money back"], "Refund")
        answer(panel.taxonomy.form)
        assert panel.state.label == "Refund" and "'Refund'" in panel.code.code
        want(panel.tree, "undo")
        answer(panel.taxonomy.form)
        want(panel.tree, "delete", "Money back")
        answer(panel.taxonomy.form)
        assert panel.tree.selected_ids == []
    finally:
        panel.close()


def test_what_an_undo_takes_back_is_the_newest_step_that_stands() -> None:
    step = TaxonomyStep(
        step_id="a",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        actor="anna",
        action="move",
        summary="move",
        n_messages=0,
    )
    back = replace(step, action="undo", summary="undo: rename", undoes="b")
    assert to_undo([back, replace(step, undone=True), step], 100) == "move"
    assert to_undo([back], 1) == "an earlier change" and to_undo([back], 2) == "" == to_undo([], 100)
