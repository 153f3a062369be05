"""Buckets, a mailbox of a real Dovecot, and the original of a message, all in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import HOSTILE, fits, visit
from tests.connect.dovecot import PASSWORD, USER, running_dovecot
from tests.connect.mails import mail

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]
ATTACK = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


def test_a_bucket_a_mailbox_a_message_and_its_original(  # noqa: PLR0915 - one journey, told in order
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "mailboxes.duckdb")
    ops = served.operations
    seen = visit(browser, served)
    page = seen.open("sources", "?user=anna")
    page.get_by_role("button", name="Buckets", exact=True).click()
    expect(page.get_by_text("There is no bucket yet.")).to_be_visible()
    page.get_by_role("button", name="New bucket").click()
    form = page.get_by_role("form", name="New bucket")
    form.get_by_label("Project").fill("demo")
    form.get_by_label("Name").fill("raw")
    form.get_by_label("Title").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("demo/raw is created.")).to_be_visible()
    fits(page)

    with running_dovecot() as dovecot:
        dovecot.add([mail(1, body=ATTACK), mail(2)])
        page.get_by_role("button", name="Integrations", exact=True).click()
        expect(page.get_by_text("There is no integration yet.")).to_be_visible()
        page.get_by_role("button", name="New integration").click()
        form = page.get_by_role("form", name="New integration")
        form.get_by_label("Kind").select_option(label="Exchange Online (Microsoft Graph)")
        expect(form.get_by_label("Directory (tenant) id")).to_be_visible()
        expect(form.get_by_label("Kind")).to_be_focused()
        form.get_by_label("Kind").select_option(label="Mailbox by IMAP")
        form.get_by_label("Name", exact=False).first.fill("shop")
        form.get_by_label("Server").fill("127.0.0.1")
        form.get_by_label("Encryption").select_option(label="None")
        expect(form.get_by_label("Send the password unencrypted")).to_be_visible()
        form.get_by_label("Port").fill(str(dovecot.port))
        form.get_by_label("User name").fill(USER)
        form.get_by_label("Into source").fill("demo/care")
        password = form.get_by_label("Password", exact=False).first
        assert password.get_attribute("type") == "password"
        password.fill("wr0ng-passw0rd")
        form.get_by_role("button", name="Create integration").click()
        expect(form.get_by_role("alert").filter(has_text="refused")).to_be_visible()
        assert ops.integrations() == () and [one.name for one in ops.buckets()] == ["raw"]
        assert "wr0ng" not in page.content()
        password.fill(PASSWORD)
        form.get_by_role("button", name="Create integration").click()
        card = page.get_by_role("listitem", name="shop")
        expect(card).to_contain_text("demo/shop")
        fits(page)
        card.get_by_role("button", name="Sync now: shop").click()
        expect(card).to_contain_text("2mails kept")
        expect(card).to_contain_text("Up to date")
        card.get_by_role("button", name="Pause: shop").click()
        expect(card).to_contain_text("Somebody paused it.")
        card.get_by_role("button", name="Resume: shop").click()
        expect(card.get_by_role("button", name="Pause: shop")).to_be_visible()
        card.get_by_role("button", name="Mailboxes: shop").click()
        folders = page.get_by_role("table", name="Folders: open one to read it again")
        expect(folders.get_by_role("row").filter(has_text="INBOX")).to_contain_text("Up to date2")
        fits(page)
        folders.get_by_role("cell", name="INBOX", exact=True).click()
        expect(page.get_by_role("form", name="Read INBOX again")).to_contain_text("nothing is charged twice")
        page.get_by_role("button", name="Read again", exact=True).click()
        expect(page.get_by_text(f"INBOX of {USER} is read again.")).to_be_visible()
        expect(folders.get_by_role("row").filter(has_text="INBOX")).to_contain_text("Up to date2")
        assert (ops.usage().units, sum(one.n_mails for one in ops.buckets())) == (2, 2)
        page.get_by_role("button", name="Back to integrations").click()
        expect(card).to_be_visible()
    page.get_by_role("button", name="Sources", exact=True).click()
    expect(page.get_by_role("listitem", name="care")).to_contain_text("2messages")
    expect(page.get_by_role("listitem", name="care")).to_contain_text("Bucket")

    source = next(one for one in ops.sources() if one.name == "care")
    ops.create_dataset("demo", "care", (source.source_id,), title="Care")
    page = seen.open("discover", "?user=anna&dataset=demo%2Fcare")
    row = page.get_by_role("option").filter(has_text="Mail 1")
    row.click()
    expect(page.get_by_role("article", name="Message")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Original mail (.eml)").click()
    assert download.value.suggested_filename == "Mail-1.eml"
    assert Path(download.value.path()).read_bytes() == mail(1, body=ATTACK)
    fits(page)
    assert re.search("demo%2Fcare", page.url)
    assert seen.outside == [] and seen.errors == []
