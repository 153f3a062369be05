"""Every command: JSON output is JSON and nothing else, text cannot steer a terminal, and none is forgotten here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import typer

import workbench as wb
from tests.contract.conftest import TOKEN, served_over_http
from tests.contract.test_versions import reviewed_dataset, train
from workbench.cli import main
from workbench.cli.main import app
from workbench.door import Workspace
from workbench.settings import Settings
from workbench.wire import perform
from workbench.workspace.opening import open_workspace

W, D = "w.duckdb", "demo/support"
PRINTS_NO_ANSWER = {"serve", "tenant serve", "demo", "completion"}
"""They run until they are ended, or print what a shell reads."""
NEEDS_THE_FILE = {"stop", "key new", "key check", "key rotate", "restore", "verify", "tenant new", "tenant list",
                  "tenant file", "tenant back-up", "convert"}  # fmt: skip
"""They work on files and not on an open workspace: tests of their own walk them."""
ASKS = {"users add", "users password", "integrations secret"}
"""They ask for a secret: tests of their own walk them."""
SAMPLES: dict[str, tuple[str, ...]] = {
    "import": ("more.jsonl", "--source", "demo/more", "-y"),
    "import-mail": ("one.eml", "--source", "demo/letters", "-y"),
    "delete-mail": ("demo/post", "<none@x>", "--messages", "keep", "-y"),
    "create-dataset": ("demo/second", "--source", "demo/mail"),
    "discover": (D,), "annotate": (D, "UID", "--label", "Refund"), "train": (D,), "validate": (D,), "monitor": (D,),
    "languages": (D,), "translate": (D,), "report": (D, "--folder", "report"), "export": (D, "out.jsonl"),
    "publish": ("COPY",), "quotas": (), "status": (), "jobs": (), "cancel": ("none",), "resume": ("none",),
    "call": ("datasets",), "ask": (D, "unreviewed"), "guide": (D,), "predict": (D, "-f", "more.jsonl", "-y"),
    "suspects": (D,), "usage": (), "forecast": (), "invoice": ("--month", "2020-01", "--no-pdf"), "measures": (),
    "whoami": (),
    "annotations import": (D, "said.jsonl"), "annotations export": (D, "said.jsonl"),
    "audit list": (), "audit verify": (), "audit head": (),
    "budget list": (), "budget set": ("--soft", "9"), "budget remove": (),
    "charge rules": (), "charge set-rule": ("import", "created", "1"), "charge correct": ("none", "--reason", "x"),
    "comments import": ("more.jsonl", "--source", "demo/third", "-y"),
    "comments export": ("all.jsonl", "--dataset", D, "--predictions"),
    "comments import-pairs": ("pairs.csv", "--source", "demo/mail", "--annotate", D, "-y"),
    "emails import": ("demo/post", "mails.jsonl", "-y"), "emails export": ("demo/post", "back.jsonl"),
    "integrations list": (), "integrations show": ("demo/box",),
    "integrations add": ("demo/box", "imap.json", "--into", "demo/boxed"),
    "integrations folders": ("demo/box",), "integrations sync": ("demo/none",), "integrations resync": ("demo/none",),
    "integrations pause": ("demo/box",), "integrations resume": ("demo/none",),
    "integrations delete": ("demo/box", "--confirm", "demo/box"),
    "integrations import": ("demo/box", "imap.json"), "integrations export": ("demo/box", "box.json"),
    "labels list": (D,), "labels create": (D, "New"), "labels rename": (D, "New", "Newer"),
    "labels move": (D, "Newer"), "labels merge": (D, "Newer", "--into", "Refund"),
    "labels split": (D, "Refund", "--part", "A=1"), "labels delete": (D, "None", "--emptied", "reviewed"),
    "labels describe": (D, "Refund", "--title", "\x1b[2J"), "labels order": (D, "Refund"), "labels undo": (D,),
    "labels export": (D, "labels.csv"), "labels import": (D, "labels.csv"), "labels steps": (D,),
    "models list": (D,), "models pin": (D, "1"), "models unpin": (D, "1"), "models star": (D, "1"),
    "models tag": (D, "1", "live"), "models describe": (D, "1", "\x1b[2J"), "models delete": (D, "9"),
    "models rollback": (D, "9"), "models compare": (D, "1", "1"), "models predict": (D,), "models verify": (D, "9"),
    "overlap assign": (D, "--person", "ann", "--person", "bob", "--messages", "2", "--repeats", "0"),
    "overlap list": (D,), "overlap agreement": (D,), "overlap delete": (D, "none"),
    "package export": (D, "p.zip"), "package import": ("p.zip", "--project", "copy", "-y"),
    "plan show": (), "plan list": (), "plan choose": ("self-hosted",),
    "plan set": ("licence", "none", "communications_data", "no"), "plan request": ("communications_data", "--reason", "x"),
    "plan requests": (), "plan answer": ("none", "--reason", "x", "--grant"),
    "quota set": ("none",), "quota reset": ("none",),
    "retention report": (), "retention policy": (), "retention remove": (), "retention preview": (),
    "retention announce": (), "retention run": (),
    "thresholds list": (D,), "thresholds choices": (D, "Refund"),
    "thresholds cost": (D, "Refund", "--wrong-action", "1", "--missed", "2"), "thresholds promise": (D, "Refund"),
    "thresholds week": (D, "Refund", "0.5"), "thresholds keep": (D, "Refund", "0.5"), "thresholds forget": (D, "Refund"),
    "outcomes show": (D, "Refund"), "outcomes messages": (D, "Refund", "true_positive"), "outcomes breakdown": (D, "source"),
    "streams create": (D, "s", "--version", "1", "--title", "\x1b[2J"), "streams list": (D,), "streams thresholds": (D, "s"),
    "streams amend": (D, "s", "--unlisted", "every"), "streams predictions": (D, "s", "UID"), "streams fetch": (D, "s"),
    "streams advance": (D, "s", "none"), "streams reset": (D, "s", "2020-01-01"), "streams position": (D, "s"),
    "streams exceptions": (D, "s"), "streams tag": (D, "s", "UID", "--type", "\x1b[2J"), "streams untag": (D, "s", "UID"),
    "streams compare": (D, "s", "1"), "streams import": (D, "streams.jsonl"), "streams export": (D, "streams.jsonl"),
    "streams delete": (D, "s"), "streams status": (D, "s"), "streams webhook show": (D, "none"),
    "streams webhook set": (D, "none", "https://x.example/y"), "streams webhook pause": (D, "none"),
    "streams webhook resume": (D, "none"), "streams webhook test": (D, "none"), "streams webhook delete": (D, "none"),
    "projects list": (), "projects create": ("empty",), "projects delete": ("empty", "--confirm", "empty"),
    "sources list": (), "sources create": ("demo/extra",), "sources delete": ("demo/extra", "--confirm", "demo/extra"),
    "buckets list": (), "buckets create": ("demo/extra",), "buckets delete": ("demo/extra", "--confirm", "demo/extra"),
    "datasets list": (), "datasets delete": ("demo/second", "--confirm", "demo/second"),
    "users list": (), "users amend": ("none",), "users enable": ("none",), "users disable": ("none",),
    "users delete": ("none",), "users remove-code": ("none",), "users import": ("users.jsonl",),
    "users export": ("users.jsonl",),
    "groups list": (), "groups add": ("team",), "groups members": ("team",), "groups delete": ("team", "--confirm", "team"),
    "roles list": (), "roles add": ("reader", "--permission", "dataset.read"), "roles given": (),
    "roles give": ("none", "reader"), "roles take": ("none",), "roles delete": ("reader", "--confirm", "reader"),
    "tokens list": (), "tokens add": ("none", "x"), "tokens revoke": ("none",),
}  # fmt: skip
FIRST = ("streams export", "streams create", "labels create", "labels export", "users export", "annotations export",
         "integrations add", "emails import", "package export", "streams reset", "streams tag")  # fmt: skip
LAST = ("streams delete", "datasets delete", "groups delete", "roles delete", "integrations delete", "sources delete",
        "buckets delete", "projects delete", "labels undo")  # fmt: skip
MAY_FAIL = {name for name, given in SAMPLES.items() if {"none", "9", "None", "demo/none"} & set(given)} | {
    "validate", "translate", "labels undo", "labels split", "labels merge", "integrations folders", "integrations import",
    "integrations export", "overlap agreement", "overlap assign", "plan choose", "plan request", "plan set", "retention remove",
    "retention announce", "retention run", "retention preview", "thresholds promise", "delete-mail", "labels move",
    "labels rename", "report", "budget remove", "monitor", "outcomes breakdown", "streams untag", "users import",
    "thresholds week", "thresholds cost", "models unpin", "models compare",
}  # fmt: skip
"""Samples that are refused here, or that this small workspace has too little for."""


def leaves(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Names and commands."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


COMMANDS = dict(leaves(typer.main.get_command(app)))


def test_every_command_that_answers_can_answer_in_json() -> None:
    without = {
        name for name, one in COMMANDS.items() if all(parameter.name != "output" for parameter in one.params)
    }
    assert without == PRINTS_NO_ANSWER | {"call"}  # which prints JSON always


def test_no_command_is_forgotten_here() -> None:
    assert COMMANDS.keys() == SAMPLES.keys() | PRINTS_NO_ANSWER | NEEDS_THE_FILE | ASKS


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run one command on a trained workspace in this process, named as a file or by the address it is served at."""
    comment = {
        "id": "z",
        "timestamp": "2024-02-01T08:00:00Z",
        "messages": [{"body": {"text": "\x1b[2J refund"}}],
    }
    (tmp_path / "more.jsonl").write_text(json.dumps({"comment": comment}) + "\n", "utf-8")
    (tmp_path / "one.eml").write_text("From: a@x\nTo: b@x\nMessage-ID: <1@x>\nSubject: S\n\nhello\n", "ascii")
    mail = {"id": "m", "mailbox": "b", "timestamp": "2024-02-01T08:00:00Z", "mime_content": "Subject: S\n\nx"}
    (tmp_path / "mails.jsonl").write_text(json.dumps(mail) + "\n", "utf-8")
    (tmp_path / "pairs.csv").write_text("input,target\nthanks,Praise\n", "utf-8")
    (tmp_path / "imap.json").write_text(
        '{"imap": {"host": "127.0.0.1", "port": 9, "user_name": "care@x"}}', "utf-8"
    )
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / W, settings=settings) as opened, ExitStack() as ways:
        operations = opened.operations("tester")
        dataset_id = reviewed_dataset(operations, 60)
        train(operations, dataset_id)
        uid = operations.messages_table(dataset_id, wb_filter())["uid"].to_pylist()[0]
        monkeypatch.setattr(wb, "open", lambda *_, **__: Workspace(operations, address="w"), raising=False)
        monkeypatch.chdir(tmp_path)
        place = W
        if request.param == "address":
            monkeypatch.delattr(wb, "open")
            monkeypatch.setenv("WORKBENCH_TOKEN", TOKEN)
            served = served_over_http(
                lambda call: perform(opened.operations(call.actor, call.channel, call.call_id), call)
            )
            place = ways.enter_context(served)
        monkeypatch.setenv("NO_COLOR", "1")

        def command(name: str, *more: str) -> tuple[int, str, str]:
            known = {"UID": uid, "COPY": str(tmp_path / "copy.duckdb")}
            given = [known.get(one, one) for one in SAMPLES[name]]
            monkeypatch.setattr(sys, "argv", ["workbench", *name.split(), place, *given, *more])
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capfd.readouterr()
            return int(ended.value.code or 0), captured.out, captured.err

        yield command


def wb_filter() -> Any:
    """Every message."""
    from workbench.domain import MessageFilter

    return MessageFilter()


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "output"), [("file", "json"), ("file", "text"), ("address", "json")], indirect=["run"]
)
def test_what_every_command_prints(run: Callable[..., tuple[int, str, str]], output: str) -> None:
    others = [name for name in SAMPLES if name not in FIRST + LAST]
    refused = {}
    for name in (*FIRST, *others, *LAST):
        more = () if name == "call" else ("-o", output)
        status, out, err = run(name, *more)
        assert status in (0, 1), (name, status, err)
        assert "Traceback" not in err, (name, err)
        assert "\x1b" not in out + err, (name, out, err)
        if output == "json" or name == "call":
            values = [json.loads(line) for line in out.splitlines()]
            assert all(isinstance(value, dict) for value in values), (name, out)
        if status:
            refused[name] = err
            assert err.startswith("error: ") or out, (name, err)
    assert refused.keys() <= MAY_FAIL, {name: refused[name] for name in refused.keys() - MAY_FAIL}
