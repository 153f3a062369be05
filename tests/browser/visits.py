"""A page with what went wrong on it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, page: Page, address: str, folder: Path) -> None:
        self.page, self.address, self.folder = page, address, folder
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._request)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _said(self, message: object) -> None:
        if message.type == "error":  # type: ignore[attr-defined]
            self.errors.append(message.text)  # type: ignore[attr-defined]

    def _request(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1":
            self.outside.append(url)

    def open(self, app: str = "discover", query: str = "") -> Page:
        self.page.goto(f"{self.address}/voila/render/{app}.ipynb{query}")
        return self.page

    def events(self, kind: str) -> list[dict[str, object]]:
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["kind"] == kind]

    def wait_for(self, kind: str, n: int = 1) -> list[dict[str, object]]:
        """Wait until Python has heard n events of a kind."""
        end = time.monotonic() + 30
        while len(found := self.events(kind)) < n:
            assert time.monotonic() < end, f"no {kind} event; browser said {self.errors}"
            self.page.wait_for_timeout(30)
        return found
