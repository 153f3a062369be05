"""The account of a period as CSV and PDF: lines, totals, and what the ledger must say for them to be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.charts.words import count, day, plain
from workbench.domain import Invoice, InvoiceLine
from workbench.primitives import write_atomically
from workbench.reports.printing import print_page
from workbench.reports.sheets import write_csv

if TYPE_CHECKING:
    import polars as pl

TITLES: dict[str, str] = {
    "charge": "Charges",
    "correction": "Corrections",
    "no_charge": "Recorded without charge, part of no total",
}
Row = tuple[str, str, str, str, int, float, int, str]
_COLUMNS = ("line", "project", "source", "channel", "units", "platform_units", "ledger_entries", "entry_id")


@dataclass(frozen=True, kw_only=True)
class InvoiceDocument:
    """An account that can be written."""

    invoice: Invoice

    def frame(self) -> pl.DataFrame:
        """Every line with the totals around them; column ``line`` says which is which."""
        import polars as pl  # noqa: PLC0415  loaded when a table is made

        kinds = (*[pl.String] * 4, pl.Int64, pl.Float64, pl.Int64, pl.String)
        return pl.DataFrame(list(self._rows()), schema=dict(zip(_COLUMNS, kinds, strict=True)), orient="row")

    def html(self) -> str:
        """One page with its styles inside: no script, no request to anywhere."""
        import jinja2  # noqa: PLC0415  loaded when a page is made
        from markupsafe import Markup  # noqa: PLC0415

        folder = files("workbench.reports") / "templates"
        environment = jinja2.Environment(
            autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        template = environment.from_string((folder / "invoice.html.j2").read_text(encoding="utf-8"))
        style = (folder / "report.css").read_text(encoding="utf-8")
        return template.render(
            style=Markup(style),  # noqa: S704
            invoice=self.invoice,
            period=period_of(self.invoice),
            groups=[(title, self._of(kind)) for kind, title in TITLES.items() if self._of(kind)],
            count=count,
            plain=plain,
            exact=exact_time,
        )

    def pdf(self, path: Path) -> Path:
        """Write the page as A4 PDF and return ``path``; ``MissingExtraError`` without the PDF writer."""
        return print_page(self.html(), path)

    def csv(self, path: Path) -> Path:
        """Write the lines as CSV that a spreadsheet opens without running anything; return ``path``."""
        write_csv(self.frame(), path)
        return path

    def save(self, directory: Path, *, pdf: bool = True) -> tuple[Path, ...]:
        """Write ``invoice-<period>.csv``, ``.html`` and ``.pdf``; return the paths."""
        html = self.html()
        stem = directory / f"invoice-{name_of(self.invoice)}"
        page = stem.with_name(f"{stem.name}.html")
        write_atomically(page, lambda draft: _write(draft, html))
        paths = [self.csv(stem.with_name(f"{stem.name}.csv")), page]
        if pdf:
            paths.append(print_page(html, stem.with_name(f"{stem.name}.pdf")))
        return tuple(paths)

    def _rows(self) -> Iterator[Row]:
        made = self.invoice
        yield ("opening total", "", "", "", made.opening_units, made.opening_platform_units, 0, "")
        for kind in ("charge", "correction"):
            yield from (_row(line) for line in self._of(kind))
        yield (
            "total of the period", "", "", "", made.units, made.platform_units,
            sum(line.n_entries for line in made.lines if line.kind != "no_charge"), "",
        )  # fmt: skip
        yield ("closing total", "", "", "", made.closing_units, made.closing_platform_units, 0, "")
        yield from (_row(line) for line in self._of("no_charge"))
        yield ("first entry", "", "", "", 0, 0.0, 0, made.first_entry_id)
        yield ("last entry", "", "", "", 0, 0.0, 0, made.last_entry_id)
        yield ("all entries", "", "", "", 0, 0.0, made.n_entries, "")

    def _of(self, kind: str) -> list[InvoiceLine]:
        return [line for line in self.invoice.lines if line.kind == kind]


def period_of(invoice: Invoice) -> str:
    """The period in words: the first and the last day of whole days, else both times."""
    if all(exact_time(end).endswith("00:00 UTC") for end in (invoice.since, invoice.until)):
        return f"{day(invoice.since)} – {day(invoice.until - timedelta(days=1))}"
    return f"{exact_time(invoice.since)} – {exact_time(invoice.until)}"


def name_of(invoice: Invoice) -> str:
    """The period in the name of a file: ``2026-10``, or the days of its ends."""
    since, until = invoice.since, invoice.until
    first = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=31)).replace(day=1)
    return f"{since:%Y-%m}" if (since, until) == (first, after) else f"{since:%Y-%m-%d}-to-{until:%Y-%m-%d}"


def exact_time(when: datetime) -> str:
    """A time in UTC to the minute."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _row(line: InvoiceLine) -> Row:
    return (
        line.kind, line.project, line.source, line.channel, line.units, line.platform_units, line.n_entries, "",
    )  # fmt: skip


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
