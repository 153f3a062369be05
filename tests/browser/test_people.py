"""An analyst and a viewer at work: what they see, what is dimmed, and what does not exist for them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_gate import sign_in
from tests.browser.test_pages import fits, picture
from tests.contract.messages import batch
from workbench.client import connect_local
from workbench.domain import DiscoverOptions, JobId, Judgement, MessageFilter, Operations
from workbench.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(900)]

PASSWORD = "a long password of nobody"
SECRET = "Board minutes"
APPS = ("discover", "annotate", "validation", "models", "monitor", "train", "agreement", "streams", "usage")


def finish(there: Operations, job_id: JobId) -> None:
    after = 0
    while not (state := there.job(job_id)).finished:
        after = there.wait_events(after, 5.0).last_seq
    assert state.status == "done", state.error


def fill(there: Operations, project: str, title: str) -> None:
    """A project with a trained dataset."""
    source = there.create_source(project, "mail", title=title, sensitive_properties=("string:Team",))
    there.put_messages(source.source_id, batch(160), "first", 160)
    dataset = there.create_dataset(project, "all", (source.source_id,), title=title).dataset_id
    label = there.create_label(dataset, "Refund")
    uids = there.message_uids(dataset, MessageFilter())["uid"].to_pylist()
    for n, uid in enumerate(uids[:130]):
        assigned = (label.label_id,) if n % 3 else ()
        there.judge(dataset, (Judgement(event_id=secrets.token_hex(8), uid=uid, assigned=assigned),))
    finish(there, there.start_discover(dataset, DiscoverOptions()))
    finish(there, there.start_train(dataset))
    finish(there, there.start_monitor(dataset))


@pytest.fixture
def served(
    serve: Callable[[Path], Served], tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> Served:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_runtime))
    file = tmp_path / "w.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    owner = connect_local(file, settings=settings)
    fill(owner, "claims", "Claims mail")
    fill(owner, "board", SECRET)
    owner.create_user("boss", password=PASSWORD)
    for name in ("analyst", "viewer"):
        owner.create_user(name)
        owner.set_password(PASSWORD, user=name)
        owner.assign_role(name, name, project="claims")
    return serve(file)


def first_sign_in(page: Page, served: Served, name: str) -> None:
    """Sign in, and change the password that somebody else set."""
    page.goto(f"{served.address}/voila/render/discover.ipynb")
    sign_in(page, name, PASSWORD)
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label(re.compile("^New password12")).fill(f"{PASSWORD} of {name}")
    page.get_by_label("New password again").fill(f"{PASSWORD} of {name}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.address}/")


@pytest.mark.parametrize(("name", "width", "scheme"), [("analyst", 1440, "light"), ("viewer", 800, "dark")])
def test_who_only_reads_sees_one_project_and_changes_nothing(
    served: Served, browser: Browser, name: str, width: int, scheme: str
) -> None:
    expect.set_options(timeout=90_000)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        journey(context, served, name)
    finally:
        context.close()
        expect.set_options(timeout=20_000)


def journey(context: BrowserContext, served: Served, name: str) -> None:
    page = context.new_page()
    first_sign_in(page, served, name)
    for app in APPS:
        page.goto(f"{served.address}/voila/render/{app}.ipynb")
        page.locator(".wb-panel-body").first.wait_for(timeout=90_000)
        page.wait_for_timeout(2_000)
        fits(page)
        content = page.content()
        assert SECRET not in content and "board/all" not in content, app
        assert page.locator(".wb-notice [data-level=error]").count() == 0, app
        assert "may not" not in page.locator(".wb-panel").first.inner_text(), app
        picture(page, f"{name}-{app}")
    page.goto(f"{served.address}/voila/render/discover.ipynb")
    expect(page.get_by_role("button", name="Discover", exact=True)).to_be_disabled()
    expect(page.get_by_text("parcel").first).to_be_visible()
    page.goto(f"{served.address}/voila/render/validation.ipynb")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    page.goto(f"{served.address}/voila/render/annotate.ipynb")
    expect(page.get_by_text("You may look at this dataset, not annotate it.")).to_be_visible()
    page.goto(f"{served.address}/voila/render/sources.ipynb")
    expect(page.get_by_text("Claims mail", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="New source")).to_be_disabled()
    assert page.get_by_role("button", name="Upload files").count() == 0
    assert SECRET not in page.content()
    page.goto(f"{served.address}/voila/render/discover.ipynb?dataset=board%2Fall")
    expect(page.get_by_role("alert").filter(has_text="unknown dataset 'board/all'")).to_be_visible()
    reviewed = served.operations.dataset("claims/all").n_reviewed
    assert reviewed == 130
