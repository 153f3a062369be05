"""Thresholds, label errors, outcomes and streams from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.test_thresholds import spoil
from tests.contract.test_versions import reviewed_dataset, train
from tests.receivers import Receiver, receiving
from workbench.cli import arguments, main
from workbench.door import Dataset
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    settings = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=0, webhook_inner_hosts="127.0.0.1"
    )
    with open_workspace(tmp_path_factory.mktemp("cli") / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        made = Dataset(operations, reviewed_dataset(operations, 300))
        spoil(operations, made.dataset_id)
        train(operations, made.dataset_id)
        yield made


@pytest.fixture
def run(
    trained: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs a command on the dataset: ``run("thresholds list")`` = its status and what it printed."""
    monkeypatch.setattr(arguments, "open_dataset", lambda _file, _name: trained)

    def do(command: str, *rest: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *command.split(), "w.duckdb", "demo/support", *rest])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    yield do
    for row in trained.kept_thresholds().iter_rows(named=True):
        trained.keep_threshold(row["label"], None)
    for name in trained.streams()["name"]:
        trained.delete_stream(name)


def as_json(run: Run, command: str, *rest: str) -> Any:
    status, said = run(command, *rest, "--output", "json")
    assert status == 0, said
    return json.loads(said)


def as_rows(run: Run, command: str, *rest: str) -> list[Any]:
    """Of a command that prints several, one a line."""
    status, said = run(command, *rest, "--output", "json")
    assert status == 0, said
    return [json.loads(line) for line in said.splitlines()]


# ---- thresholds ----------------------------------------------------------------------------------


def test_thresholds_are_offered_kept_listed_and_forgotten(run: Run, trained: Dataset) -> None:
    assert run("thresholds list") == (0, "")
    offered = {one["name"]: one for one in as_rows(run, "thresholds choices", "Refund")}
    balanced = offered["balanced"]["threshold"]
    said = run("thresholds choices", "Refund")[1]
    assert f"{balanced:.4f}  balanced " in said and "precision" in said
    assert run("thresholds keep", "Refund", "0.7", "--check-from", "0.5", "--reason", "so\x1b[2J")[
        1
    ].startswith("   0.7  check from 0.5  Refund  (chosen: so\\x1b[2J; tester, ")
    (kept,) = as_rows(run, "thresholds keep", "Refund", "--choice", "balanced", "--version", "1")
    assert (kept["threshold"], kept["basis"], kept["check_from"]) == (balanced, "balanced", None)
    assert as_rows(run, "thresholds list", "--version", "1") == [kept]
    assert run("thresholds forget", "Refund") == (0, "")
    assert trained.kept_thresholds().is_empty()


def test_a_threshold_by_cost(run: Run, trained: Dataset) -> None:
    costs = ("--wrong-action", "20", "--missed", "10", "--manual-check", "2")
    status, said = run("thresholds cost", "Refund", *costs)
    lines = said.splitlines()
    assert status == 0 and lines[0] == "act from 0.9, check from 0.2"
    assert lines[1].startswith("a week: ") and lines[2].startswith("cost: ")
    assert lines[3].endswith("test messages, 95 % intervals") and len(lines) == 4
    assert trained.kept_thresholds().is_empty()
    assert run("thresholds cost", "Refund", *costs, "--keep")[1].endswith("kept with version 1\n")
    assert trained.kept_thresholds().row(0)[:5] == ("Refund", 0.9, 0.2, "cost", "wrong action 20, missed 10")
    found = as_json(run, "thresholds cost", "Refund", "--wrong-action", "1", "--missed", "3", "--keep")
    assert found["act_from"] == found["check_from"] == 0.25
    assert trained.kept_thresholds().row(0)[1:3] == (0.25, None)
    half = as_json(run, "thresholds cost", "Refund", *costs, "--where", "text=driver")
    assert half["actions"]["value"] < as_json(run, "thresholds cost", "Refund", *costs)["actions"]["value"]


