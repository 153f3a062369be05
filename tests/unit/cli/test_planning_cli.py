"""Plans and quotas on the command line."""

from __future__ import annotations

import json
import re

from tests.unit.cli.test_cli import Run
from tests.unit.cli.test_cli import run as run  # noqa: PLC0414 - a fixture


def test_plans_and_quotas_on_the_command_line(run: Run) -> None:
    assert run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "-y")[0] == 0
    assert run("plan", "show", "a.duckdb")[1].splitlines() == [
        "self-hosted",
        "  communications_data    yes",
        "  customer_managed_key   yes",
    ]
    lines = run("plan", "list", "a.duckdb", "--edition", "licence")[1].splitlines()
    assert lines[-1].split() == ["licence", "enterprise", "Enterprise", "yes", "by_request"]
    assert len(lines) == 8

    status, out, _ = run("plan", "choose", "a.duckdb", "enterprise", "--until", "2099-12-31")
    assert (status, "Enterprise (licence) since" in out, "ends 2099-12-31 00:00 UTC" in out) == (
        0,
        True,
        True,
    )
    assert "customer_managed_key   by request" in out
    out = run("plan", "request", "a.duckdb", "customer_managed_key", "--reason", "our policy")[1]
    request_id = re.match(r"[0-9a-f]{16}", out)
    assert request_id and out.endswith(": our policy, open\n")
    said = ("--refuse", "--reason", "not now")
    assert ", refused by " in run("plan", "answer", "a.duckdb", request_id[0], *said)[1]
    said = ("--grant", "--reason", "contract 17", "--until", "2099-12-31")
    assert run("plan", "answer", "a.duckdb", request_id[0], *said)[0] == 0
    assert ", granted until 2099-12-31 00:00 UTC by " in run("plan", "requests", "a.duckdb")[1]
    assert json.loads(run("plan", "show", "a.duckdb", "-o", "json")[1])["entitlements"][1]["is_held"]

    assert run("plan", "choose", "a.duckdb", "basic")[0] == 0
    status, _, err = run("import", "a.duckdb", "mail.csv", "--source", "demo/more", "-y")
    assert (status, "the plan 'Basic' does not have communications data" in err) == (1, True)
    assert "Plans that have it: Enterprise Trial, Enterprise." in err
    said = ("licence", "basic", "communications_data", "yes")
    assert run("plan", "set", "a.duckdb", *said)[1] == "licence Basic: communications_data is yes\n"

    out = run("quota", "set", "a.duckdb", "sources", "--limit", "1", "--up-to", "2")[1]
    assert out == "sources: at most 1, rises by itself up to 2; 1 used\n"
    assert "set by an administrator" in run("quotas", "a.duckdb")[1]
    assert "(there are no alerts)" in run("quotas", "a.duckdb")[1]
    assert run("quota", "set", "a.duckdb", "sources", "--up-to", "5")[1].startswith(
        "sources: at most 1, rises"
    )
    assert run("quota", "reset", "a.duckdb", "sources")[1] == "sources: at most any number; 1 used\n"
    status, _, err = run("quota", "set", "a.duckdb", "cats", "--limit", "1")
    assert (status, "unknown quota 'cats'" in err) == (1, True)
