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
from workbench.door import Dataset, Workspace, export_package, import_package
from workbench.door.package_files import PackageReader
from workbench.errors import FileFormatError, InputError
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
    assert (agreed, report.n_labels, report.left_out) == ([3], 4, ())
    copy = there.dataset("copy/support")
    assert exported(copy, tmp_path) == exported(ds, tmp_path)
    assert [one.get("labelling") for one in exported(copy, tmp_path)][2] is None
    assert _labels(copy) == _labels(ds)
    for name in ("title", "description", "has_sentiment", "language", "encoder"):
        assert getattr(copy.info, name) == getattr(ds.info, name)
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
    assert said.stdout == "demo/support: 2 sources, 4 labels, 3 messages\n"
    refusal = CliRunner().invoke(
        app, ["package", "import", "w.duckdb", str(again), "--project", "other"], input="n\n"
    )
    assert (refusal.exit_code, "Charge at most 3 units?" in refusal.output) == (1, True)
    assert len(there.operations.sources()) == 2
    gone = CliRunner().invoke(app, ["package", "import", "w.duckdb", str(tmp_path / "none.zip")])
    assert isinstance(gone.exception, InputError)
    assert "there is no file" in gone.exception.message


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
