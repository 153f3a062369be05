"""The taxonomy from the command line, and by name in a notebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.taxonomies import sample_dataset
from workbench.cli import labels, main
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture
def ds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        made = Dataset(operations, sample_dataset(operations).dataset_id)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(labels, "_open", lambda _file, _name: made)
        yield made


def test_a_taxonomy_is_kept_from_the_command_line(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        command, *rest = arguments
        monkeypatch.setattr(sys, "argv", ["workbench", "labels", command, "w.duckdb", "demo/support", *rest])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    uid = ds.messages()["uid"][0]
    ds.annotate(uid, "Claims > Home")
    assert "1    Home\n" in run("list")[1]
    assert run("create", "Aside", "--instructions", "Not for us.") == (0, "Aside\n")
    said = run("rename", "Claims", "Damage", "--dry-run")[1]
    assert said.startswith("rename 'Claims' to 'Damage': 0 annotated messages change (nothing was changed)\n")
    assert "  Claims > Home -> Damage > Home: +0 -0 messages\n" in said
    assert "(done)" in run("rename", "Claims", "Damage")[1]
    assert run("move", "Cars > Motor", "--under", "Damage")[0] == 1  # there is one of that name
    assert "(done)" in run("move", "Damage > Home")[1]
    assert "(done)" in run("merge", "Cars", "Aside", "--into", "Damage")[1]
    assert "Praise" in run("describe", "Praise", "--title", "Thanks")[1]
    assert "(done)" in run("order", "Praise", "Home")[1]
    gone = json.loads(run("delete", "Home", "--emptied", "reviewed", "-o", "json")[1])
    assert (gone["n_messages"], gone["n_emptied"]) == (1, 1)
    assert "1 annotated messages change (done)" in run("undo")[1]
    (Path("labels.csv")).write_text("label,description\nHome,A house.\nHome > Roof,\n", "utf-8")
    assert run("import", "labels.csv", "--dry-run")[1].startswith(
        "2 rows: 1 new, 1 changed, 0 unchanged (noth"
    )
    assert run("import", "labels.csv")[1] == "2 rows: 1 new, 1 changed, 0 unchanged (done)\n"
    assert run("import", "none.csv")[0] == 1
    Path("bad.csv").write_text("label\nA > \n", "utf-8")
    status, said = run("import", "bad.csv")
    assert (status, said.splitlines()[1:]) == (1, ["  row 1, label 'A > ': label 'A > ' has an empty level."])
    Path("bad.csv").write_bytes(b"label\n\xff\n")
    assert "bad.csv is not UTF-8 at byte 6" in run("import", "bad.csv")[1]
    assert run("export", "out.csv")[1].endswith("out.csv\n")
    assert "Home > Roof,," in Path("out.csv").read_text("utf-8-sig")
    assert "part 'Fire' names no clusters" in run("split", "Home", "--part", "Fire")[1]
    assert "unknown cluster of the newest run '3'" in run("split", "Home", "--part", "Fire=3")[1]
    assert ds.taxonomy.split("Home", {"Fire": [uid]}, below=False).n_messages == 1
    listed = run("steps")[1]
    assert "tester  undo: delete 'Home'\n" in listed
    assert "delete 'Home'  (undone)\n" in listed
    assert ds.taxonomy.steps()["undone"].to_list()[2:4] == [False, True]
    assert ds.messages()["assigned"][0].to_list() == ["Fire"]
    assert repr(ds.taxonomy).splitlines()[:2] == ["Home", "Home > Roof"]
    with pytest.raises(UnknownNameError, match="did you mean 'Praise'"):
        ds.taxonomy.rename("Prais", "x")
