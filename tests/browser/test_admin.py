"""An administrator in a browser: a user with a role, a token, a quota, and all of it in the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_gate import sign_in
from tests.browser.test_pages import fits, picture
from tests.browser.visits import Visit
from workbench.client import connect_local
from workbench.domain import AuditQuery
from workbench.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(420)]
ANN, FIRST = "ann has a long password", "a first password for carol"
HOSTILE = '<img src=x onerror="window.hacked=1"> =1+1'


@pytest.fixture
def served(
    serve: Callable[[Path], Served], tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> Served:
    """Ann is the administrator, Ben nobody."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_runtime))
    file = tmp_path / "w.duckdb"
    owner = connect_local(file, settings=Settings(encoder="hash-test", fast_encoder=""))
    owner.create_source("claims", "mail", title="Claims mail")
    owner.create_user("ann", password=ANN)
    owner.create_user("ben", "", HOSTILE, "a first password of ben", ())
    return serve(file)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def row(page: Page, table: str, words: str) -> Locator:
    return page.get_by_role("table", name=table).get_by_role("row").filter(has_text=words)


def test_a_user_a_token_and_a_quota_end_in_the_audit_log(served: Served, browser: Browser) -> None:
    expect.set_options(timeout=60_000)
    try:
        story(served, browser)
    finally:
        expect.set_options(timeout=20_000)


def story(served: Served, browser: Browser) -> None:  # noqa: PLR0915 - one journey, told in order
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    seen = Visit(page, served.address, served.file.parent)
    seen.open("admin")
    sign_in(page, "ann", ANN)
    expect(row(page, "Users", "ben")).to_contain_text("<img src=x")
    fits(page)

    page.get_by_role("button", name="New user").click()
    form = page.get_by_role("form", name="New user")
    form.get_by_label(re.compile("^Name")).fill("carol")
    form.get_by_label("Shown as").fill("Carol")
    password = form.get_by_label("Password", exact=True)
    assert password.get_attribute("type") == "password"
    password.fill(FIRST)
    form.get_by_label("Password again").fill(FIRST + "!")
    form.get_by_role("button", name="Create user").click()
    expect(form.get_by_text("the two passwords differ.")).to_be_visible()
    form.get_by_label("Password again").fill(FIRST)
    form.get_by_role("button", name="Create user").click()
    expect(page.get_by_text("carol is created.")).to_be_visible()
    assert FIRST not in page.content()
    page.get_by_role("button", name="Roles: Carol").click()
    form = page.get_by_role("form", name="Roles of carol")
    form.get_by_label("Give a role").select_option(label="Analyst")
    form.get_by_label("In", exact=True).select_option(value="claims")
    form.get_by_role("button", name="Change roles").click()
    expect(row(page, "Users", "carol")).to_contain_text("analyst in claims")
    picture(page, "admin-people")

    tab(page, "Tokens")
    page.get_by_role("button", name="New token").click()
    form = page.get_by_role("form", name="New token")
    form.get_by_label("User").select_option(value="carol")
    form.get_by_label("For what").fill("nightly upload")
    form.get_by_label("Good for days").fill("30")
    form.get_by_role("button", name="Create token").click()
    sheet = page.get_by_role("region", name="Token nightly upload of carol")
    secret = sheet.locator("code").inner_text()
    assert secret.startswith("wb")
    assert connect_local(served.file, token=secret).whoami() == "carol"
    picture(page, "admin-token")
    assert secret not in page.url
    sheet.get_by_role("button", name="Done").click()
    expect(sheet).to_be_hidden()
    assert secret not in page.content()

    tab(page, "Quotas")
    row(page, "Quotas: open one to set it", "projects").first.click()
    form = page.get_by_role("form", name="Quota of projects")
    form.get_by_label("There may be").fill("5")
    form.get_by_role("button", name="Set quota").click()
    expect(row(page, "Quotas: open one to set it", "projects").first).to_contain_text("set here")
    fits(page)

    tab(page, "Budgets")
    page.get_by_role("button", name="New budget").click()
    form = page.get_by_role("form", name="New budget")
    form.get_by_label("Of", exact=True).select_option(value="claims")
    form.get_by_label("Warn past (units)").fill("80000")
    form.get_by_label("Refuse past (units)").fill("100,000")
    form.get_by_role("button", name="Set budget").click()
    expect(row(page, "Budgets", "project claims, month").first).to_contain_text("100,000")
    fits(page)
    picture(page, "admin-budgets")

    tab(page, "Retention")
    page.get_by_role("button", name="New policy").click()
    form = page.get_by_role("form", name="New policy")
    form.get_by_label("Of", exact=True).select_option(value="project claims")
    form.get_by_label("What happens").select_option(label="deleted")
    form.get_by_label("Carry it out by itself").check()
    expect(form.get_by_text("in your name and only while you have the right to")).to_be_visible()
    picture(page, "admin-policy")
    form.get_by_role("button", name="Set policy").click()
    expect(row(page, "Policies", "project claims").first).to_contain_text(
        "730 days, announced 30 days before"
    )
    expect(row(page, "Policies", "project claims").first).to_contain_text("next from")
    fits(page)
    picture(page, "admin-retention")

    tab(page, "Audit log")
    for what in ("User created", "Role given", "Token made", "Quota set"):
        expect(row(page, "Audit log", what).first).to_contain_text("ann")
    page.get_by_label("To what").fill("carol")
    page.keyboard.press("Enter")
    expect(row(page, "Audit log", "Quota set")).to_have_count(0)
    row(page, "Audit log", "Token made").first.click()
    expect(page.get_by_role("listitem", name="Token made")).to_contain_text("nightly upload")
    picture(page, "admin-audit")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    exported = Path(download.value.path()).read_text("utf-8-sig")
    assert "create_token" in exported
    assert "set_quota" not in exported
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("form", name="Verify the audit log").get_by_role("button", name="Verify").click()
    expect(page.get_by_text(re.compile(r"All \d+ events fit"))).to_be_visible()

    tab(page, "My account")
    page.get_by_role("button", name=re.compile("^Use one-time codes")).click()
    expect(page.get_by_role("img", name="Picture for an authenticator app")).to_be_visible()
    picture(page, "admin-codes")
    assert page.evaluate("document.querySelector('.wb-once img').naturalWidth") > 0
    assert seen.errors == []
    assert seen.outside == []
    found = served.operations.audit_events(AuditQuery(actors=("ann",)))
    kept = str(found) + "".join(one.read_text("utf-8", "replace") for one in _logs(served))
    assert {"create_user", "assign_role", "create_token", "set_quota"} <= {one.type for one in found.events}
    assert secret not in kept
    assert FIRST not in kept
    context.close()


def _logs(served: Served) -> list[Path]:
    folder = served.file.parent
    return [folder / "serve.log", *(folder / "w.duckdb.workbench").rglob("*.log")]


def test_somebody_without_rights_sees_their_own_account(served: Served, browser: Browser) -> None:
    served.operations.set_password("ben has another one now", "", "ben")
    context = browser.new_context(viewport={"width": 800, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{served.address}/voila/render/admin.ipynb?part=audit")
    sign_in(page, "ben", "ben has another one now")
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    page.get_by_label("Present password").fill("ben has another one now")
    page.get_by_label(re.compile("^New password12")).fill(ANN)
    page.get_by_label("New password again").fill(ANN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.address}/")
    page.goto(f"{served.address}/voila/render/admin.ipynb?part=audit")
    expect(page.get_by_role("button", name=re.compile("^Change password"))).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    assert "Claims mail" not in page.content()
    fits(page)
    context.close()
