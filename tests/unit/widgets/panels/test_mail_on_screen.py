"""Buckets, integrations, mail files and original mails on the pages, through state and public methods."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_mail_import import archive, imported, mail, mbox
from tests.contract.test_mail_import import send as sent
from tests.unit.widgets.panels.conftest import mail_csv
from tests.unit.widgets.panels.screens import check_screen
from tests.unit.widgets.panels.test_catalog_panels import HOSTILE, card, send
from tests.unit.widgets.panels.test_panels import counted, until, upload
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    ImapConnection,
    Integration,
    Judgement,
    Mailbox,
    MessageFilter,
    Operations,
    Secrets,
)
from workbench.door import Dataset, Job, Workspace
from workbench.errors import InputError, UnknownNameError
from workbench.widgets.elements import SaveFile
from workbench.widgets.panels import DiscoverPanel, SourcesPanel
from workbench.widgets.panels.connecting import connection_of, new_fields, secrets_of, settled, start_of
from workbench.widgets.panels.mail_files import is_mail, left_out, size_words
from workbench.widgets.panels.steps import CHECK, COLUMNS, DONE, FILE
from workbench.widgets.state import PanelState

SECRET = "korrekt-pferd-batterie"
NAME = HOSTILE.strip()


@pytest.fixture
def panel(dataset: Dataset) -> Iterator[SourcesPanel]:
    made = SourcesPanel(dataset.operations)
    yield made
    made.close()


@pytest.fixture
def ops(dataset: Dataset) -> Operations:
    return dataset.operations


def some_integration(ops: Operations, **more: Any) -> Integration:
    connection = ImapConnection(host="127.0.0.1", port=9, user_name="care", security="plain")
    box = Mailbox(address="care", bucket=BucketTarget(project="demo", name="raw"))
    return ops.create_integration("demo", "shop", AnyConnection.of(connection), (box,), **more)


def test_a_bucket_is_created_read_amended_and_deleted(panel: SourcesPanel, ops: Operations) -> None:
    panel.parts.value = "buckets"
    assert panel.cards.cards == [] and panel.cards.empty_title == "There is no bucket yet."
    assert panel.state.part == "buckets" and panel.code.code.endswith("ws.buckets()")
    panel.new()
    send(panel, name="a b")
    assert "bucket name 'a b' cannot be used" in panel.form.errors["name"]
    send(panel, name="raw", title=NAME)
    assert panel.notice.title == "demo/raw is created."
    made = card(panel, NAME)
    assert dict(made["facts"])["Read by"] == "no source: its mail is only kept"

    panel.act("readers", made["id"])
    source = ops.sources()[0]
    send(panel, source_ids=[str(source.source_id)])
    until(lambda: ops.sources()[0].bucket_id is not None)
    assert dict(card(panel, NAME)["facts"])["Read by"] == "mail"
    until(lambda: all(job.finished for job in ops.jobs()))  # what fills the source holds a deletion up
    panel.act("readers", made["id"])
    send(panel, source_ids=[])
    assert ops.sources()[0].bucket_id is None
    panel.act("amend", made["id"])
    send(panel, title="Raw mail")
    some_integration(ops)
    panel.refresh()
    assert dict(card(panel, "Raw mail")["facts"])["Filled by"] == "shop"
    panel.act("delete", made["id"])
    assert panel.form.confirm == "demo/raw" and panel.form.danger
    assert (
        "demo/shop will make bucket demo/raw again" in panel.form.warning
        and "0 mails as received" in panel.form.text
    )
    send(panel)
    assert ops.buckets() == () and panel.cards.cards == []
    with pytest.raises(UnknownNameError):
        panel.act("delete", made["id"])


def test_a_source_says_which_bucket_it_reads(panel: SourcesPanel, ops: Operations) -> None:
    bucket = ops.create_bucket("demo", "raw", "Raw mail")
    ops.create_source("demo", "claims", bucket_id=bucket.bucket_id)
    panel.refresh()
    assert dict(card(panel, "claims")["facts"])["Bucket"] == "Raw mail"
    assert "Bucket" not in dict(card(panel, "mail")["facts"])


def test_an_open_page_learns_of_a_new_source_and_bucket(panel: SourcesPanel, ops: Operations) -> None:
    until(panel._ears.is_alive)
    ops.create_source("demo", "later")
    until(lambda: any(one["title"] == "later" for one in panel.cards.cards))


@pytest.mark.parametrize(
    ("kind", "sign_in", "asked"),
    [
        ("imap", "password", {"host", "port", "security", "sign_in", "user_name", "password", "access"}),
        ("imap", "token", {"host", "port", "security", "sign_in", "user_name", "token", "access"}),
        ("graph", "", {"tenant_id", "client_id", "client_secret", "address"}),
        ("ews", "ntlm", {"endpoint", "sign_in", "access", "user_name", "password", "address"}),
        (
            "ews",
            "app",
            {"endpoint", "sign_in", "access", "tenant_id", "client_id", "client_secret", "address"},
        ),
        ("salesforce", "app", {"login_host", "sign_in", "client_id", "client_secret", "comments"}),
        (
            "salesforce",
            "password",
            {"login_host", "sign_in", "user_name", "password", "security_token", "comments"},
        ),
    ],
)
def test_each_kind_is_asked_what_it_needs_and_no_more(kind: str, sign_in: str, asked: set[str]) -> None:
    values = settled({"kind": kind, "sign_in": sign_in})
    fields = {one["key"]: one for one in new_fields(values, ["demo"], [])}
    always = {"kind", "project", "name", "into", "start_at", "test"}
    lists = set() if kind == "salesforce" else {"folders", "not_folders", "people", "not_people"}
    assert set(fields) == asked | always | lists
    secret = {key for key, one in fields.items() if one["kind"] == "secret"}
    assert secret <= {"password", "token", "client_secret", "security_token"} and secret
    filled = {**values, **{key: "x" for key in asked if fields[key]["kind"] == "text"}, "port": "993"}
    connection = AnyConnection.of(connection_of(settled(filled)))
    assert values.get("access") == {"imap": "own", "ews": "delegate"}.get(kind)
    assert settled({"kind": "ews", "access": "own"})["access"] == "delegate"
    assert connection.kind == kind and connection.needed_secrets[0] in secret


def test_what_was_typed_unseen_is_kept_nowhere(panel: SourcesPanel, ops: Operations) -> None:
    panel.parts.value = "integrations"
    panel.new()
    assert panel.form.values["port"] == "993"
    panel.form._changed({"values": {**panel.form.values, "security": "plain", "password": SECRET}}, [])
    assert panel.form.values["port"] == "143" and "allow_plain" in {one["key"] for one in panel.form.fields}
    told = {
        "name": "shop",
        "host": "127.0.0.1",
        "port": "9",
        "user_name": "care",
        "into": "demo/care",
        "password": SECRET,
    }
    send(panel, **told)
    assert "127.0.0.1:9 cannot be reached" in "".join(panel.form.errors.values())
    assert ops.integrations() == () and len(ops.sources()) == 1 and ops.buckets() == ()
    assert SECRET not in repr(panel.form.get_state())
    send(panel, **{**told, "port": "none"})
    assert "'none' is no port" in panel.form.errors["port"]
    send(panel, **{**told, "start_at": "soon"})
    assert "'soon' is no day" in panel.form.errors["start_at"]
    send(panel, **{**told, "password": ""})
    assert panel.form.errors == {"password": "This is needed."}
    send(
        panel,
        **told,
        test=False,
        start_at="",
        folders="INBOX\nOrders/2026",
        not_people="spam.example\nann@buyer.example",
    )
    assert panel.notice.title.startswith("demo/shop is created")
    (made,) = ops.integrations()
    assert made.secrets == ("password",)
    box = made.mailboxes[0].mailbox
    assert box.folder_allow == (("INBOX",), ("Orders", "2026"))
    assert (box.participant_deny, box.domain_deny) == (("ann@buyer.example",), ("spam.example",))
    assert SECRET not in repr(panel.form.get_state()) + repr(panel.cards.cards) + panel.notice.title
    assert SECRET not in repr(ops.audit_table().to_pylist())


def test_an_integration_is_paused_resumed_amended_and_deleted(panel: SourcesPanel, ops: Operations) -> None:
    made = some_integration(ops, title="Shop")
    panel.parts.value = "integrations"
    shown = card(panel, "Shop")
    assert shown["badge"]["text"] == "No secret yet" and shown["problem"][0] == "Its secret is not set yet."
    ops.set_secrets(made.integration_id, Secrets(password=SECRET))
    panel.act("pause", shown["id"])
    paused = card(panel, "Shop")
    assert paused["badge"] == {"text": "Paused", "level": "none"} and paused["calm"]
    assert paused["problem"] == ["Somebody paused it.", "Resume it to have it read again."]
    assert dict(paused["facts"])["Next read"] == "not by itself"
    with pytest.raises(InputError, match="is not read: user"):
        panel.act("sync", shown["id"])
    panel.act("resume", shown["id"])
    assert [one["key"] for one in card(panel, "Shop")["actions"]][:4] == [
        "mailboxes",
        "sync",
        "pause",
        "test",
    ]
    panel.act("sync", shown["id"])
    until(lambda: card(panel, "Shop")["badge"]["text"] == "Will try again")
    assert "cannot be reached" in "".join(card(panel, "Shop")["problem"])

    panel.act("amend", shown["id"])
    assert panel.form.values["host"] == "127.0.0.1" and "password" not in panel.form.values
    send(panel, title="Shop mail", port="10", people="buyer.example", start_at="2026-01-31")
    after = ops.integration(made.integration_id)
    assert after.title == "Shop mail" and after.connection.host == "127.0.0.1:10"
    assert after.mailboxes[0].mailbox.domain_allow == ("buyer.example",) and after.secrets == ("password",)
    assert dict(card(panel, "Shop mail")["facts"])["From"] == "31 Jan 2026"
    panel.act("delete", shown["id"])
    send(panel)
    assert ops.integrations() == () and panel.notice.title == "demo/shop is deleted."


def test_dates_and_secrets_of_a_form() -> None:
    assert start_of({}) is None and secrets_of({"password": ""}) is None
    with pytest.raises(InputError, match="is no day"):
        start_of({"start_at": "31.1.2026"})
    assert "x" not in repr(secrets_of({"token": "x"})).replace("Secrets(token=…)", "")


def test_what_is_mail_shows_in_its_content() -> None:
    assert is_mail("no-ending", mail(1)) and is_mail("table.csv", mbox(mail(1)))
    assert is_mail("a.msg", b"") and is_mail("b.mbox.gz", b"\x1f\x8b") and is_mail("x", b"!BDN")
    assert not is_mail("mail.csv", b"id,date,text\n") and not is_mail("data.gz", b"\x1f\x8b")
    zipped, book = (b"PK\x03\x04" + bytes(26) + name for name in (b"Inbox/a.eml", b"[Content_Types].xml"))
    assert is_mail("box.dat", zipped) and not is_mail("box.zip", book) and not is_mail("a.xlsx", zipped)
    assert [size_words(n) for n in (5, 2048, 3 << 20)] == ["5 B", "2 KiB", "3.0 MiB"]


def test_mail_files_are_counted_and_brought_in_by_the_wizard(
    panel: SourcesPanel, ops: Operations, dataset: Dataset, tmp_path: Path
) -> None:
    panel.act("upload", str(dataset.info.source_ids[0]))
    wizard = panel.wizard
    file = tmp_path / "care <b>.mbox"
    file.write_bytes(mbox(mail(1), mail(2), mail(1), mail(3, " ")))
    upload(wizard, file)
    assert wizard.step == COLUMNS and "care &lt;b&gt;.mbox" in wizard.summary.value
    assert "a new bucket, demo/mail" in wizard.summary.value and wizard.roles.layout.display == "none"
    counted(wizard)
    assert ops.buckets() == () and wizard.next_button.description == "Import 3 mails for 2 units"
    assert "mail_import_counts" in check_screen(panel, Workspace(ops, address="test"))
    assert [row["kept"] for row in wizard.bad_rows._rows] == ["yes"]
    assert wizard.mail_report is not None  # a report that lists fewer than there are
    listed, title = left_out(wizard._operations, replace(wizard.mail_report, problems=()))
    assert (listed, title) == (wizard.bad_rows._rows, "Mails without message")
    coded = re.search(r"base64,([^\"]+)", wizard.result.value)
    assert coded and b"a text is needed" in base64.b64decode(coded[1])
    wizard.back()
    assert wizard.step == COLUMNS
    counted(wizard)
    wizard.next()
    until(lambda: wizard.step == DONE)
    assert (ops.buckets()[0].full_name, ops.buckets()[0].n_mails) == ("demo/mail", 3)
    assert dataset.info.n_messages == 2 and ops.usage().units == 2

    wizard.next()
    assert wizard.step == FILE
    upload(wizard, file, "again")
    assert "kept as received in bucket demo/mail" in wizard.summary.value
    counted(wizard)
    assert wizard.next_button.disabled and "every mail is known already" in wizard.hint.value
    wizard.back()
    wizard.back()
    upload(wizard, mail_csv(tmp_path / "mail.csv", 5), "table")
    assert wizard.step == COLUMNS and wizard.roles.layout.display is None and wizard.mails == []
    assert "rows left out" in wizard.bad_rows.title.lower() or wizard.bad_rows.total == 1


def test_mail_goes_into_a_bucket_that_nobody_reads(
    panel: SourcesPanel, ops: Operations, tmp_path: Path
) -> None:
    bucket = ops.create_bucket("demo", "raw")
    panel.parts.value = "buckets"
    panel.act("upload", str(bucket.bucket_id))
    assert panel.cards.layout.display == "none" and "Upload into raw" in panel.wizard.head.value
    table = tmp_path / "t.csv"
    table.write_text("id,text\n1,2\n", "utf-8")
    upload(panel.wizard, table, "table")
    assert panel.wizard.step == FILE
    file = tmp_path / "box.tar"
    file.write_bytes(archive(Inbox__a=mail(1)))
    upload(panel.wizard, file)
    counted(panel.wizard)
    assert "No source reads this bucket" in panel.wizard.result.value
    assert panel.wizard.next_button.description == "Import 1 mail for 0 units"
    panel.wizard.next()
    until(lambda: panel.wizard.step == DONE)
    panel.wizard.back()
    assert card(panel, "raw")["figures"][0] == [1, "mail"]


def test_tables_and_mail_do_not_mix(panel: SourcesPanel, dataset: Dataset, tmp_path: Path) -> None:
    panel.act("upload", str(dataset.info.source_ids[0]))
    wizard = panel.wizard
    file = tmp_path / "one.eml"
    file.write_bytes(mail(1))
    wizard.begin("a", file.name, len(file.read_bytes()))
    wizard.receiver.take_piece("a", 0, file.read_bytes())
    table = mail_csv(tmp_path / "mail.csv", 3).read_bytes()
    wizard.begin("b", "mail.csv", len(table))
    wizard.receiver.take_piece("b", 0, table)
    refused: list[BaseException] = []
    wizard.drop.fail = lambda _id, error: refused.append(error)  # type: ignore[method-assign]
    wizard.finish("a", file.name, 1)
    wizard.finish("b", "mail.csv", 1)
    assert "tables and mail go in one at a time" in str(refused[0]) and len(wizard.mails) == 1


def test_the_original_of_a_mail_can_be_saved_and_of_nothing_else(
    dataset: Dataset, ops: Operations, tmp_path: Path
) -> None:
    source = SourcesPanel(ops)
    source.act("upload", str(dataset.info.source_ids[0]))
    file = tmp_path / "one.eml"
    file.write_bytes(mail(1, "<script>alert(1)</script>"))
    upload(source.wizard, file)
    counted(source.wizard)
    assert source.wizard.step == CHECK
    source.wizard.next()
    until(lambda: source.wizard.step == DONE)
    upload_id = "table"
    source.wizard.next()
    upload(source.wizard, mail_csv(tmp_path / "mail.csv", 1), upload_id)
    counted(source.wizard)
    source.wizard.next()
    until(lambda: source.wizard.step == DONE)
    source.close()
    panel = DiscoverPanel(dataset, state=PanelState())
    found = ops.find_messages(dataset.dataset_id, MessageFilter()).messages
    by_mail, other = sorted(found, key=lambda one: "script" not in one.body)
    save = panel.reader.original
    sent: list[tuple[Any, Any]] = []
    save.send = lambda content, buffers=None: sent.append((content, buffers))  # type: ignore[method-assign]
    panel.listing.read(by_mail.uid)
    assert (save.caption, save.name) == ("Original mail (.eml)", "Parcel-1.eml")
    save._dispatch(None, {"type": "save", "id": "q"}, [])
    assert sent[0] == ({"type": "piece", "first": True}, [file.read_bytes()])
    assert sent[1] == ({"type": "file", "name": "Parcel-1.eml"}, [])
    panel.listing.read(other.uid)
    assert save.caption == "" and save.layout.display == "none"
    panel.close()


def test_a_file_that_cannot_be_given_says_why() -> None:
    save = SaveFile()
    sent: list[Any] = []
    save.send = lambda content, _buffers=None: sent.append(content)  # type: ignore[method-assign]
    assert save._asked({}, []) is None

    def fail() -> bytes:
        raise InputError("it is gone.", next_step="Search again.")

    save.on_save(fail)
    save._dispatch(None, {"type": "save", "id": "q"}, [])
    assert sent[-1]["error"] == {"title": "it is gone.", "next": "Search again."}


def test_the_original_of_a_mail_is_deleted_with_its_messages_or_without(
    ops: Operations, dataset: Dataset
) -> None:
    bucket = ops.create_bucket("demo", "raw")
    source = ops.sources()[0]
    Job(ops, ops.start_attach(source.source_id, bucket.bucket_id)).wait(progress=False)
    imported(ops, bucket.bucket_id, sent(ops, mbox(mail(1), mail(2))))
    panel: Any = DiscoverPanel(dataset)
    first, second = ops.find_messages(dataset.dataset_id, MessageFilter(), order="oldest").messages
    panel.listing.read(first.uid)
    assert panel.reader.delete_button.layout.display is None
    panel.reader.delete_button.click()
    assert panel.form.title == "Delete the original of Parcel 1" and panel.form.danger
    assert (
        "from bucket demo/raw" in panel.form.text
        and "a message of demo/mail; 0 of 1 annotated" in panel.form.text
    )
    send(panel)
    assert panel.form.errors == {"messages": "This is needed."} and ops.buckets()[0].n_mails == 2
    send(panel, messages="keep")
    assert panel.notice.title == "The original mail is deleted." and ops.buckets()[0].n_mails == 1
    assert ops.sources()[0].n_messages == 2 and not panel.reader.shown
    panel.listing.read(first.uid)
    panel.reader.delete_button.click()
    assert panel.notice.title == "there is no original mail of this message."
    panel.listing.read(second.uid)
    label = ops.create_label(dataset.dataset_id, "Late")
    ops.judge(
        dataset.dataset_id,
        (Judgement(event_id="e" * 16, uid=second.uid, assigned=(label.label_id,)),),
    )
    panel.reader.delete_button.click()
    assert "keep_annotated" in [one["value"] for one in panel.form.fields[0]["options"]]
    send(panel, messages="delete")
    assert panel.notice.title == "The original mail is deleted with 1 message."
    assert (ops.buckets()[0].n_mails, panel.found.total) == (0, 1)
    panel.close()