def test_a_threshold_with_a_promise(run: Run, trained: Dataset) -> None:
    status, said = run("thresholds promise", "Refund", "--at-most", "0.01")
    assert status == 0 and said.startswith("nothing can be promised: Too few held-out messages")
    assert run("thresholds promise", "Refund", "--at-most", "0.01", "--keep")[0] == 1
    assert trained.kept_thresholds().is_empty()
    loose = ("--risk", "missed", "--at-most", "0.3", "--sure", "0.6", "--held-out", "cross_validated")
    status, said = run("thresholds promise", "Refund", *loose, "--keep")
    assert (
        status == 0 and " on at most 0.3 of what it should find is missed in the long run, 0.6 sure" in said
    )
    assert said.endswith("kept with version 1\n")
    found = as_json(run, "thresholds promise", "Refund", *loose)
    assert trained.kept_thresholds().row(0)[1:5] == (
        found["threshold"],
        None,
        "promise",
        "at most 0.3 missed, 0.6 sure",
    )
    assert as_json(run, "thresholds promise", "Refund", *loose, "--over-next", "50")["over_next"] == 50
    assert found["sample"] == "random"
    assert as_json(run, "thresholds promise", "Refund", *loose, "--sample", "all")["sample"] == "all"


def test_what_a_week_brings(run: Run) -> None:
    status, said = run("thresholds week", "Refund", "0.5")
    assert status == 0 and said.startswith("a week of 168 messages: ") and " reach 0.5, " in said
    assert as_json(run, "thresholds week", "Refund", "0.5")["n_messages"] == 168
    status, said = run("thresholds week", "Refund", "1.5")
    assert status == 1 and "error: threshold is 1.5, which is no probability" in said


def test_what_cannot_be_kept_is_said(run: Run) -> None:
    for given in ((), ("0.5", "--choice", "balanced")):
        status, said = run("thresholds keep", "Refund", *given)
        assert status == 1 and said.startswith(
            "error: a threshold is kept by its number or by its choice.\n  next: "
        )
    assert (
        "unknown label 'Refunds'.\n  next: did you mean 'Refund'" in run("thresholds choices", "Refunds")[1]
    )
    assert run("thresholds keep", "Refund", "--choice", "odd")[0] == 2


# ---- suspects and outcomes -----------------------------------------------------------------------


def test_suspects(run: Run) -> None:
    found = as_json(run, "suspects", "-n", "5")
    lines = run("suspects", "-n", "5")[1].splitlines()
    assert lines[0] == f"{found['n_suspects']} of {found['n_judged']} reviewed messages are suspect"
    first = found["suspects"][0]
    assert lines[1] == (
        f"{first['uid']}  instead  said Delivery > Late ({first['said_probability']:.2f}), "
        f"expected Refund ({first['expected_probability']:.2f})"
    )
    assert len(lines) == 1 + len(found["suspects"]) == 6
    about = as_json(run, "suspects", "--label", "Refund")
    assert about["n_suspects"] > 0 and as_json(run, "suspects", "--label", "Delivery") != about
    assert run("suspects", "-n", "0")[0] == 1
    assert run("suspects", "--label", "Refunds")[0] == 1


def test_outcomes_of_a_label(run: Run) -> None:
    found = as_json(run, "outcomes show", "Refund", "--threshold", "0")
    counts = found["counts"]
    assert counts["n"] == counts["true_positive"] + counts["false_positive"]
    lines = run("outcomes show", "Refund", "--threshold", "0")[1].splitlines()
    assert lines[0] == f"version 1, Refund, threshold 0, {counts['n']} test messages"
    assert (
        lines[1]
        == f"right {counts['true_positive']}, wrong {counts['false_positive']}, missed 0, rightly left 0"
    )
    assert lines[2].startswith("precision ") and lines[2].endswith(f", n {counts['true_positive']})")
    page = run("outcomes messages", "Refund", "true_positive", "--threshold", "0", "-n", "2")[1].splitlines()
    assert page[0] == f"{counts['true_positive']} test messages" and len(page) == 3
    later = run(
        "outcomes messages", "Refund", "true_positive", "--threshold", "0", "--offset", "1", "-n", "1"
    )
    assert later[1].splitlines()[1] == page[2]
    assert run("outcomes messages", "Refund", "odd")[0] == 2


