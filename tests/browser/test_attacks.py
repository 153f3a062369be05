"""Stored text that wants to run: every field of a message, label, file name, title and cell, on every screen.

The text tries each way in at once: a tag, an attribute that is broken out of, a script, a link, an SVG, a formula and a
template. It is looked for in what ran (a variable of the page), in what was built (elements that bear its mark), and in
what was asked of other machines.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served
from tests.browser.test_pages import picture, visit
from workbench.domain import (
    ColumnMapping,
    DiscoverOptions,
    ImportOptions,
    JobId,
    Judgement,
    LabelThreshold,
    MessageFilter,
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    Operations,
    PartText,
    StreamException,
    StreamSettings,
    UploadId,
    message_batch,
)
from workbench.door import Dataset

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(600)]

MARK = "data-attacked"
ATTACK = (
    f"=HYPERLINK(1) \"><img src=x {MARK}=1 onerror='window.attacked=1'>"
    f"<script {MARK}=2>window.attacked=2</script><svg {MARK}=3 onload=window.attacked=3>"
    f'<a {MARK}=4 href="javascript:window.attacked=4">x</a>{{{{7*7}}}}${{7*7}}</title></script>'
    "[x](javascript:window.attacked=5)\u202e"
)
SHORT = f"<img src=x {MARK}=5 onerror=window.attacked=6>"
OPEN = f"<img src=x {MARK}=6 onerror=window.attacked=8 x"
"""As a label may be called: its levels are parted by '>', so the next one on the page would close the tag."""
APPS = (
    "sources",
    "datasets",
    "discover",
    "train",
    "annotate",
    "validation",
    "models",
    "monitor",
    "agreement",
    "streams",
    "usage",
    "admin",
)
TABS = 12
"""Most controls that are pressed on a screen, so that what is hidden at first is drawn too."""


def part(n: int) -> MessagePart:
    """A part whose every text attacks."""
    return MessagePart(
        body=PartText(text=f"{ATTACK} body {n}"),
        subject=PartText(text=f"{ATTACK} subject {n}"),
        signature=PartText(text=ATTACK),
        sender=f"{SHORT}{n % 3} <a@evil.example>",
        to=(SHORT, f'"{SHORT}" <b@evil.example>'),
        cc=(SHORT,),
        bcc=(SHORT,),
    )


def fill(there: Operations, folder: Path) -> Dataset:
    """A workspace in which everything that has a name or a text attacks."""
    there.create_project("demo", ATTACK[:128], ATTACK)
    source = there.create_source("demo", "mail", ATTACK[:128], "email", "en", ATTACK)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    messages = [
        NewMessage(
            message_id=MessageId(f'm{n}"><svg{MARK}onload=window.attacked=7>'),
            timestamp=start + timedelta(hours=n),
            parts=(part(n), part(n + 1)) if n % 2 else (part(n),),
            thread_id=f"{SHORT}{n // 2}",
            properties={
                f"string:{SHORT}": SHORT,
                "string:Team": f"{ATTACK}{n % 2}",
                "number:NPS": float(n % 11),
            },
            attachments=(NewAttachment(name=f"{SHORT}.html", content=b"<b>", content_type=SHORT),),
        )
        for n in range(160)
    ]
    there.put_messages(source.source_id, message_batch(messages), "attack", len(messages))
    upload_file(there, source.source_id, folder)
    made = there.create_dataset("demo", "all", (source.source_id,), ATTACK[:128], ATTACK, has_sentiment=False)
    ds = Dataset(there, made.dataset_id)
    label = there.create_label(made.dataset_id, OPEN, ATTACK)
    there.create_label(made.dataset_id, f"Top > {OPEN}", ATTACK)
    there.create_stream(made.dataset_id, "s", StreamSettings(description=ATTACK[:200]))
    uids = there.message_uids(made.dataset_id, MessageFilter())["uid"].to_pylist()
    for n, uid in enumerate(uids[:140]):
        assigned = (label.label_id,) if n % 3 else ()
        there.judge(
            made.dataset_id,
            (Judgement(event_id=secrets.token_hex(8), uid=uid, assigned=assigned),),
        )
    tags = tuple(StreamException(uid=uid, type=SHORT, metadata={SHORT: SHORT}) for uid in uids[:9])
    there.tag_exceptions(made.dataset_id, "s", tags)
    finish(there, there.start_discover(made.dataset_id, DiscoverOptions()))
    finish(there, there.start_train(made.dataset_id))
    finish(there, there.start_monitor(made.dataset_id))
    listed = (LabelThreshold(label_id=label.label_id, threshold=0.1),)
    there.amend_stream(
        made.dataset_id,
        "s",
        StreamSettings(title=ATTACK[:128], description=ATTACK[:200], version=1, thresholds=listed),
    )
    there.reset_stream(made.dataset_id, "s", start - timedelta(days=9))
    return ds


def upload_file(there: Operations, source_id: str, folder: Path) -> None:
    """A file whose name, headers and cells attack, with rows that are refused."""
    file = folder / "rows.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "when", "text", SHORT])
        rows.writerows([[f"r{n}", "2026-03-01" if n % 2 else ATTACK, ATTACK, ATTACK] for n in range(20)])
    content = file.read_bytes()
    upload_id = UploadId(secrets.token_hex(16))
    there.begin_upload(upload_id, f"{ATTACK}.csv", len(content))
    there.upload_piece(upload_id, 0, content)
    there.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    mapping = ColumnMapping(id="id", timestamp="when", body="text", properties={SHORT: "string"})
    finish(there, there.start_import(source_id, upload_id, mapping, ImportOptions(on_bad_row="skip")))


def finish(there: Operations, job_id: JobId) -> None:
    after = 0
    while not (state := there.job(job_id)).finished:
        after = there.wait_events(after, 5.0).last_seq
    assert state.status == "done", state.error


def unharmed(page: Page) -> None:
    """Nothing ran, and nothing of the attack became an element or an attribute."""
    assert page.evaluate("window.attacked") is None
    assert page.locator(f"[{MARK}]").count() == 0
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll('a[href], iframe[src], form[action]')]
            .filter((one) => /^\\s*javascript:/i.test(one.href || one.src || one.action)).length"""
        )
        == 0
    )
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll('*')].filter((one) =>
            [...one.attributes].some((a) => a.name.startsWith('on') && /attacked/.test(a.value))).length"""
        )
        == 0
    )


def press_everything(page: Page) -> None:
    """Open what is folded, turn to each tab, show each table and each list."""
    for role in ("tab", "button"):
        controls = page.get_by_role(role)  # type: ignore[arg-type]
        for at in range(min(controls.count(), TABS)):
            one = controls.nth(at)
            words = (one.inner_text() or one.get_attribute("aria-label") or "").lower()
            if any(stop in words for stop in ("delete", "train", "cancel", "upload", "report", "import")):
                continue
            if one.is_visible() and one.is_enabled():
                one.click(timeout=5_000, no_wait_after=True, trial=False, force=True)
                page.wait_for_timeout(150)
                unharmed(page)
    page.keyboard.press("Escape")


def open_streams(page: Page) -> None:
    """Whatever can be opened of a stream, and its first message."""
    for words in ("Queue", "Exceptions", "Webhook", "Change", "Delete"):
        page.get_by_role("button", name=re.compile(f"^{words}: ")).click()
        page.wait_for_timeout(1_500)
        unharmed(page)
        for row in page.locator(".wb-list .v-row").all()[:1]:
            row.click()
            page.wait_for_timeout(500)
            unharmed(page)
        picture(page, f"attack-streams-{words}")
        page.get_by_role("button", name=re.compile("^(All streams|Cancel)$")).first.click()


def test_text_that_wants_to_run_is_only_ever_text(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "attacked.duckdb")
    ds = fill(served.operations, tmp_path)
    seen = visit(browser, served)
    seen.page.on("dialog", lambda dialog: dialog.dismiss())
    for app in APPS:
        page = seen.open(
            app, f"?user={SHORT}&text=%3Cimg%20src%3Dx%20{MARK}%3D9%20onerror%3Dwindow.attacked%3D9%3E"
        )
        page.locator(".wb-panel-body").first.wait_for()
        page.wait_for_timeout(1_500)
        unharmed(page)
        page = seen.open(app, "?user=anna")
        page.locator(".wb-panel-body").first.wait_for()
        page.wait_for_timeout(1_500)
        unharmed(page)
        if app == "streams":
            open_streams(page)  # what is opened there takes the place of the list: it is told what to press
        else:
            press_everything(page)
        picture(page, f"attack-{app}")
    assert not seen.outside
    report(ds, tmp_path, seen.page)


def report(ds: Dataset, folder: Path, page: Page) -> None:
    """The exported page, and the cells of the exported tables."""
    out = folder / "report"
    ds.report(out)
    for file in out.glob("*.html"):
        page.goto(file.as_uri())
        page.wait_for_timeout(1_000)
        unharmed(page)
    for file in [*out.rglob("*.csv")]:
        for row in csv.reader(file.read_text("utf-8-sig").splitlines()):
            assert not [cell for cell in row if cell.startswith(("=", "@", "\t", "\r"))], file.name
    ds.export(folder / "all.jsonl")
    kept = [json.loads(line) for line in (folder / "all.jsonl").read_text("utf-8").splitlines()]
    assert sum(ATTACK[:20] in str(one) for one in kept) >= 160  # as it came: an export loses nothing
