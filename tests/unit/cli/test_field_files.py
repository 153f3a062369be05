"""Files in this field's formats: what one command writes another takes, and a broken line is named and costs no other."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from workbench.cli import main
from workbench.door import Workspace
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

Run = Callable[..., tuple[int, str, str]]
COMMENTS: list[dict[str, Any]] = [
    {"comment": {"id": "c1", "timestamp": "2024-02-01T08:00:00Z", "thread_id": "t1",
                 "messages": [{"subject": {"text": "Refund"}, "body": {"text": "I want my 20 EUR back"},
                               "from": "ann@buyer.example", "to": ["care@store.example"]}],
                 "user_properties": {"string:Team": "West", "number:NPS": 2}},
     "labelling": [{"group": "default", "assigned": [{"name": "Refund", "sentiment": "positive"}],
                    "dismissed": [{"name": "Praise", "sentiment": "positive"}]}]},
    {"comment": {"id": "c2", "timestamp": "2024-02-02T08:00:00+02:00", "messages": [{"body": {"text": "\x1b[2J 漢字"}}]}},
]  # fmt: skip
ENTITIES = {"entities": {"assigned": [{"name": "money"}], "dismissed": []}}
EMAIL = {"id": "<m1@store.example>", "mailbox": "care@store.example", "timestamp": "2024-02-01T08:00:00Z",
         "mime_content": "From: ann@buyer.example\r\nSubject: Refund\r\n\r\nhello", "attachments": []}  # fmt: skip


def jsonl(path: Path, *values: object) -> str:
    lines = (value if isinstance(value, str) else json.dumps(value) for value in values)
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return str(path)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run one command on a workspace in this process; returns status, standard output and error output."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        monkeypatch.setattr(wb, "open", lambda *_, **__: Workspace(operations, address="w"), raising=False)
        monkeypatch.chdir(tmp_path)

        def command(*arguments: str) -> tuple[int, str, str]:
            monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capsys.readouterr()
            return int(ended.value.code or 0), captured.out, captured.err

        yield command


def start(run: Run, folder: Path) -> None:
    """Two comments in a source, and a dataset over it."""
    assert (
        run("comments", "import", "w.duckdb", jsonl(folder / "in.jsonl", *COMMENTS), "--source", "d/m", "-y")[
            0
        ]
        == 0
    )
    assert run("create-dataset", "w.duckdb", "d/s", "--source", "d/m")[0] == 0


def test_comments_go_round(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    given = jsonl(tmp_path / "in.jsonl", *COMMENTS)
    status, out, err = run(
        "comments", "import", "w.duckdb", given, "--source", "d/m", "--annotate", "d/s", "-y", "-o", "json"
    )
    assert (status, err) == (0, "")
    assert json.loads(out) == {"what": "comments", "done": 2, "skipped": 0, "notes": [], "problems": []}
    assert run("comments", "export", "w.duckdb", "out.jsonl", "--dataset", "d/s")[:2] == (
        0,
        "out.jsonl: 2 comments\n",
    )
    lines = read(tmp_path / "out.jsonl")
    assert [one["comment"]["messages"] for one in lines] == [one["comment"]["messages"] for one in COMMENTS]
    assert [one.get("labelling") for one in lines] == [COMMENTS[0]["labelling"], None]
    assert lines[1]["comment"]["timestamp"] == "2024-02-02T06:00:00Z"
    # elsewhere they are the same again, and here they change nothing
    assert run("comments", "import", "w.duckdb", "out.jsonl", "--source", "d/copy", "-y")[0] == 0
    assert run("create-dataset", "w.duckdb", "d/c", "--source", "d/copy")[0] == 0
    again = ("comments", "import", "w.duckdb", "out.jsonl", "--source", "d/copy", "--annotate", "d/c", "-y")
    assert run(*again)[:2] == (0, "2 comments are in\n")
    assert run("comments", "export", "w.duckdb", "copy.jsonl", "--dataset", "d/c")[0] == 0
    drop = ("uid", "source_id", "created_at", "last_modified")
    plain = [
        [{k: v for k, v in one["comment"].items() if k not in drop}, one.get("labelling")] for one in lines
    ]
    copied = read(tmp_path / "copy.jsonl")
    assert [
        [{k: v for k, v in one["comment"].items() if k not in drop}, one.get("labelling")] for one in copied
    ] == plain
    # of a source, to standard output: nothing else is there
    status, out, err = run("comments", "export", "w.duckdb", "-", "--source", "d/m")
    assert (status, err) == (0, "2 comments\n")
    assert [json.loads(line)["comment"]["id"] for line in out.splitlines()] == ["c1", "c2"]
    assert "\x1b" not in out


@pytest.mark.nightly
def test_what_lines_say_of_labels_is_not_dropped_in_silence(run: Run, tmp_path: Path) -> None:
    given = jsonl(tmp_path / "in.jsonl", *COMMENTS)
    status, _, err = run("comments", "import", "w.duckdb", given, "--source", "d/m", "-y")
    assert (status, err) == (0, "what 1 comments say of labels was left out; --annotate takes it\n")


BAD: dict[str, tuple[object, str]] = {
    "no JSON": ('{"comment": ', "could not parse comment at line 2: no JSON at character 12."),
    "no object": ("[1]", "it is no object"),
    "a number that is none": ('{"comment": {"id": "x", "n": NaN}}', "what JSON cannot say"),
    "no id": ({"comment": {}}, "there is no comment with an id"),
    "no body": ({"comment": {"id": "x", "timestamp": "2024-02-01T08:00:00Z", "messages": [{}]}}, "missing required field `body`"),
    "bad property": (
        {"comment": COMMENTS[1]["comment"] | {"id": "x", "user_properties": {"Team": "West"}}}, "the property 'Team'"),
    "unknown key": (COMMENTS[1] | {"colour": "red"}, "the key 'colour' is unknown"),
    "entities": (COMMENTS[1] | ENTITIES, "'entities' cannot be kept here yet"),
    "recording": (COMMENTS[1] | {"audio_path": "/etc/passwd"}, "'audio_path' names a recording"),
    "our own export": (COMMENTS[1] | {"full_text": "x"}, "of our own export"),
    "no address": ({"comment": COMMENTS[1]["comment"] | {"id": ".."}}, "cannot be the id of a comment"),
    "bad label": (COMMENTS[1] | {"labelling": [{"assigned": [{"name": 7}]}]}, "annotations are not as described"),
}  # fmt: skip


def test_a_broken_line_is_named_and_costs_no_other(run: Run, tmp_path: Path) -> None:
    good = (COMMENTS[0], COMMENTS[1] | {"entities": {"assigned": []}})
    command = ("comments", "import", "w.duckdb", str(tmp_path / "in.jsonl"), "--source", "d/m", "-y")
    for line, problem in BAD.values():
        jsonl(tmp_path / "in.jsonl", good[0], line, good[1])
        status, out, err = run(*command)
        assert (status, out) == (1, "")
        assert "at line 2: " in err and problem in err and "--resume-on-error" in err
    assert run("call", "w.duckdb", "sources")[1] == ""  # nothing went in
    jsonl(tmp_path / "in.jsonl", good[0], *(line for line, _ in BAD.values()), good[1])
    status, out, _ = run(*command, "--resume-on-error", "-o", "json")
    told = json.loads(out)
    assert (status, told["done"]) == (3, 2)
    assert [one["line"] for one in told["problems"]] == list(range(2, 2 + len(BAD)))
    for found, (_, problem) in zip(told["problems"], BAD.values(), strict=True):
        assert problem.replace("line 2", f"line {found['line']}") in found["problem"]
    status, out, _ = run(*command, "--resume-on-error")
    assert "  line 2: " in out and "2 comments are in, 12 not\n" in out


@pytest.mark.nightly
def test_a_conflict_and_a_second_id_are_named(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    other = {"comment": COMMENTS[0]["comment"] | {"messages": [{"body": {"text": "other"}}]}}
    given = jsonl(tmp_path / "more.jsonl", other, {"comment": COMMENTS[1]["comment"] | {"id": "c3"}})
    command = ("comments", "import", "w.duckdb", given, "--source", "d/m", "-y")
    status, out, _ = run(*command)
    assert status == 1 and "0 comments are in, 1 not" in out and "line 1: " in out
    assert run(*command, "--resume-on-error")[0] == 3
    assert run(*command, "--overwrite")[0] == 0
    twice = jsonl(tmp_path / "twice.jsonl", other, other)
    status, out, _ = run(
        "comments", "import", "w.duckdb", twice, "--source", "d/n", "-y", "--resume-on-error"
    )
    assert (status, "line 2: Duplicate comments with id 'c1'" in out) == (3, True)


@pytest.mark.nightly
def test_annotations_go_round(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    said = [
        {"comment": {"id": "c2"}, "labelling": [{"group": "default", "assigned": [{"name": "Praise", "sentiment": "positive"}],
                                                 "dismissed": [{"name": "Refund", "sentiment": "positive"}]}]},
        {"comment": {"id": "c1"}, "moon_forms": [{"group": "default", "assigned": [
            {"label": {"name": "Refund", "sentiment": "positive"}, "captures": []}]}]},
        {"comment": {"id": "c1"}},
    ]  # fmt: skip
    command = ("annotations", "import", "w.duckdb", "d/s")
    status, out, _ = run(*command, jsonl(tmp_path / "in.jsonl", *said))
    assert (status, out) == (0, "2 annotations are in, 1 without any\n")
    assert run("annotations", "export", "w.duckdb", "d/s", "out.jsonl")[0] == 0
    written = read(tmp_path / "out.jsonl")
    assert [one["comment"] for one in written] == [{"id": "c1"}, {"id": "c2"}]
    assert written[1]["labelling"] == said[0]["labelling"]
    assert run(*command, "out.jsonl")[:2] == (0, "2 annotations are in\n")
    status, out, _ = run(
        *command, jsonl(tmp_path / "in.jsonl", {**said[0], "comment": {"id": "none"}}, said[1])
    )
    assert (status, "line 1: unknown message" in out) == (1, True)
    more = (jsonl(tmp_path / "in.jsonl", said[0] | ENTITIES, said[0]), "--resume-on-error")
    status, out, _ = run(*command, *more)
    assert (status, "line 1: 'entities' cannot be kept here yet" in out) == (3, True)
    status, _, err = run("annotations", "export", "w.duckdb", "d/s", "-", "--source", "d/n")
    assert (status, "unknown source 'd/n'" in err) == (1, True)


@pytest.mark.nightly
def test_pairs_become_comments(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    (tmp_path / "p.csv").write_text('input,target\n"Where, is it?",Late\nThanks,Praise > Good\n', "utf-8")
    command = ("comments", "import-pairs", "w.duckdb", "p.csv", "--source", "d/m", "--annotate", "d/s", "-y")
    assert run(*command)[:2] == (0, "2 rows are in\n")
    assert run("annotations", "export", "w.duckdb", "d/s", "out.jsonl")[0] == 0
    labels = {
        one["comment"]["id"]: one["labelling"][0]["assigned"][-1]["name"]
        for one in read(tmp_path / "out.jsonl")
    }
    assert labels == {"1": "Late", "2": "Praise > Good"}
    for text, problem in (("a,b\n", "the header is 'a,b'"), ("input,target\nx\n", "row 1 has 1 columns")):
        (tmp_path / "p.csv").write_text(text, "utf-8")
        status, _, err = run(*command)
        assert (status, problem in err) == (1, True)


@pytest.mark.nightly
def test_emails_go_round(run: Run, tmp_path: Path) -> None:
    bad = EMAIL | {"id": ""}
    status, out, _ = run(
        "emails",
        "import",
        "w.duckdb",
        "d/b",
        jsonl(tmp_path / "in.jsonl", bad, EMAIL),
        "-y",
        "--resume-on-error",
    )
    assert status == 3 and "line 1: the mail is not as described" in out
    assert run("emails", "export", "w.duckdb", "d/b", "out.jsonl")[0] == 0
    (written,) = read(tmp_path / "out.jsonl")
    assert {key: written[key] for key in EMAIL} == EMAIL
    assert run("emails", "import", "w.duckdb", "d/copy", "out.jsonl", "-y")[:2] == (0, "1 emails are in\n")
    status, _, err = run("emails", "export", "w.duckdb", "d/bb", "-")
    assert (status, "unknown bucket 'd/bb'" in err, "did you mean 'd/b'" in err) == (1, True, True)


def test_a_mail_is_agreed_to_for_each_source_that_reads_the_bucket(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = wb.open("w.duckdb").operations
    bucket = there.create_bucket("d", "b")
    for name in ("one", "two"):
        there.create_source("d", name, bucket_id=bucket.bucket_id)
    given = jsonl(tmp_path / "in.jsonl", EMAIL)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\ny\n"))
    status, _, err = run("emails", "import", "w.duckdb", "d/b", given)
    assert status == 1 and "Charge at most 2 units?" in err and there.usage().units == 0
    assert run("emails", "import", "w.duckdb", "d/b", given)[0] == 0 and there.usage().units == 2
    for reason in ("created", "text_modified"):
        there.set_charge_rule("sync_raw_mails", reason, 0)
    more = jsonl(tmp_path / "more.jsonl", {**EMAIL, "id": "<m2@store.example>"})
    assert run("emails", "import", "w.duckdb", "d/b", more)[0] == 0, "there is nothing to ask about"


@pytest.mark.nightly
def test_streams_go_round(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    stream = {"name": "refunds", "title": "Refunds",
              "comment_filter": {"user_properties": {"string:Team": {"one_of": ["West"]}}}}  # fmt: skip
    with_model = stream | {
        "name": "m",
        "model": {"version": 9, "label_thresholds": [{"name": ["Refund"], "threshold": 0.6}]},
    }
    given = jsonl(tmp_path / "in.jsonl", stream, with_model)
    status, out, _ = run("streams", "import", "w.duckdb", "d/s", given, "--resume-on-error")
    assert (status, "line 2: " in out) == (3, True)
    assert run("streams", "export", "w.duckdb", "d/s", "out.jsonl")[0] == 0
    (written,) = read(tmp_path / "out.jsonl")
    assert {key: written[key] for key in stream} == stream
    assert run("streams", "import", "w.duckdb", "d/s", "out.jsonl")[0] == 0  # it is there so
    assert run("streams", "delete", "w.duckdb", "d/s", "refunds")[0] == 0
    assert run("streams", "import", "w.duckdb", "d/s", "out.jsonl")[0] == 0
    assert run("streams", "reset", "w.duckdb", "d/s", "refunds", "2020-01-01")[0] == 0
    uid = run("streams", "fetch", "w.duckdb", "d/s", "refunds", "-o", "json")[1]
    uid = json.loads(uid)["items"][0]["message"]["uid"]
    assert run("streams", "tag", "w.duckdb", "d/s", "refunds", uid, "--type", "No Prediction")[1].startswith(
        "1 new"
    )
    assert run("streams", "exceptions", "w.duckdb", "d/s", "refunds")[1] == f"{uid}  No Prediction\n"
    assert run("streams", "untag", "w.duckdb", "d/s", "refunds", uid)[1] == "1 exceptions are taken off\n"


@pytest.mark.nightly
def test_integrations_go_round(run: Run, tmp_path: Path) -> None:
    assert run("emails", "import", "w.duckdb", "d/b", jsonl(tmp_path / "in.jsonl", EMAIL), "-y")[0] == 0
    mailbox = {"email": "care@store.example", "bucket_specification": {"project_name": "d", "name": "b"}}
    access = {"kind": "custom", "client_id": "c", "tenant_id": "t"}
    setup = {"title": "Mail", "enabled": False,
             "configuration": {"mailboxes": [mailbox], "connection": {"application": access}}}  # fmt: skip
    (tmp_path / "i.json").write_text(json.dumps(setup), "utf-8")
    status, _, err = run("integrations", "import", "w.duckdb", "d/mail", "i.json")
    assert status == 0, err
    assert run("integrations", "export", "w.duckdb", "d/mail", "o.json")[0] == 0
    written = json.loads((tmp_path / "o.json").read_text("utf-8"))
    assert (
        written["title"] == "Mail"
        and written["configuration"]["mailboxes"][0]["email"] == "care@store.example"
    )
    assert run("integrations", "import", "w.duckdb", "d/mail", "o.json")[0] == 0  # the same again
    (tmp_path / "o.json").write_text(json.dumps(written | {"title": "Other"}), "utf-8")
    assert run("integrations", "import", "w.duckdb", "d/mail", "o.json")[0] == 1
    assert run("integrations", "import", "w.duckdb", "d/mail", "o.json", "--overwrite")[0] == 0
    (tmp_path / "i.json").write_text("[", "utf-8")
    status, _, err = run("integrations", "import", "w.duckdb", "d/x", "i.json")
    assert (status, "is no JSON that can be read" in err) == (1, True)


@pytest.mark.nightly
def test_users_go_round(run: Run, tmp_path: Path) -> None:
    assert run("projects", "create", "w.duckdb", "demo")[0] == 0
    for name, more in (("ann", ("--admin",)), ("bob", ())):
        assert run("users", "add", "w.duckdb", name, "--no-password", *more)[0] == 0
    assert run("users", "export", "w.duckdb", "out.jsonl")[0] == 0
    known = {one["username"]: one for one in read(tmp_path / "out.jsonl")}
    assert "password" not in (tmp_path / "out.jsonl").read_text("utf-8")
    bob = {"id": known["bob"]["id"], "organisation_permissions": {"demo": ["sources-read", "voc-readonly"]}}
    status, out, _ = run(
        "users",
        "import",
        "w.duckdb",
        jsonl(tmp_path / "in.jsonl", bob, bob | {"colour": 1}),
        "--resume-on-error",
    )
    assert (status, "line 2: the key 'colour' is unknown" in out) == (3, True)
    assert run("users", "export", "w.duckdb", "held.jsonl")[0] == 0
    held = read(tmp_path / "held.jsonl")
    (changed,) = [one for one in held if one["username"] == "bob"]
    assert set(bob["organisation_permissions"]["demo"]) <= set(changed["organisation_permissions"]["demo"])
    assert run("users", "import", "w.duckdb", "held.jsonl")[0] == 0  # what was written is taken again
    assert run("users", "export", "w.duckdb", "again.jsonl")[0] == 0
    assert read(tmp_path / "again.jsonl") == held


@pytest.mark.nightly
def test_annotations_that_do_not_fit_are_named_by_line(run: Run, tmp_path: Path) -> None:
    start(run, tmp_path)
    given = jsonl(tmp_path / "in.jsonl", *COMMENTS)
    command = ("comments", "import", "w.duckdb", given, "--source", "d/other", "--annotate", "d/s", "-y")
    status, out, _ = run(*command, "--resume-on-error")  # the dataset does not have that source
    assert status == 3
    assert out.startswith("1 comments are in, 1 not\n  line 1: the comment is in, its annotations are not: ")
