"""Panels through their state and public methods."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.widgets.panels.conftest import mail_csv
from workbench.domain import MessageFilter
from workbench.door import Dataset
from workbench.widgets.panels import (
    AnnotatePanel,
    DiscoverPanel,
    MonitorPanel,
    Panel,
    ValidationPanel,
)
from workbench.widgets.panels.importing import ImportWizard
from workbench.widgets.panels.steps import CHECK, COLUMNS, DONE


@pytest.fixture
def show(dataset: Dataset) -> Iterator[Callable[[type[Panel]], Panel]]:
    """Make a panel on the dataset; closed afterwards."""
    made: list[Panel] = []

    def make(kind: type[Panel]) -> Panel:
        made.append(kind(dataset))
        return made[-1]

    yield make
    for panel in made:
        panel.close()


def until(fact: Callable[[], object], *, patience_s: float = 60) -> None:
    """Wait until something that another thread does is so."""
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def upload(box: ImportWizard, file: Path, upload_id: str = "one") -> None:
    """Hand a file over as the browser does."""
    box.begin(upload_id, file.name, file.stat().st_size)
    box.receiver.take_piece(upload_id, 0, file.read_bytes())
    box.finish(upload_id, file.name, file.stat().st_size)


def counted(box: ImportWizard) -> None:
    """Let the wizard count what the import would do."""
    box.next()
    until(lambda: box.step == CHECK and "Running" not in box.hint.value)  # the hint is what is set last


def load(panel: DiscoverPanel, file: Path) -> None:
    """Import a file with the guessed roles and wait until it is there."""
    upload(panel.importer, file)
    counted(panel.importer)
    if panel.importer.bad_rows._rows:
        panel.importer.bad_choice.value = "skip"
    panel.importer.next()
    until(lambda: panel.importer.step == DONE and not panel.importer._busy)


def test_panels_of_an_empty_dataset_say_what_to_do_and_draw_no_empty_axes(
    show: Callable[[type[Panel]], Panel],
) -> None:
    discover, annotate = show(DiscoverPanel), show(AnnotatePanel)
    validation, monitor = show(ValidationPanel), show(MonitorPanel)
    assert discover.intake.selected_index == 0 and discover._rest.layout.display == "none"
    assert annotate.card.empty_text == "There are no messages yet. Import some in Discover."
    assert "Review some messages in Annotate" in validation.headline.value
    assert "train one in Annotate first" in monitor.headline.value and monitor.run_button.disabled
    assert monitor._time_part.layout.display == "none" and not monitor.volume.spec


def test_an_import_says_what_it_changed_and_which_rows_it_left_out(
    show: Callable[[type[Panel]], Panel], dataset: Dataset, tmp_path: Path
) -> None:
    panel = show(DiscoverPanel)
    load(panel, mail_csv(tmp_path / "mail.csv", 40, bad=(7, 9)))
    box = panel.importer
    assert "<b>38</b><span>new" in box.result.value and "<b>38</b><span>units charged" in box.result.value
    assert "rows-left-out.csv" in box.result.value
    assert [(row["row"], row["column"], row["value"]) for row in box.bad_rows._rows] == [
        (7, "date", "someday"),
        (9, "date", "someday"),
    ]
    until(lambda: panel._rest.layout.display is None)
    assert dataset.info.n_messages == 38
    assert panel.intake.selected_index == 0  # the outcome stays on screen


def test_the_drop_area_names_the_limit_that_the_server_keeps(
    show: Callable[[type[Panel]], Panel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "workbench.toml").write_text("import_max_bytes = 4096\n", "utf-8")
    monkeypatch.setenv("WORKBENCH_FILE", str(tmp_path / "panels.duckdb"))
    assert show(DiscoverPanel).importer.drop.max_bytes == 4096


def test_the_guess_reaches_the_import_whole(
    show: Callable[[type[Panel]], Panel], dataset: Dataset, tmp_path: Path
) -> None:
    file = mail_csv(tmp_path / "mail.csv", 30)
    text = file.read_text("utf-8").replace("2026-03-", "").replace(" 09:00", "/03/2026")
    file.write_text(text, "utf-8")  # 02/03/2026 and so on: some day is above 12, so the day comes first
    panel = show(DiscoverPanel)
    upload(panel.importer, file)
    mapping = panel.importer.mapping()
    assert (
        mapping.day_first is True and mapping.recipients == "to" and mapping.properties == {"tier": "string"}
    )
    panel.importer.dates.value = "month"
    assert panel.importer.mapping().day_first is False
    panel.importer.dates.value = "day"
    counted(panel.importer)
    panel.importer.next()
    until(lambda: panel.importer.step == DONE)
    newest = dataset.operations.find_messages(dataset.dataset_id, MessageFilter(), limit=1).messages[0]
    assert newest.timestamp == datetime(2026, 3, 28, tzinfo=UTC) and newest.recipients == ("help@x.example",)


def test_nothing_is_counted_before_the_columns_are_chosen(
    show: Callable[[type[Panel]], Panel], tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b,c\n1,soon,hello\n2,later,there\n", "utf-8")
    box = show(DiscoverPanel).importer
    upload(box, file)
    assert box.step == COLUMNS and set(box.roles.chosen.values()) == {"string"}
    assert box.next_button.disabled and "Unique id, Time, Text" in box.hint.value
    for column, role in (("a", "id"), ("b", "timestamp"), ("b", "body")):
        box.roles.choose(column, role)
    assert box.next_button.disabled and "Choose a column for: Time" in box.hint.value
    box.roles.choose("b", "timestamp")
    box.roles.choose("c", "body")
    assert not box.next_button.disabled
    assert (box.mapping().id, box.mapping().timestamp, box.mapping().body) == ("a", "b", "c")


def test_after_an_import_that_failed_the_columns_are_there_again(
    show: Callable[[type[Panel]], Panel], tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b,c\n1,soon,hello\n2,later,there\n", "utf-8")
    panel = show(DiscoverPanel)
    box = panel.importer
    upload(box, file)
    for column, role in (("a", "id"), ("b", "timestamp"), ("c", "body")):
        box.roles.choose(column, role)
    box.next()
    assert box.next_button.disabled
    until(lambda: not box._busy)
    assert panel.progress.state == "failed" and "'b'" in panel.progress.error
    assert not panel.progress.resumable  # the step's own button does it again
    assert box.step == COLUMNS and box.roles.chosen["a"] == "id" and not box.next_button.disabled
    panel.progress._dismiss()
    assert panel.progress.layout.display == "none"


def test_a_message_is_read_whole_and_as_text(
    show: Callable[[type[Panel]], Panel], dataset: Dataset, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.csv"
    file.write_text(
        'id,date,subject,text\nh1,2026-03-01,<b>S</b>,"<script>x</script> & ""q"" '
        + "word " * 4000
        + '"\nh2,2026-03-02,,second message of this file\n',
        "utf-8",
    )
    panel = show(DiscoverPanel)
    load(panel, file)
    oldest = dataset.operations.find_messages(dataset.dataset_id, MessageFilter()).messages[-1]
    panel.listing.read(oldest.uid)
    page = panel.reader._page.value
    assert "<script" not in page and "&lt;script&gt;x&lt;/script&gt; &amp; &quot;q&quot;" in page
    assert "&lt;b&gt;S&lt;/b&gt;" in page and page.count("word") == 4000
    assert panel.reader.shown and panel.found.height < 568
    panel.filter()
    assert not panel.reader.shown and panel.found.height == 568


def test_what_an_element_asks_for_and_cannot_have_is_said_in_the_panel(
    show: Callable[[type[Panel]], Panel],
) -> None:
    panel = show(DiscoverPanel)
    panel.found._open("0" * 16 + ".gone")
    assert panel.notice.title == "this message is gone."
    panel._job_id = hashlib.sha256(b"no job").hexdigest()[:16]
    panel.progress._cancel()
    assert panel.notice.level == "error" and "job" in panel.notice.title


def test_a_label_chosen_in_the_tree_is_taught(
    show: Callable[[type[Panel]], Panel], dataset: Dataset, tmp_path: Path
) -> None:
    load(show(DiscoverPanel), mail_csv(tmp_path / "mail.csv", 30))
    refund = dataset.operations.create_label(dataset.dataset_id, "Refund").label_id
    other = dataset.operations.create_label(dataset.dataset_id, "Thanks").label_id
    panel = show(AnnotatePanel)
    panel.tree.selected_ids = [refund]
    assert (panel.mode.value, panel.label.value, panel.state.label) == ("teach", refund, "Refund")
    panel.mode.value = "label"
    panel.tree.selected_ids = [other]
    assert (panel.mode.value, panel.state.label) == ("label", "Thanks")
    panel.mode.value = "shuffle"
    assert panel.tree.selected_ids == [] and panel.state.label == ""
    assert panel.tree.renames and panel.tree.changes and panel.tree.undoes == ""


def test_an_annotation_queue_without_messages_says_why(
    show: Callable[[type[Panel]], Panel], tmp_path: Path
) -> None:
    load(show(DiscoverPanel), mail_csv(tmp_path / "mail.csv", 30))
    panel = show(AnnotatePanel)
    panel.mode.value = "search"
    assert panel.card.empty_text == "Type words to search for." and not panel.card.queue
    panel.search.value = "zeppelin"
    assert panel.card.empty_text == "No message has these words."
    panel.mode.value = "teach"
    assert panel.card.empty_text.startswith("There is no label yet.")


def test_messages_that_come_in_disturb_nobody_who_reads_or_maps_a_file(
    show: Callable[[type[Panel]], Panel], dataset: Dataset, tmp_path: Path
) -> None:
    mine, other = show(DiscoverPanel), show(DiscoverPanel)
    load(other, mail_csv(tmp_path / "mail.csv", 30))
    until(lambda: mine.found.total == 30 and "<b>30</b> messages" in mine._status.value)
    shown = mine.listing.page(0, 1)[0]["id"]
    mine.listing.read(shown)
    upload(mine.importer, mail_csv(tmp_path / "more.csv", 40))
    mine.intake.selected_index = 0
    other.importer.next()
    upload(other.importer, tmp_path / "more.csv")
    counted(other.importer)
    other.importer.next()
    until(lambda: "<b>10</b><span>new" in other.importer.result.value and other.importer.step == DONE)
    until(lambda: "<b>40</b> messages" in mine._status.value)
    assert mine.reader.shown and mine.intake.selected_index == 0
    mine.listing.close()
    mine.filter()
    assert mine.found.total == 40
