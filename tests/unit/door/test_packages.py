"""A dataset as one file: what comes out of it elsewhere is what went in, and a hostile one is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench.cli import packaging
from workbench.cli.main import app
from workbench.domain import LabelFilter, MessageFilter, PropertyFilter, Uid
from workbench.door import Dataset, Workspace, export_package, import_package
from workbench.door.package_files import PackageReader
from workbench.errors import FileFormatError, InputError, WorkbenchError
from workbench.settings import Settings
from workbench.workspace import open_workspace

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
LINES: list[dict[str, Any]] = [
    {"comment": {"id": "parts", "timestamp": "2026-03-04T08:00:00Z", "thread_id": "t1",
                 "messages": [{"body": {"text": "Where is it?"}, "from": "a@x", "to": ["b@x"]},
                              {"body": {"text": "Let me look."}, "subject": {"text": "Re"}, "language": "en"}]},
     "full_text": "Where is it?\n\nLet me look.", "in_parts": True,
     "labelling": [{"group": "default",
                    "assigned": [{"name": "Parcel > Late", "sentiment": "negative"}],
                    "dismissed": [{"name": "Praise", "sentiment": "positive"}]}]},
    {"comment": {"id": "slip", "timestamp": "2026-03-05T08:00:00Z", "messages": [{"body": {"text": "See the slip 漢字"}}],
                 "attachments": [{"name": "slip.pdf", "size": 5120, "content_type": ".pdf"}],
                 "user_properties": {"string:Team": "North", "number:NPS": 3.5}},
     "full_text": "See the slip 漢字",
     "labelling": [{"group": "default", "assigned": [{"name": "Praise", "sentiment": "positive"}], "dismissed": []}]},
    {"comment": {"id": "open", "timestamp": "2026-03-06T08:00:00Z", "messages": [{"body": {"text": "nobody looked"}}]},
     "full_text": "nobody looked"},
]  # fmt: skip


def opened(folder: Path) -> Iterator[Workspace]:
    folder.mkdir()
    with open_workspace(folder / "w.duckdb", settings=SETTINGS) as workspace:
        yield Workspace(workspace.operations("tester"), address="w")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Workspace]:
    yield from opened(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Workspace]:
    yield from opened(tmp_path / "there")


def exported(ds: Dataset, folder: Path) -> list[dict[str, Any]]:
    """The lines of a dataset without the ids of its sources."""
    lines = [json.loads(line) for line in ds.export(folder / "state.jsonl").read_text("utf-8").splitlines()]
    return [line | {"comment": line["comment"] | {"uid": ""}} for line in lines]


def test_a_package_is_the_dataset(
    here: Workspace, there: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    here.operations.create_source(
        "demo", "mail", title="Mail", kind="email", language="de", sensitive_properties=("string:Team",)
    )
    here.operations.create_source("demo", "chat", kind="chat", language="de")
    ds = here.create_dataset(
        "demo/support", sources=["demo/mail", "demo/chat"], title="Help", has_sentiment=True
    )
    ds.create_label("=Odd", instructions="=1+1, 'quoted'")
    here.import_(tmp_path / "in.jsonl", source="demo/mail", annotate="demo/support", progress=False)
    _make_streams(here, ds)
    path, told = tmp_path / "support.zip", list[int]()
    done = export_package(ds, path, progress=told.append)
    assert (done.n_sources, done.n_labels, done.n_messages, done.left_out) == (2, 4, 3, ())
    assert told[-1] == 3

    agreed: list[int] = []
    report = import_package(there, path, project="copy", agree=agreed.append, progress=False)
    assert (report.dataset, report.n_messages, report.n_annotated, report.n_units) == (
        "copy/support",
        3,
        2,
        3,
    )
    assert (agreed, report.n_labels, report.n_streams) == ([3], 4, 2)
    assert report.left_out == (
        "the stream 'clustered': its filter asks for clusters, which are another dataset's",
    )
    copy = there.dataset("copy/support")
    assert exported(copy, tmp_path) == exported(ds, tmp_path)
    assert [one.get("labelling") for one in exported(copy, tmp_path)][2] is None
    assert _labels(copy) == _labels(ds)
    for name in ("title", "description", "has_sentiment", "language", "encoder"):
        assert getattr(copy.info, name) == getattr(ds.info, name)
    _check_streams(there, copy)
    kept = ("name", "title", "kind", "language", "sensitive_properties", "should_translate")
    before, after = (
        [[getattr(one, name) for name in kept] for one in ws.operations.sources()] for ws in (here, there)
    )
    assert before == after

    # once more is refused, and nothing is created or charged
    with pytest.raises(InputError, match=r"there is a source 'copy/(mail|chat)' already") as refused:
        import_package(there, path, project="copy", progress=False)
    assert "--project" in refused.value.next_step
    assert len(there.operations.sources()) == 2

    # by command: the same file, and nothing happens without consent
    monkeypatch.setattr(packaging, "open_dataset", lambda _file, _name: ds)
    monkeypatch.setattr(packaging, "opened", lambda _file: there)
    again = tmp_path / "again.zip"
    said = CliRunner().invoke(app, ["package", "export", "w.duckdb", "demo/support", str(again)])
    assert said.stdout == "demo/support: 2 sources, 4 labels, 3 messages, 3 streams\n"
    refusal = CliRunner().invoke(
        app, ["package", "import", "w.duckdb", str(again), "--project", "other"], input="n\n"
    )
    assert (refusal.exit_code, "Charge at most 3 units?" in refusal.output) == (1, True)
    assert len(there.operations.sources()) == 2
    gone = CliRunner().invoke(app, ["package", "import", "w.duckdb", str(tmp_path / "none.zip")])
    assert isinstance(gone.exception, InputError)
    assert "there is no file" in gone.exception.message


def _make_streams(here: Workspace, ds: Dataset) -> None:
    sources = {one.full_name: one.source_id for one in here.operations.sources()}
    labels = {one.name: one.label_id for one in ds.operations.labels(ds.dataset_id)}
    mail = sources["demo/mail"]
    ds.create_stream("plain", title="<b>All</b>", description="=1+1")
    where = MessageFilter(
        sources=(mail,),
        labels=(LabelFilter(label_id=labels["Praise"], status="assigned"),),
        properties=(PropertyFilter(name="string:Team", one_of=("North",)),),
        uids=(Uid(f"{mail}.slip"), Uid(f"{mail}.a.b")),
    )
    ds.create_stream("narrow", where=where)
    ds.create_stream("clustered", where=MessageFilter(clusters=(3,)))


def _check_streams(there: Workspace, copy: Dataset) -> None:
    sources = {one.full_name: one.source_id for one in there.operations.sources()}
    labels = {one.name: one.label_id for one in copy.operations.labels(copy.dataset_id)}
    narrow, plain = (one.settings for one in copy.operations.streams(copy.dataset_id))
    assert (plain.title, plain.description, plain.where) == ("<b>All</b>", "=1+1", MessageFilter())
    mail = sources["copy/mail"]
    assert narrow.where.sources == (mail,)
    assert narrow.where.labels == (LabelFilter(label_id=labels["Praise"], status="assigned"),)
    assert set(narrow.where.uids or ()) == {f"{mail}.slip", f"{mail}.a.b"}
    assert narrow.where.properties[0].one_of == ("North",)


STREAM = {"name": "refunds", "version": 3, "thresholds": [{"name": "Refund", "threshold": 0.7}]}
COMMENT = {
    "comment": {"id": "a", "timestamp": "2026-03-04T08:00:00Z", "messages": [{"body": {"text": "hi"}}]}
}


@pytest.mark.nightly
def test_a_version_stays_behind_and_is_named(there: Workspace, tmp_path: Path) -> None:
    comments = {"comments/bb.0.comments.json": json.dumps(COMMENT) + "\n"}
    path = packed(tmp_path, GOOD | {"streams/aa.streams.json": [STREAM]} | comments)
    done = import_package(there, path, progress=False)
    (behind,) = done.left_out
    assert behind.startswith(
        "version 3 of the stream 'refunds' (Refund from 0.7): train here, then name a version"
    )
    assert behind.endswith(": workbench streams amend FILE DATASET refunds --version N")
    (made,) = there.operations.streams(there.dataset("demo/d").dataset_id)
    assert (made.name, made.settings.version) == ("refunds", None)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"comments/bb.0.comments.json": json.dumps(COMMENT) + '\n{"comment": {"id": ""}}\n'}, "1 of 2 rows"),
        ({"comments/bb.0.comments.json": json.dumps(COMMENT | {"labelling": [{"assigned": [{"name": "x" * 999}]}]})},
         "label that cannot be"),
        ({"datasets/aa.dataset.json": {"id": "aa", "owner": "demo", "name": "d", "source_ids": ["bb"],
                                       "label_defs": [{"name": "x" * 999}]}}, "a label 'xxx"),
        ({"streams/aa.streams.json": [{"name": "s", "where": "colour=red"}]}, "a condition 'colour'"),
        ({"streams/aa.streams.json": [{"name": "../s"}]}, "cannot be used"),
        ({"streams/bb.streams.json": []}, "streams of another dataset"),
        ({"streams/aa.streams.json": {"name": "s"}}, "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_come_in_whole_leaves_nothing(
    there: Workspace, tmp_path: Path, files: dict[str, Any], problem: str
) -> None:
    path = packed(tmp_path, GOOD | {"comments/bb.0.comments.json": json.dumps(COMMENT) + "\n"} | files)
    with pytest.raises(WorkbenchError, match=problem):
        import_package(there, path, progress=False)
    left = there.operations
    assert (left.sources(), left.datasets(), left.projects()) == ((), (), ())


def test_a_damaged_package_leaves_nothing(there: Workspace, tmp_path: Path) -> None:
    """One changed byte of the content: the directory is whole, and the file opens."""
    lines = "".join(
        json.dumps(COMMENT | {"comment": COMMENT["comment"] | {"id": f"m{n}"}}) + "\n" for n in range(99)
    )
    path = packed(tmp_path, GOOD | {"comments/bb.0.comments.json": lines})
    written = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("comments/bb.0.comments.json")
    written[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    path.write_bytes(written)
    with pytest.raises(FileFormatError, match=r"comments\.json' in the package is damaged"):
        import_package(there, path, progress=False)
    left = there.operations
    assert (left.sources(), left.datasets(), left.projects(), left.usage().totals) == ((), (), (), ())


def _labels(ds: Dataset) -> list[tuple[str, str, str]]:
    return [(one.name, one.instructions, one.title) for one in ds.operations.labels(ds.dataset_id)]


DATASET = {"id": "aa", "owner": "demo", "name": "d", "source_ids": ["bb"]}
SOURCE = {"id": "bb", "owner": "demo", "name": "s"}
GOOD = {"datasets/aa.dataset.json": DATASET, "sources/bb.source.json": SOURCE}


def packed(folder: Path, files: dict[str, Any]) -> Path:
    path = folder / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, str) else json.dumps(value))
    return path


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "path traversal": (GOOD | {"../../evil.json": ""}, r"holds a file '\.\./\.\./evil\.json'"),
    "traversal below": (GOOD | {"emails/../../evil": ""}, "holds a file 'emails/"),
    "absolute": (GOOD | {"/etc/passwd": ""}, "holds a file '/etc/passwd'"),
    "backslash": (GOOD | {"comments\\bb.0.comments.json": ""}, "holds a file"),
    "no dataset": ({"sources/bb.source.json": SOURCE}, "holds 0 datasets"),
    "no source": ({"datasets/aa.dataset.json": DATASET}, "no settings of source 'bb'"),
    "strange comments": (GOOD | {"comments/cc.0.comments.json": ""}, "no settings of source 'cc'"),
    "wrong type": (GOOD | {"sources/bb.source.json": SOURCE | {"kind": "fax"}}, "cannot be read .*fax"),
    "no JSON": (GOOD | {"datasets/aa.dataset.json": "{"}, "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_hostile_package_is_refused(name: str, tmp_path: Path) -> None:
    files, problem = BAD[name]
    with pytest.raises(FileFormatError, match=problem) as refused:
        _read(packed(tmp_path, files))
    assert "nothing was created" in refused.value.next_step
    assert [one.name for one in tmp_path.iterdir()] == ["p.zip"]


def _read(path: Path) -> PackageReader:
    with PackageReader(path) as package:
        package.dataset()
        for one in package.sources():
            list(package.comments(one.id))
        return package


def test_a_bomb_a_damaged_file_and_no_zip_are_refused(tmp_path: Path) -> None:
    bomb = packed(tmp_path, GOOD | {"comments/bb.0.comments.json": "x" * 1_000})
    written = bomb.read_bytes()
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        size = archive.getinfo("comments/bb.0.comments.json").file_size.to_bytes(4, "little")
    bomb.write_bytes(written.replace(size, (0x7FFFFFFF).to_bytes(4, "little")))
    with pytest.raises(FileFormatError, match=r"unpacks to 2,147,\d{3},\d{3} bytes; at most 268,435,456"):
        PackageReader(bomb)
    bomb.write_bytes(written.replace(b"PK\x03\x04", b"PK\x03\x05"))
    with pytest.raises(FileFormatError, match="is damaged"):
        _read(bomb)
    bomb.write_bytes(b"no zip at all")
    with pytest.raises(FileFormatError, match=r"'p\.zip' is no package"):
        PackageReader(bomb)


def test_what_a_package_has_beside_is_named(tmp_path: Path) -> None:
    more = {"emails/bb.0.emails.json": "", "sources/bb.source.json": SOURCE | {"_kind": "call"}}
    assert _read(packed(tmp_path, GOOD | more)).left_out == ["emails", "the setting '_kind'"]
