"""The log of the HTTP door: lines of JSON that this user alone may read, without the words of errors."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from workbench.cli import serving_log
from workbench.cli.serving_log import LOGGER, keep_log


def test_lines_are_json_and_say_nothing_of_what_an_error_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_log, "_MOST_BYTES", 600)
    handler = keep_log(tmp_path)
    log = logging.getLogger(f"{LOGGER}.passage")
    try:
        log.info("request", extra={"seen": {"route": "/auth/user", "status": 200}})
        try:
            int("a secret")
        except ValueError:
            log.exception("a request failed")
        first, second = map(json.loads, (tmp_path / "http.log").read_text("utf-8").splitlines())
        for _ in range(20):
            log.info("request")
    finally:
        logging.getLogger(LOGGER).removeHandler(handler)
        logging.getLogger(LOGGER).setLevel(logging.NOTSET)
        handler.close()
    assert first["at"].endswith("+00:00")
    assert (first["level"], first["event"], first["route"]) == ("info", "request", "/auth/user")
    assert (second["level"], second["error"]) == ("error", "ValueError")
    assert "test_lines_are_json" in second["trace"][0] and "secret" not in json.dumps(second)
    files = sorted(tmp_path.iterdir())
    assert [one.name for one in files] == ["http.log", "http.log.1", "http.log.2", "http.log.3"]
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in files)
