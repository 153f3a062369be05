"""The verbs of the vocabulary on a dataset, and how things look in a notebook."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from xlsxwriter import Workbook

from workbench.domain import ColumnMapping
from workbench.door import Dataset, Job, Workspace
from workbench.errors import InputError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

VERBS = [
    "import_",
    "embed",
    "discover",
    "annotate",
    "train",
    "predict",
    "validate",
    "monitor",
    "publish",
    "export",
]
ROWS = "id,time,text\n1,2026-03-04,=HYPERLINK(1)\n2,2026-03-05,the parcel is late\n"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    (tmp_path / "mail.csv").write_text(ROWS, "utf-8")
    with open_workspace(tmp_path / "ws<b>.duckdb", settings=settings) as opened:
        yield Workspace(opened.operations("tester"), address="ws<b>.duckdb")


@pytest.fixture
def ds(ws: Workspace, tmp_path: Path) -> Dataset:
    ws.import_(tmp_path / "mail.csv", source="demo/mail", progress=False)
    return ws.create_dataset("demo/support", sources=["demo/mail"])


def test_a_dataset_offers_every_verb(ds: Dataset) -> None:
    assert [verb for verb in VERBS if not callable(getattr(ds, verb, None))] == []


def test_a_dataset_picks_what_to_review(ds: Dataset) -> None:
    batch = ds.next_batch("shuffle", text="parcel")
    (late,) = ds.messages(text="parcel")["uid"]
    assert (batch.uids, batch.probabilities, batch.n_population) == ((late,), (1.0,), 1)
    ds.create_label("Delay")
    with pytest.raises(InputError, match="needs predictions"):
        ds.next_batch("teach", label="Delay")
    with pytest.raises(UnknownNameError, match="did you mean 'Delay'"):
        ds.next_batch("teach", label="Dely")
    with pytest.raises(InputError, match="mode 'random' is unknown"):
        ds.next_batch("random")  # type: ignore[arg-type]


def test_a_dataset_imports_with_the_options_of_the_workspace(ds: Dataset, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    rows = pl.DataFrame(
        {"id": ["1", "9"], "time": ["2026-03-04"] * 2, "text": ["the parcel came at last", "=1"]}
    )
    with Workbook(book) as file:
        rows.head(0).write_excel(file, worksheet="Empty")
        rows.write_excel(file, worksheet="Mail")
    before = ds.info.n_messages
    dry = ds.import_(book, sheet="Mail", dry_run=True, progress=False)
    assert dry.dry_run and (dry.counts.new, dry.counts.updated) == (1, 1) and ds.info.n_messages == before
    mapping = ColumnMapping(id="id", timestamp="time", body="text", sheet="Empty")
    done = ds.import_(book, sheet="Mail", mapping=mapping, progress=False)
    assert (done.counts.new, done.counts.updated) == (1, 1)
    ds.annotate(ds.messages(text="last")["uid"][0], "Delivery > Late", create=True)
    kept = ds.export(tmp_path / "kept.jsonl")
    ds.annotate(ds.messages(text="last")["uid"][0], [])
    assert ds.import_(kept, annotate=True, progress=False).n_annotated == 1
    assert ds.import_(kept, progress=False).n_annotated == 0


def test_a_single_text_is_one_label(ds: Dataset) -> None:
    uid = ds.messages(text="late")["uid"][0]
    ds.annotate(uid, "Delivery > Late", create=True)
    assert ds.labels()["label"].to_list() == ["Delivery", "Delivery > Late"]
    ds.taxonomy.rename("Delivery > Late", "Slow")
    (told,) = ds.history(uid).to_dicts()
    assert (told["actor"], told["mode"], told["reviewed"], told["change"]) == ("tester", "recent", True, None)
    assert (told["assigned"], told["dismissed"]) == (["Delivery", "Delivery > Slow"], [])


def test_errors_of_annotate_name_the_value(ds: Dataset) -> None:
    with pytest.raises(InputError, match="has no message 'nope'"):
        ds.annotate("nope", [])
    with pytest.raises(InputError, match="mode 'oops' is unknown"):
        ds.annotate(ds.messages()["uid"][0], [], mode="oops")  # type: ignore[arg-type]


def test_import_takes_words_it_knows(ws: Workspace, tmp_path: Path) -> None:
    for given in ({"on_bad_row": "oops"}, {"kind": "oops"}):
        with pytest.raises(InputError, match="'oops' is unknown"):
            ws.import_(tmp_path / "mail.csv", source="demo/mail", **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not of the form"):
        ws.import_(tmp_path / "mail.csv", source="mail")
    assert ws.sources().height == 0


def test_a_dataset_imports_into_its_own_source(ds: Dataset, ws: Workspace, tmp_path: Path) -> None:
    assert ds.import_(tmp_path / "mail.csv", progress=False).counts.unchanged == 2
    with pytest.raises(UnknownNameError, match="source of this dataset"):
        ds.import_(tmp_path / "mail.csv", source="demo/other")
    ws.import_(tmp_path / "mail.csv", source="demo/other", progress=False)
    both = ws.create_dataset("demo/both", sources=["demo/mail", "demo/other"])
    with pytest.raises(InputError, match="has 2 sources"):
        both.import_(tmp_path / "mail.csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_export_holds_messages_and_labels(ds: Dataset, tmp_path: Path, kind: str) -> None:
    ds.annotate(ds.messages(text="late")["uid"][0], "Delivery > Late", create=True)
    path = ds.export(tmp_path / f"out.{kind}")
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet}[kind]
    frame = read(path).sort("message_id")
    assert frame["body"][0] == ("'=HYPERLINK(1)" if kind == "csv" else "=HYPERLINK(1)")
    assigned = frame["assigned"][1]
    assert "Delivery > Late" in assigned
    assert frame["Delivery > Late"].to_list() == [0.0, 0.0]


def test_export_takes_conditions_and_a_format(ds: Dataset, tmp_path: Path) -> None:
    path = ds.export(tmp_path / "out.txt", format="jsonl", text="late")
    (line,) = path.read_text("utf-8").splitlines()
    assert "late" in json.loads(line)["comment"]["messages"][0]["body"]["text"]


def test_export_refuses_before_it_fetches(ds: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.jsonl, \.parquet, \.xlsx"):
        ds.export(tmp_path / "out.xls")
    with pytest.raises(InputError, match="no folder"):
        ds.export(tmp_path / "none" / "out.csv")
    with pytest.raises(InputError, match="no model version 7"):
        ds.export(tmp_path / "out.csv", version=7)


def test_consumption_has_the_columns_that_were_asked_for(ds: Dataset, ws: Workspace) -> None:
    frame = ws.consumption("channel", "source", every=None)
    assert frame.columns == ["source", "channel", "units", "uncharged_units", "platform_units", "n_entries"]
    assert frame["units"].sum() == ws.operations.usage().units
    assert ws.consumption().columns[0] == "period"
    with pytest.raises(InputError, match="by 'colour' is unknown"):
        ws.consumption("colour")
    with pytest.raises(InputError, match="every 'year' is unknown"):
        ws.consumption(every="year")


def test_a_forecast_without_history_is_an_empty_frame(ds: Dataset, ws: Workspace) -> None:
    assert ws.forecast().columns == ["n_days", "expected", "low", "high", "low80", "high80"]
    assert ws.forecast().height == 0


def test_an_invoice_of_a_month_or_of_any_period(ds: Dataset, ws: Workspace, tmp_path: Path) -> None:
    month = f"{ws.consumption(every='month')['period'][0]:%Y-%m}"
    made = ws.invoice(month)
    assert made.invoice.units == ws.operations.usage().units
    assert made.save(tmp_path, pdf=False)[0].name == f"invoice-{month}.csv"
    again = ws.invoice(since=made.invoice.since, until=made.invoice.until)
    assert again.frame().equals(made.frame())
    for wrong in ("", "October", "2026-13"):
        with pytest.raises(InputError, match="is no month"):
            ws.invoice(wrong)


def test_usage_names_the_source(ds: Dataset, ws: Workspace) -> None:
    assert ws.usage()["source"].to_list() == ["demo/mail"]


def test_notebook_views_escape_and_say_the_next_step(ds: Dataset, ws: Workspace) -> None:
    shown = ws._repr_html_()
    assert "ws&lt;b&gt;.duckdb" in shown
    assert "<b>" not in shown
    assert "demo/support" in shown
    assert "ds.discover()" in ds._repr_html_()


def test_a_job_says_how_it_stands(ds: Dataset) -> None:
    job = Job(ds.operations, ds.operations.start_embed(ds.dataset_id))
    job.wait(progress=False)
    assert repr(job) == f"<Job {job.job_id}: embed: done>"
    assert "embed: done" in job._repr_html_()


def test_who_stops_waiting_is_told_that_the_job_goes_on(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(ds.operations, ds.operations.start_embed(ds.dataset_id))
    job.wait(progress=False)

    def interrupt(self: Job, line: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Job, "_watch", interrupt)
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        job.wait(stream=stream)
    assert f"job {job.job_id} goes on" in stream.getvalue()