def test_outcomes_by_groups(run: Run) -> None:
    found = as_json(run, "outcomes breakdown", "string:Team", "--label", "Refund")
    lines = run("outcomes breakdown", "string:Team", "--label", "Refund")[1].splitlines()
    assert len(lines) == 1 + len(found["groups"]) and lines[0].endswith("  all")
    assert {line.rsplit("  ", 1)[1] for line in lines[1:]} == {one["value"] for one in found["groups"]}
    assert as_json(run, "outcomes breakdown", "month")["label_id"] is None
    assert run("outcomes breakdown", "odd")[0] == 1


# ---- streams -------------------------------------------------------------------------------------


def test_streams_from_the_command_line(run: Run, trained: Dataset) -> None:
    assert run("streams list") == (0, "")
    status, said = run("streams create", "refunds", "--version", "1", "--where", "text=driver")
    assert status == 0 and said.startswith("refunds  version 1  labels: kept  ")
    assert "note: no label comes: keep thresholds with the version" in said
    run("thresholds keep", "Refund", "0")
    assert run("streams thresholds", "refunds")[1].splitlines().count("     0  kept   Refund") == 1
    assert " never  off    Delivery" in run("streams thresholds", "refunds")[1]
    uids = [str(uid) for uid in trained.messages(text="driver")["uid"]][:2]
    other = next(str(uid) for uid in trained.messages(text="refund")["uid"])
    found = run("streams predictions", "refunds", *uids, other)[1].splitlines()
    assert [line.split("  ")[0] for line in found] == uids
    assert all(line.split("  ")[1].startswith("Refund 0.") for line in found)
    (first, _) = as_rows(run, "streams predictions", "refunds", *uids)
    assert (first["labels"][0]["origin"], first["labels"][0]["threshold"]) == ("kept", 0.0)

    said = run("streams amend", "refunds", "--threshold", "Delivery > Late=0.25", "--title", "Late\x1b[2J")[1]
    assert said.startswith("refunds  version 1  Delivery > Late from 0.25  other labels: off  ")
    assert "Late\\x1b[2J" in said and "note:" not in said
    amended = as_json(run, "streams amend", "refunds", "--unlisted", "every", "--where", "")
    assert (amended["settings"]["unlisted"], len(amended["settings"]["thresholds"])) == ("every", 1)
    assert amended["settings"]["where"]["text"] == ""
    emptied = as_json(run, "streams amend", "refunds", "--no-thresholds")["settings"]
    assert (emptied["thresholds"], emptied["unlisted"]) == ([], None)
    assert [one["name"] for one in as_rows(run, "streams list")] == ["refunds"]
    assert run("streams delete", "refunds") == (0, "stream refunds is gone\n")
    assert trained.streams().is_empty()


