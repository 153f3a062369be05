"""Integrations in the hands of an analyst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.domain import BucketTarget, ImapConnection, SalesforceConnection, Secrets
from workbench.door import Workspace
from workbench.errors import (
    DuplicateNameError,
    InputError,
    UnknownNameError,
    UnreachableError,
    WorkbenchError,
)
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

IMAP = ImapConnection(host="127.0.0.1", port=9, user_name="<b>care", security="plain")


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0)
    with open_workspace(tmp_path / "ws.duckdb", settings=settings, cache_dir=tmp_path / "c") as opened:
        yield Workspace(opened.operations("tester"), address="ws.duckdb")


def test_a_mailbox_flows_into_a_bucket_that_its_source_reads(ws: Workspace) -> None:
    made = ws.connect_mailbox(
        "demo/shop", IMAP, into="demo/care", folders=("Orders/2026", ("A/B",)), not_folders=("Private",)
    )
    (source,) = ws.operations.sources()
    (bucket,) = ws.operations.buckets()
    assert (source.kind, source.bucket_id) == ("email", bucket.bucket_id)
    (one,) = made.info.mailboxes
    assert one.mailbox.address == "<b>care"
    assert one.mailbox.bucket == BucketTarget(project="demo", name="care")
    assert one.mailbox.folder_allow == (("Orders", "2026"), ("A/B",))
    assert one.mailbox.folder_deny == (("Private",),)

    again = ws.connect_mailbox("demo/shop", IMAP, into="demo/care", address="sales")
    assert [one.mailbox.address for one in again.info.mailboxes] == ["<b>care", "sales"]
    assert len(ws.operations.buckets()) == len(ws.operations.sources()) == 1
    assert [one.integration_id for one in ws.integrations()] == [made.integration_id]
    with pytest.raises(InputError, match="has 2 mailboxes; which is meant"):
        again.folders()


def test_cases_flow_into_a_source(ws: Workspace) -> None:
    salesforce = SalesforceConnection(login_host="login.salesforce.com", sign_in="password", user_name="svc")
    made = ws.connect_mailbox("demo/cases", salesforce, into="demo/tickets")
    (source,) = ws.operations.sources()
    assert source.kind == "ticket"
    assert made.info.mailboxes[0].mailbox.source == source.source_id
    assert ws.operations.buckets() == ()


def test_how_it_looks_in_a_notebook(ws: Workspace) -> None:
    made = ws.connect_mailbox("demo/shop", IMAP, into="demo/care")
    assert repr(made) == "<Integration demo/shop: imap, 1 mailboxes>"
    html = made._repr_html_()
    assert "&lt;b&gt;care" in html
    assert "no secret yet" in html
    assert ".set_secrets(" in html
    made.set_secrets(Secrets(password="korrekt-pferd"))
    with pytest.raises(UnreachableError, match="cannot be reached"):
        made.sync(progress=False)
    html = made._repr_html_()
    assert "will try again" in html
    assert "127.0.0.1:9 cannot be reached" in html
    assert "paused" in made.pause()._repr_html_()
    assert "paused" not in made.resume()._repr_html_()
    assert "korrekt-pferd" not in repr(made.info)
    made.resync()
    made.delete(confirm="demo/shop")
    assert ws.integrations() == ()


def test_an_unknown_name_offers_the_known_ones(ws: Workspace) -> None:
    ws.connect_mailbox("demo/shop", IMAP, into="demo/care")
    assert ws.integration("demo/shop").info.name == "shop"
    with pytest.raises(UnknownNameError, match=r"unknown integration 'demo/shp'\. did you mean 'demo/shop'"):
        ws.integration("demo/shp")


def test_a_connection_that_fails_its_test_leaves_nothing_behind(ws: Workspace) -> None:
    secret = Secrets(password="korrekt-pferd")
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 cannot be reached"):
        ws.connect_mailbox("demo/shop", IMAP, into="demo/care", secrets=secret, test=True)
    with pytest.raises(InputError, match="has no secret 'password' yet"):
        ws.connect_mailbox("demo/shop", IMAP, into="demo/care", test=True)
    salesforce = SalesforceConnection(login_host="127.0.0.1:9", sign_in="password", user_name="svc")
    with pytest.raises(WorkbenchError):
        ws.connect_mailbox("demo/cases", salesforce, into="demo/tickets", test=True)
    left = ws.operations.integrations(), ws.operations.sources(), ws.operations.buckets()
    assert left == ((), (), ())
    ws.connect_mailbox("demo/shop", IMAP, into="demo/care", secrets=secret)
    with pytest.raises(DuplicateNameError, match="'demo/shop' exists already"):
        ws.connect_mailbox("demo/shop", IMAP, into="demo/care", secrets=secret, test=True)


def test_whose_mail_is_wanted_is_said_by_address_and_domain(ws: Workspace) -> None:
    made = ws.connect_mailbox(
        "demo/shop", IMAP, into="demo/care", people=("ann@b.example", "c.example"), not_people=("d.example",)
    )
    box = made.info.mailboxes[0].mailbox
    assert (box.participant_allow, box.domain_allow) == (("ann@b.example",), ("c.example",))
    assert (box.participant_deny, box.domain_deny) == ((), ("d.example",))
