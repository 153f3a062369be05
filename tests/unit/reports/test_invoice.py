"""The account of a period on paper and as a table."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.domain import Invoice, InvoiceLine
from workbench.reports import InvoiceDocument

HOSTILE = "=cmd()<script>"


def line(kind: str, units: int, source: str = "demo/mail") -> InvoiceLine:
    return InvoiceLine(
        kind=kind, project="demo", source=source, channel="cli", units=units, platform_units=units * 0.2,
        n_entries=abs(units),
    )  # type: ignore[arg-type]  # fmt: skip


MADE = Invoice(
    since=datetime(2026, 10, 1, tzinfo=UTC),
    until=datetime(2026, 11, 1, tzinfo=UTC),
    lines=(line("charge", 1200), line("charge", 30, HOSTILE), line("correction", -10), line("no_charge", 55)),
    opening_units=400,
    opening_platform_units=80.0,
    closing_units=1620,
    closing_platform_units=324.0,
    units=1220,
    platform_units=244.0,
    uncharged_units=55,
    n_entries=1295,
    first_entry_id="aaaa",
    last_entry_id="bbbb",
    projects=None,
)


def test_the_table_runs_nothing_and_adds_up(tmp_path: Path) -> None:
    path = InvoiceDocument(invoice=MADE).csv(tmp_path / "a.csv")
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert [row["line"] for row in rows] == [
        "opening total", "charge", "charge", "correction", "total of the period", "closing total", "no_charge",
        "first entry", "last entry", "all entries",
    ]  # fmt: skip
    assert rows[2]["source"] == f"'{HOSTILE}"
    assert [int(row["units"]) for row in rows[:7]] == [400, 1200, 30, -10, 1220, 1620, 55]
    assert (rows[7]["entry_id"], rows[8]["entry_id"], rows[9]["ledger_entries"]) == ("aaaa", "bbbb", "1295")


def test_the_page_keeps_corrections_and_what_is_free_apart() -> None:
    page = InvoiceDocument(invoice=MADE).html().replace("\N{NO-BREAK SPACE}", " ")
    assert "<script" not in page and "=cmd()&lt;script&gt;" in page
    places = [page.index(word) for word in ("Charges", "Corrections", "Recorded without charge")]
    assert places == sorted(places)
    for number in ("1,220", "244.0", "1,295", "-10", "1,620", "aaaa", "bbbb"):
        assert number in page
    assert "1 Oct 2026" in page and "31 Oct 2026" in page and "All projects." in page


def test_a_limited_account_names_its_projects_and_an_empty_one_says_so() -> None:
    empty = replace(MADE, lines=(), n_entries=0, first_entry_id="", last_entry_id="", projects=("demo", "b"))
    page = InvoiceDocument(invoice=empty).html()
    assert "no entry in this period" in page and "demo, b" in page and "aaaa" not in page


def test_files_are_named_by_their_period(tmp_path: Path) -> None:
    names = [path.name for path in InvoiceDocument(invoice=MADE).save(tmp_path, pdf=False)]
    assert names == ["invoice-2026-10.csv", "invoice-2026-10.html"]
    odd = replace(MADE, since=datetime(2026, 9, 29, 8, 30, tzinfo=UTC))
    made = InvoiceDocument(invoice=odd)
    assert made.save(tmp_path, pdf=False)[0].name == "invoice-2026-09-29-to-2026-11-01.csv"
    assert "2026-09-29 08:30 UTC" in made.html()


@pytest.mark.slow
def test_it_can_be_printed(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(InvoiceDocument(invoice=MADE).pdf(tmp_path / "a.pdf")).pages
    assert "1,220" in pages[0].extract_text() and "Corrections" in pages[0].extract_text()