def test_a_stream_is_consumed_from_the_command_line(run: Run, trained: Dataset) -> None:
    run("streams create", "queue", "--version", "1", "--unlisted", "every")
    (end,) = run("streams fetch", "queue")[1].splitlines()
    assert end.endswith("  the end")
    status, said = run("streams reset", "queue", "2000-01-01")
    assert status == 0 and "messages behind since 20" in said
    first, second, batch = run("streams fetch", "queue", "--size", "2")[1].splitlines()
    assert "Refund 0." in first and batch.endswith("  there is more")
    behind = as_json(run, "streams position", "queue")["n_behind"]
    moved = as_json(run, "streams advance", "queue", first.split()[0])
    assert moved["n_behind"] == behind - 1
    assert run("streams fetch", "queue", "--size", "1")[1].splitlines()[0] == second
    for odd in ("-" + "o" * 31, "--" + "o" * 30):  # no option
        status, said = run("streams advance", "queue", odd)
        assert status == 1 and f"'{odd}' is no sequence id of this stream" in said
    status, said = run("streams advance", "queue", "nonsense")
    assert status == 1 and "'nonsense' is no sequence id of this stream" in said
    uid = second.split()[1]
    trained.tag_exceptions("queue", [uid], "Wrong\x1b[2J")
    assert run("streams exceptions", "queue") == (0, f"{uid}  Wrong\\x1b[2J\n")
    assert run("streams compare", "queue", "1")[1].splitlines()[0].startswith("0 of ")
    trained.delete_stream("queue")


def test_a_stream_is_watched_and_sent_from_the_command_line(run: Run, trained: Dataset) -> None:
    run("streams create", "queue", "--version", "1", "--unlisted", "every")
    run("streams reset", "queue", "2000-01-01")
    first = run("streams fetch", "queue", "--size", "1")[1].split()[0]
    run("streams advance", "queue", first)
    said = run("streams status", "queue")[1].splitlines()
    assert said[0].startswith("queue  version 1  ") and "messages wait since 20" in said[0]
    assert said[1] == "1 messages were handed on" and said[2].endswith(" UTC         1")
    assert as_json(run, "streams status", "queue")["n_delivered"] == 1
    status, said_text = run("streams webhook set", "queue", "https://other.example/x")
    assert status == 1 and "do not let streams be sent to 'other.example'" in said_text
    with receiving(Receiver()) as there:
        status, said_text = run("streams webhook set", "queue", there.url, "--batch-size", "7")
        assert status == 0 and f"queue  sent  {there.url}\n" in said_text
        assert "secret, shown this once: whsec_" in said_text
        assert "secret" not in run("streams webhook set", "queue", there.url)[1]
        assert as_json(run, "streams webhook set", "queue", there.url, "--new-secret")["secret"]
        assert run("streams webhook pause", "queue")[1].startswith(
            f"queue  paused  {there.url}\n0 messages wait, "
        )
        assert "webhook http://127.0.0.1" in run("streams status", "queue")[1]
        assert run("streams webhook test", "queue")[1].endswith(" ms: status 204\n")
        there.answer = lambda _: 500
        status, said_text = run("streams webhook test", "queue")
        assert status == 1 and said_text.startswith("not taken after ") and "status 500" in said_text
        assert run("streams webhook resume", "queue")[1].startswith("queue  sent  ")
        assert as_json(run, "streams webhook show", "queue")["settings"]["url"] == there.url
        gone = f"stream queue is not sent to {there.url} any more\n"
        assert run("streams webhook delete", "queue") == (0, gone)
    assert run("streams webhook show", "queue")[0] == 1
    trained.delete_stream("queue")


def test_what_streams_refuse_is_said(run: Run) -> None:
    status, said = run("streams create", "s", "--version", "1", "--threshold", "Refund:0.7")
    assert status == 1 and said == (
        "error: threshold 'Refund:0.7' cannot be read.\n"
        "  next: Write it as 'Refund=0.7': the label, then a number from 0 to 1.\n"
    )
    assert (
        "a threshold of 7.0 cannot be used"
        in run("streams create", "s", "--version", "1", "--threshold", "Refund=7")[1]
    )
    status, said = run("streams amend", "s", "--no-thresholds", "--threshold", "Refund=0.7")
    assert status == 1 and said.startswith("error: thresholds are given and taken out at once.\n")
    assert run("streams create", "s", "--unlisted", "odd")[0] == 2
    assert run("streams delete", "s")[0] == 1
    assert run("streams list")[1] == ""
