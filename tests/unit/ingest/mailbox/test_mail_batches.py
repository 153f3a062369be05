"""From parsed mails to the table of the store."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.mails import HEAD, raw_mail, read_mail
from workbench.domain import MESSAGE_EXTRAS, MESSAGE_SCHEMA, read_properties
from workbench.errors import InputError
from workbench.ingest.mailbox import Threads, assign_threads, parse, to_batch


def test_a_row_holds_what_the_mail_said() -> None:
    raw = raw_mail(
        HEAD.replace("To: ", "Cc: boss@carrier.example\nTo: ") + "\nHello\n\nBest regards,\nKim",
        folder=("Inbox", "Claims"),
        properties={"string:Importance": "high", "number:Size": 12.0, "string:Blank": " "},
    )
    mail = parse(raw)
    threads = assign_threads([mail])
    table = to_batch([mail], threads)
    assert table.schema == pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
    (row,) = table.to_pylist()
    assert row["message_id"] == b"7@shop.example".hex()
    assert row["timestamp"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert (row["body"], row["signature"]) == ("Hello", "Best regards,\nKim")
    assert row["full_text"] == "Hello\n\nBest regards,\nKim"
    assert (row["recipients"], row["cc"]) == (["help@carrier.example"], ["boss@carrier.example"])
    assert row["sent_at"] == row["timestamp"]
    assert read_properties(row["properties"]) == {
        "number:Messages": 1.0,
        "number:Size": 12.0,
        "string:Folder": "Claims (/ Inbox / Claims)",
        "string:Has Attachments": "No",
        "string:Has Signature": "Yes",
        "string:Importance": "high",
        "string:Message ID": "7@shop.example",
        "string:Recipient Domain": "carrier.example",
        "string:Sender": "kim@shop.example",
        "string:Sender Domain": "shop.example",
        "string:Sensitivity": "Normal",
        "string:Thread": row["thread_id"],
    }


def test_messages_counts_the_chain() -> None:
    text = (
        "Yes.\n\nOn 5 March 2024 10:00, Care <c@d.example> wrote:\n> No.\n>\n"
        "> On 4 March 2024 10:00, Kim <k@d.example> wrote:\n>> Why?"
    )
    mail = read_mail(HEAD + "In-Reply-To: <1@x.example>\n\n" + text)
    assert mail.body == "Yes."
    assert mail.properties["number:Messages"] == 3
    assert mail.properties["string:Has Signature"] == "No"


def test_the_same_mail_from_two_mailboxes_is_one_row() -> None:
    mails = [parse(raw_mail(HEAD + "\nhi", folder=(folder,))) for folder in ("A", "B")]
    table = to_batch(mails, assign_threads(mails))
    assert table.num_rows == 1
    assert read_properties(table["properties"][0].as_py())["string:Folder"] == "A (/ A)"


def test_mails_without_time_need_one() -> None:
    mail = read_mail("From: a@b.example\n\nhi")
    threads = assign_threads([mail])
    with pytest.raises(InputError, match="1 mails have neither a date nor a time of receipt"):
        to_batch([mail], threads)
    when = datetime(2024, 1, 1, tzinfo=UTC)
    assert to_batch([mail], threads, undated_at=when)["timestamp"].to_pylist() == [when]


def test_mails_without_thread_are_refused() -> None:
    with pytest.raises(InputError, match="1 mails have no thread"):
        to_batch([read_mail(HEAD + "\nhi")], Threads())


def test_nothing_gives_an_empty_table() -> None:
    assert to_batch([], Threads()).schema == pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
