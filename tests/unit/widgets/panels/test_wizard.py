"""The import wizard through its state and public methods."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from xlsxwriter import Workbook

from tests.unit.widgets.panels.conftest import mail_csv
from tests.unit.widgets.panels.screens import check_screen
from tests.unit.widgets.panels.test_panels import counted, until, upload
from workbench.domain import (
    ImportReport,
    JobId,
    MessageFilter,
    Operations,
    RowError,
    SourceId,
    SyncCounts,
)
from workbench.door import Dataset, Workspace
from workbench.widgets.panels import SourcesPanel, outcome
from workbench.widgets.panels.columns import ROLES, warnings_of
from workbench.widgets.panels.importing import ImportWizard
from workbench.widgets.panels.outcome import left_out
from workbench.widgets.panels.steps import CHECK, COLUMNS, DONE, FILE


@pytest.fixture
def wizard(dataset: Dataset) -> Iterator[ImportWizard]:
    """The wizard of the sources page, open for the one source."""
    panel = SourcesPanel(dataset.operations)
    panel.act("upload", str(dataset.info.source_ids[0]))
    yield panel.wizard
    panel.close()


def test_each_step_says_what_will_happen_and_back_loses_nothing(
    wizard: ImportWizard, dataset: Dataset, tmp_path: Path
) -> None:
    assert wizard.step == FILE and wizard.next_button.layout.display == "none"
    upload(wizard, mail_csv(tmp_path / "mail.csv", 20, bad=(3,)))
    assert wizard.step == COLUMNS and "20 rows" in wizard.summary.value and "comma" in wizard.summary.value
    assert wizard.roles.chosen == {
        "id": "id", "date": "timestamp", "subject": "subject", "text": "body", "from": "sender", "to": "recipients",
        "tier": "string",
    }  # fmt: skip
    assert wizard.roles.columns[6] == {"name": "tier", "samples": ["gold"]}
    wizard.roles.choose("tier", "")
    counted(wizard)
    assert dataset.info.n_messages == 0 and dataset.operations.usage().units == 0
    assert wizard.next_button.description == "Import 19 messages for 19 units"
    assert [row["row"] for row in wizard.bad_rows._rows] == [3]
    coded = re.search(r"base64,([^\"]+)", wizard.result.value)
    assert coded and b"someday" in base64.b64decode(coded[1])
    wizard.back()
    assert wizard.step == COLUMNS and wizard.roles.chosen["tier"] == ""
    wizard.back()
    assert wizard.step == FILE and wizard.next_button.layout.display is None
    wizard.next()
    counted(wizard)
    assert wizard.next_button.disabled and "Choose what becomes of the 1 row" in wizard.hint.value
    wizard.bad_choice.value = "refuse"
    assert wizard.next_button.disabled and "Nothing is imported" in wizard.hint.value
    wizard.bad_choice.value = "skip"
    wizard.next()
    until(lambda: wizard.step == DONE)
    assert wizard.bad_rows.title == "Rows left out" and wizard.bad_choice.layout.display == "none"
    assert "Open Support" not in wizard.result.value  # a notebook has no other pages
    assert dataset.info.n_messages == 19 and dataset.operations.usage().units == 19


def test_errors_and_rows_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = tuple(
        RowError(row=row, column=column, value="", problem="is wrong")
        for row in (1, 2)
        for column in ("date", "id")
    )
    report = ImportReport(
        job_id=JobId("j"),
        source_id=SourceId("s"),
        file_name="m.csv",
        counts=SyncCounts(),
        n_rows=9,
        n_bad_rows=2,
        bad_rows=errors,
    )
    operations: Operations = None  # type: ignore[assignment]  # a report of so few is whole
    listed, title = left_out(operations, [report], dry=False)
    assert (len(listed), title) == (4, "Rows left out")
    monkeypatch.setattr(outcome, "MOST_BAD_ROWS", 3)
    listed, title = left_out(operations, [report], dry=False)
    assert (len(listed), title) == (3, "Rows left out: the first 3 errors, in 2 of 2 rows")
    monkeypatch.setattr(outcome, "MOST_BAD_ROWS", 5)
    listed, title = left_out(operations, [report, report], dry=False)
    assert (len(listed), title) == (5, "Rows left out: the first 5 errors, in 3 of 4 rows")


def test_mail_is_cleaned_and_reviews_stay_whole_unless_somebody_says_otherwise(
    wizard: ImportWizard, dataset: Dataset, tmp_path: Path
) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text(
        'id,date,text\nr1,2026-03-01,"A fine place to stay.\n\nBest regards\nKim Meyer"\n', "utf-8"
    )
    upload(wizard, file)
    assert wizard.clean.value and wizard.clean.layout.display is None  # a source of no kind in particular
    reviews = dataset.operations.create_source("demo", "reviews", kind="review")
    wizard.open_for(reviews)
    upload(wizard, file, "two")
    assert not wizard.clean.value
    wizard.roles.choose("text", "full_text")
    assert wizard.clean.layout.display == "none"  # texts that were taken apart are not cut
    wizard.roles.choose("text", "body")
    bodies = {}
    for cleans in (False, True):
        wizard.clean.value = cleans
        counted(wizard)
        wizard.next()
        until(lambda: wizard.step == DONE and not wizard._busy)
        bodies[cleans] = dataset.operations.sql("SELECT body FROM message")["body"].to_pylist()
        wizard.next()
        upload(wizard, file, f"again{cleans}")
    assert ["Kim Meyer" in "".join(bodies[cleans]) for cleans in (False, True)] == [True, False]


def test_the_button_keeps_its_words_while_it_runs(wizard: ImportWizard, tmp_path: Path) -> None:
    upload(wizard, mail_csv(tmp_path / "mail.csv", 10))
    counted(wizard)
    said: list[str] = []
    wizard.hint.observe(lambda _: said.append(wizard.next_button.description), "value")
    wizard.next()
    until(lambda: wizard.step == DONE and not wizard._busy)
    assert said[0] == "Import 10 messages for 10 units"


def test_a_second_import_says_what_it_changes_and_warns_of_fields(
    wizard: ImportWizard, tmp_path: Path
) -> None:
    file = mail_csv(tmp_path / "mail.csv", 10)
    upload(wizard, file)
    counted(wizard)
    wizard.next()
    until(lambda: wizard.step == DONE)
    wizard.next()
    upload(wizard, file, "again")
    counted(wizard)
    assert wizard.next_button.disabled and "Nothing to import" in wizard.hint.value
    wizard.back()
    wizard.back()
    file.write_text(file.read_text("utf-8").replace("case number 7", "case number 7, again"), "utf-8")
    upload(wizard, file, "changed")
    counted(wizard)
    assert wizard.next_button.description == "Import 1 message for 1 unit"
    assert "1 stored message changes" in wizard.result.value and "labels stay" in wizard.result.value


def test_several_files_of_the_same_columns_go_in_together(
    wizard: ImportWizard, dataset: Dataset, tmp_path: Path
) -> None:
    one, two = mail_csv(tmp_path / "a.csv", 10), mail_csv(tmp_path / "b.csv", 14)
    other = tmp_path / "c.csv"
    other.write_text("a,b,c\n1,2026-03-01,hello there\n", "utf-8")
    refused: list[str] = []
    wizard.drop.fail = lambda _id, error: refused.append(str(error))  # type: ignore[method-assign]
    for place, file in enumerate((one, two, other)):
        upload(wizard, file, f"u{place}")
    assert len(wizard.files) == 2 and "a.csv and 1 more" in wizard.summary.value
    assert "'c.csv' has other columns than 'a.csv'" in refused[0]
    counted(wizard)
    assert "once per file" in wizard.result.value
    ws = Workspace(dataset.operations, address="test")
    assert "import_counts" in check_screen(wizard._page, ws)
    wizard._page.address.visitor = "anna"
    wizard.next()
    until(lambda: wizard.step == DONE and not wizard._busy)
    assert "import_counts" in check_screen(wizard._page, ws)
    assert dataset.info.n_messages == 14
    assert (
        'href="discover.ipynb?dataset=demo%2Fsupport&amp;user=anna">Open Support in Discover'
        in wizard.result.value
    )


def test_nothing_goes_on_while_a_file_is_on_its_way_and_what_was_counted_is_what_is_loaded(
    wizard: ImportWizard, dataset: Dataset, tmp_path: Path
) -> None:
    upload(wizard, mail_csv(tmp_path / "a.csv", 10))
    wizard.begin("late", "b.csv", 100)
    assert wizard.step == COLUMNS and wizard.next_button.disabled
    wizard.cancel("late")
    assert not wizard.next_button.disabled and len(wizard.files) == 1
    counted(wizard)
    wizard.roles.choose("tier", "")  # on a page that is slow to follow
    wizard.next()
    until(lambda: wizard.step == DONE)
    found = dataset.operations.messages_table(dataset.dataset_id, MessageFilter())
    assert set(found["properties"].to_pylist()) == {'{"string:tier":"gold"}'}


def test_another_sheet_of_a_workbook_is_looked_at(wizard: ImportWizard, tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    frame = pl.DataFrame(
        {
            "id": ["m1", "m2"],
            "date": ["2026-03-01", "2026-03-02"],
            "text": ["the parcel has not come yet, where is it now", "thank you, the parcel has come today"],
        }
    )
    with Workbook(file) as book:
        frame.write_excel(book, worksheet="Mail")
        frame.rename({"text": "message"}).write_excel(book, worksheet="Chat")
    upload(wizard, file)
    assert wizard.sheet.options == ("Mail", "Chat") and wizard.sheet.value == "Mail"
    wizard.sheet.value = "Chat"
    assert [one["name"] for one in wizard.roles.columns] == ["id", "date", "message"]
    assert wizard.mapping().sheet == "Chat" and wizard.step == COLUMNS


def test_a_file_that_cannot_be_read_says_why_and_the_way_stays_open(
    wizard: ImportWizard, tmp_path: Path
) -> None:
    refused: list[str] = []
    wizard.drop.fail = lambda _id, error: refused.append(str(error))  # type: ignore[method-assign]
    empty = tmp_path / "empty.csv"
    empty.write_text("a,b,c\n", "utf-8")
    upload(wizard, empty)
    assert "a header and no rows" in refused[0] and wizard.step == FILE and not wizard.receiver.is_receiving
    upload(wizard, mail_csv(tmp_path / "mail.csv", 5), "two")
    assert wizard.step == COLUMNS


def test_dates_are_shown_both_ways_and_mixed_ones_warned_of(wizard: ImportWizard, tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    rows = ["03/04/2026", "13/04/2026", "04/13/2026"]
    file.write_text(
        "id,date,text\n" + "".join(f"m{i},{at},<b>a text</b> of row {i}\n" for i, at in enumerate(rows)),
        "utf-8",
    )
    upload(wizard, file)
    assert wizard.dates.layout.display is None
    assert "2026-04-03" in wizard.warnings.value and "2026-03-04" in wizard.warnings.value
    assert "mix" in wizard.warnings.value
    assert "3 of the first 3 texts hold HTML" in wizard.warnings.value
    wizard.roles.choose("date", "string")
    assert wizard.dates.layout.display == "none"


def test_dates_that_could_be_either_have_to_be_decided(wizard: ImportWizard, tmp_path: Path) -> None:
    file = tmp_path / "either.csv"
    file.write_text("id,date,text\nm1,03/04/2026,hello there\nm2,05/06/2026,hello again\n", "utf-8")
    upload(wizard, file)
    assert wizard.next_button.disabled and wizard.dates.value == ""
    assert "Choose whether day or month comes first." in wizard.hint.value
    wizard.dates.value = "day"
    assert not wizard.next_button.disabled and wizard.mapping().day_first is True
    wizard.dates.value = "month"
    assert wizard.mapping().day_first is False


def test_copies_and_the_time_of_sending_can_be_chosen(wizard: ImportWizard, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = "m1,2026-04-03,hello there,a@x,b@x,c@x,03/04/2026\nm2,2026-04-03,bye for now,,,,\n"
    file.write_text("id,date,text,to,cc,who,sent\n" + rows, "utf-8")
    upload(wizard, file)
    assert {name: wizard.roles.chosen[name] for name in ("to", "cc", "who", "sent")} == {
        "to": "recipients", "cc": "cc", "who": "string", "sent": "sent_at",
    }  # fmt: skip
    assert {"cc": "Cc", "bcc": "Bcc", "sent_at": "Sent at"}.items() <= {
        role["key"]: role["title"] for role in ROLES
    }.items()
    wizard.roles.choose("who", "bcc")
    # only the time of sending can be read two ways, so it is what has to be decided
    assert wizard.next_button.disabled and "whether day or month comes first" in wizard.hint.value
    wizard.dates.value = "day"
    mapping = wizard.mapping()
    assert (mapping.cc, mapping.bcc, mapping.sent_at, mapping.day_first) == ("cc", "who", "sent", True)
    wizard.roles.choose("sent", "")
    assert not wizard.next_button.disabled


def test_comments_keep_their_parts_and_attachments(
    wizard: ImportWizard, dataset: Dataset, tmp_path: Path
) -> None:
    comment = {
        "id": "c1", "timestamp": "2026-03-04T10:00:00Z", "messages": [{"body": {"text": "one"}}, {"body": {"text": "two"}}],
        "attachments": [{"name": "slip.pdf", "size": 7, "content_type": ".pdf"}],
    }  # fmt: skip
    (tmp_path / "c.jsonl").write_text(json.dumps({"comment": comment}), "utf-8")
    upload(wizard, tmp_path / "c.jsonl")
    assert (wizard.roles.chosen["parts"], wizard.roles.chosen["attachments"]) == ("parts", "attachments")
    counted(wizard)
    wizard.next()
    until(lambda: wizard.step == DONE)
    (found,) = dataset.operations.find_messages(dataset.dataset_id, MessageFilter()).messages
    assert [part.body.text for part in found.parts] == ["one", "two"]
    assert [one.name for one in found.attachments] == ["slip.pdf"]


def test_what_looks_odd_is_said(wizard: ImportWizard, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(
        "id,date,text,note\nm1,2026-03-01,hello there,\nm1,2026-03-01,hello there,\nm2,2026-03-02,,\n",
        "utf-8",
    )
    upload(wizard, file)
    said = "\n".join(
        warnings_of(wizard.files[0], {"id": "id", "date": "timestamp", "text": "body", "note": "string"})
    )
    for words in (
        "'m1' occurs more than once",
        "1 of the first 3 rows",
        "1 of the first 3 texts are empty",
        "note",
    ):
        assert words in said


def test_roles_of_which_there_is_one_move_from_column_to_column(wizard: ImportWizard, tmp_path: Path) -> None:
    upload(wizard, mail_csv(tmp_path / "mail.csv", 5))
    wizard.roles.choose("subject", "body")
    assert wizard.roles.chosen["text"] == "" and wizard.roles.chosen["subject"] == "body"
    wizard.roles.choose("text", "no such role")
    wizard.roles.choose("no such column", "id")
    assert wizard.roles.chosen["text"] == "" and wizard.roles.chosen["id"] == "id"
    assert [role["key"] for role in ROLES].count("string") == 1
    assert CHECK > COLUMNS
