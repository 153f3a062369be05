"""The mailboxes of an integration on the page of sources: none, one, three and 300 of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets as ipw
import pytest

from tests.unit.widgets.panels.test_catalog_panels import card, send
from tests.unit.widgets.panels.test_panels import until
from tests.unit.workspace.test_syncing import ADDRESS, INBOX, ORDERS, hand_over, page
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    FolderStatus,
    GraphConnection,
    Integration,
    Mailbox,
    MailboxStatus,
    Operations,
    Secrets,
)
from workbench.door import Dataset
from workbench.errors import InputError, UnknownNameError
from workbench.widgets.panels import SourcesPanel
from workbench.widgets.panels.connecting import addresses_of
from workbench.widgets.panels.mailbox_rows import first_problem, folder_name, states
from workbench.workspace.work.fetching import FailedFolder

BUCKET = BucketTarget(project="demo", name="mail")
GRAPH = AnyConnection.of(GraphConnection(tenant_id="t", client_id="c"))
HOSTILE = "<img/src=x/onerror=window.hacked=1>@shop.example"


@pytest.fixture
def ops(dataset: Dataset) -> Operations:
    return dataset.operations


@pytest.fixture
def panel(ops: Operations) -> Iterator[SourcesPanel]:
    made = SourcesPanel(ops)
    made.parts.value = "integrations"
    yield made
    made.close()


def connected(ops: Operations, *names: str) -> Integration:
    boxes = tuple(Mailbox(address=name, bucket=BUCKET, enabled=False) for name in names)
    made = ops.create_integration("demo", "shop", GRAPH, boxes, "Shop")
    return ops.set_secrets(made.integration_id, Secrets(client_secret="korrekt-pferd"))


def look(panel: SourcesPanel) -> Any:
    panel.refresh()
    panel.act("mailboxes", card(panel, "Shop")["id"])
    return panel.integrations.mailboxes


def n_models(widget: ipw.Widget) -> int:
    return 1 + sum(n_models(one) for one in getattr(widget, "children", ()))


def test_a_line_that_is_no_mailbox_is_named() -> None:
    told = "care@shop.example\n\n  Sales@shop.example \n"
    assert addresses_of({"address": told}) == ("care@shop.example", "Sales@shop.example")
    for text, problem in (
        ("a@b.example\nnobody", r"line 2: 'nobody' is no address\."),
        ("a@b.example, c@d.example", "line 1: 'a@b.example, c@d.example' holds more than an address"),
        ("a@b.example\n\nA@B.example", "line 3: 'A@B.example' stands in line 1 already"),
        ("old@b.example", "line 1: 'old@b.example' is read already"),
        (f"{'x' * 320}@b.example", "line 1: .* has 330 characters; at most 320"),
        (" \n", "no mailbox is named"),
    ):
        with pytest.raises(InputError, match=problem) as caught:
            addresses_of({"address": text}, known=["OLD@b.example"])
        assert "address" in caught.value.details


def test_several_mailboxes_are_connected_at_once(panel: SourcesPanel, ops: Operations) -> None:
    panel.new()
    panel.form._changed({"values": {**panel.form.values, "kind": "imap", "access": "delegate"}}, [])
    assert "address" in {one["key"] for one in panel.form.fields}
    panel.form._changed({"values": {**panel.form.values, "kind": "graph"}}, [])
    told = {
        "name": "shop",
        "tenant_id": "t",
        "client_id": "c",
        "client_secret": "korrekt-pferd",
        "into": "demo/care",
        "start_at": "2026-01-31",
        "not_folders": "Private",
        "test": False,
    }
    send(panel, **told, address="care@shop.example\nsales")
    assert "line 2: 'sales' is no address." in panel.form.errors["address"]
    assert ops.integrations() == ()
    send(panel, **told, address=f"care@shop.example\n{HOSTILE}")
    assert "line 2: '<img/src=x" in panel.form.errors["address"]
    send(panel, **told, address="care@shop.example\nsales@shop.example\norders@shop.example")
    assert panel.notice.title == "demo/shop is created with 3 mailboxes and will be read by itself."
    boxes = [one.mailbox for one in ops.integrations()[0].mailboxes]
    assert [one.address for one in boxes][:2] == ["care@shop.example", "sales@shop.example"]
    assert {(one.folder_deny, one.bucket.name) for one in boxes if one.bucket} == {((("Private",),), "care")}
    shown = dict(card(panel, "shop")["facts"])
    assert shown["Mailboxes"] == "care@shop.example, sales@shop.example, orders@shop.example"


def test_each_mailbox_is_looked_at_paused_edited_and_removed(panel: SourcesPanel, ops: Operations) -> None:
    made = connected(ops, "a@x.example", "b@x.example", "c@x.example")
    view = look(panel)
    assert panel.cards.layout.display == "none" and view.widget.layout.display is None
    assert [one["state"] for one in view.table._rows] == ["Paused"] * 3
    assert "3 paused" in view.title.value and view.cards.cards == []
    view.choose("b@x.example")
    view.act("resume", "b@x.example")
    now = ops.integration(made.integration_id).mailboxes
    assert [one.mailbox.enabled for one in now] == [False, True, False]
    view.act("pause", "b@x.example")
    assert view.cards.cards[0]["problem"][0] == "Somebody paused it."
    view.act("amend", "b@x.example")
    send(panel, start_at="2026-03-31", folders="INBOX\nOrders/2026", people="buyer.example")
    box = ops.integration(made.integration_id).mailboxes[1].mailbox
    assert (box.folder_allow, box.domain_allow) == ((("INBOX",), ("Orders", "2026")), ("buyer.example",))
    assert dict(view.cards.cards[0]["facts"])["Only folders"] == "INBOX, Orders/2026"
    view.act("resync", "b@x.example")
    assert panel.form.values["start_at"] == "2026-03-31" and "nothing is charged twice" in panel.form.text
    send(panel, start_at="2026-01-01")
    assert dict(view.cards.cards[0]["facts"])["From"] == "1 Jan 2026"
    view.add()
    send(panel, address="d@x.example\nB@x.example")
    assert "line 2: 'B@x.example' is read already" in panel.form.errors["address"]
    send(panel, address="d@x.example", not_folders="Private")
    added = ops.integration(made.integration_id).mailboxes[3].mailbox
    assert (added.bucket, added.folder_deny) == (BUCKET, (("Private",),))
    for address in ("a@x.example", "b@x.example", "c@x.example", "d@x.example"):
        view.choose(address)
        view.act("remove", address)
        assert panel.form.confirm == address and "Mail and messages that it brought stay." in panel.form.text
        send(panel)
    assert ops.integration(made.integration_id).mailboxes == ()
    assert view.cards.empty_title == "It has no mailbox." and "0 mailboxes" in view.title.value
    view.add()
    send(panel, address="e@x.example", into="demo/care")
    (again,) = ops.integration(made.integration_id).mailboxes
    assert again.mailbox.bucket == BucketTarget(project="demo", name="care")
    view.close()
    assert panel.cards.layout.display is None
    with pytest.raises(KeyError):
        view.choose("e@x.example")


def test_folders_show_how_far_they_are_and_one_is_read_again(
    panel: SourcesPanel, ops: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(monkeypatch, lambda _: iter([page(1), page(2), FailedFolder(path=ORDERS, error="no sense.")]))
    made = connected(ops, ADDRESS)
    view = look(panel)
    assert view.address == ADDRESS and view.table.layout.display == "none"
    view.act("resume", ADDRESS)
    view.act("sync", ADDRESS)
    until(lambda: len(view.folders._rows) == 2)
    until(lambda: panel.notice.title.startswith(f"{ADDRESS} is read: "))
    inbox, orders = view.folders._rows
    assert (inbox["folder"], inbox["state"], inbox["n_messages"]) == ("INBOX", "Up to date", 2)
    assert (orders["state"], orders["error"]) == ("Not readable", "no sense.")
    assert view.cards.cards[0]["figures"][0] == [2, "messages"]
    assert view.cards.cards[0]["problem"] == ["Orders: no sense.", "The other folders are read."]
    with pytest.raises(UnknownNameError, match="unknown folder 'Inbx'"):
        view.ask_folder("Inbx")
    view.ask_folder("INBOX")
    assert "the others go on" in panel.form.text
    monkeypatch.undo()
    hand_over(monkeypatch, lambda _: iter([]))
    send(panel)
    assert [one.path for one in ops.integration(made.integration_id).mailboxes[0].folders] == [ORDERS]
    assert panel.notice.title == f"INBOX of {ADDRESS} is read again."


def test_three_hundred_mailboxes_need_no_more_widgets_than_one(panel: SourcesPanel, ops: Operations) -> None:
    names = [f"box{number:03}@shop.example" for number in range(300)]
    connected(ops, *names[:299], HOSTILE)
    before = n_models(panel.widget)
    view = look(panel)
    assert view.table.total == 300 and n_models(panel.widget) == before <= 50
    shown = dict(card(panel, "Shop")["facts"])
    assert shown["Mailboxes"] == f"{', '.join(names[:3])} and 297 more" and shown["State"] == "300 paused"
    view.choose(HOSTILE)
    assert view.cards.cards[0]["title"] == HOSTILE


def test_the_mailbox_that_is_in_trouble_is_named(ops: Operations) -> None:
    made = connected(ops, "a@x.example", "b@x.example")
    fine, bad = (Mailbox(address=name) for name in ("a@x.example", "b@x.example"))
    folder = FolderStatus(path=INBOX, up_to_date=True)
    told = (
        MailboxStatus(mailbox=fine, folders=(folder,)),
        MailboxStatus(mailbox=bad, error="mail.example refused 'b'.", next_step="Set the secret."),
    )
    troubled = Integration(
        **{
            name: getattr(made, name) for name in ("integration_id", "project", "name", "title", "connection")
        },
        secrets=("client_secret",),
        mailboxes=told,
        created_at=made.created_at,
    )
    assert first_problem(troubled) == ["b@x.example: mail.example refused 'b'.", "Set the secret."]
    assert states(troubled) == "1 up to date, 1 will try again"
    assert folder_name(("A/B", "C")) != folder_name(("A", "B", "C"))
