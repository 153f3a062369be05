"""A workspace with accounts in a real browser: signing in, an app that acts for its visitor, signing out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from workbench.client import connect_local
from workbench.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.nightly]

ANN, BEN = "ann has a long password", "ben has a long password"


@pytest.fixture
def served(
    serve: Callable[[Path], Served], tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> Served:
    """Ann may do everything; Ben may read the sources of one project."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_runtime))
    file = tmp_path / "w.duckdb"
    owner = connect_local(file, settings=Settings(encoder="hash-test", fast_encoder=""))
    owner.create_source("claims", "mail", title="Claims mail")
    owner.create_source("secret", "mail", title="Board mail")
    owner.create_user("ann", password=ANN)
    owner.create_user("ben", password="a first password")
    owner.assign_role("ben", "analyst", project="claims")
    return serve(file)


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_apps_act_for_who_signed_in_and_end_with_the_session(served: Served, browser: Browser) -> None:
    expect.set_options(timeout=90_000)
    try:
        story(served, browser)
    finally:
        expect.set_options(timeout=20_000)


def story(served: Served, browser: Browser) -> None:
    ann = browser.new_context(viewport={"width": 800, "height": 700})
    page = ann.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda one: faults.append(one.text) if "Content Security Policy" in one.text else None)
    page.goto(f"{served.address}/voila/render/sources.ipynb")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sign_in(page, "ann", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    assert page.evaluate("document.activeElement.name") == "password"
    sign_in(page, "ann", ANN)
    expect(page.get_by_text("Claims mail", exact=True).first).to_be_visible()
    expect(page.get_by_text("Board mail", exact=True).first).to_be_visible()
    cookies = {one["name"]: one for one in ann.cookies()}
    session = next(one for name, one in cookies.items() if "session" in name)
    assert session["httpOnly"]
    assert session["sameSite"] == "Lax"
    shown = page.content() + page.url + page.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert "wbs_" not in shown
    kernel = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page.content()).group(1)

    ben = browser.new_context()
    other = ben.new_page()
    other.goto(f"{served.address}/voila/render/sources.ipynb?user=ann")
    sign_in(other, "ben", "a first password")
    expect(other.get_by_role("heading", name="Set a new password")).to_be_visible()
    other.get_by_label("Present password").fill("a first password")
    other.get_by_label(re.compile("^New password12")).fill(BEN)
    other.get_by_label("New password again").fill(BEN)
    other.keyboard.press("Enter")
    other.wait_for_url(f"{served.address}/")
    other.goto(f"{served.address}/voila/render/sources.ipynb?user=ann")
    expect(other.get_by_text("Claims mail", exact=True).first).to_be_visible()
    assert "Board mail" not in other.content()

    jar = {one["name"]: one["value"] for one in ben.cookies()}
    with httpx.Client(base_url=served.address, cookies=jar, trust_env=False) as stranger:
        assert stranger.get(f"/api/kernels/{kernel}").status_code == 404
        ended = stranger.post(f"/voila/api/shutdown/{kernel}", headers={"Origin": served.address})
        assert ended.status_code == 404

    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{served.address}/sign-in")
    page.goto(f"{served.address}/voila/render/sources.ipynb")
    expect(page).to_have_url(re.compile("/sign-in"))
    assert faults == []
    logs = [served.file.parent / "serve.log", *(served.file.parent / "w.duckdb.workbench").rglob("*.log")]
    for log in logs:
        text = log.read_text("utf-8", "replace")
        assert "wbs_" not in text, log
        assert ANN not in text, log
    for context in (ann, ben):
        context.close()
