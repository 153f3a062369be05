"""The report: words from numbers, nothing unescaped, nothing fetched, every missing part with its next step."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from tests.unit.charts.golden import check_golden
from tests.unit.reports.fake_operations import NOW, dataset, operations
from workbench.domain import AveragePrecision, CorrectedMetrics
from workbench.errors import FilterError
from workbench.primitives import neutral_cell
from workbench.reports import Report, build_report, masked, quoted, write_csv
from workbench.reports.printing import _for_print
from workbench.reports.summary import quality, summary


def report(stage: str = "full") -> Report:
    return build_report(operations(stage), dataset(empty=stage == "empty"), now=NOW)


class Reader(HTMLParser):
    """Collects the tags, attributes and headings of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "h2" and data.strip():
            self.headings.append(data.strip())


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_quality_is_told_corrected_too_where_that_rests_on_enough() -> None:
    mean = AveragePrecision(value=0.64, low=0.52, high=0.71, n_positive=120, n=412, n_effective=61.4)
    found = CorrectedMetrics(mean_average_precision=mean, n_random=90, n_population=5_000, n_effective=123.4)
    facts = report().facts
    with_it = replace(facts, validation=replace(facts.validation, corrected=found))
    assert (
        "or 64\N{NO-BREAK SPACE}% (52–71\N{NO-BREAK SPACE}%, 123 effective) corrected for how these were chosen."
        in (quality(with_it))
    )
    few = replace(facts.validation, corrected=replace(found, warning="Review more."))
    assert quality(replace(facts, validation=few)) == quality(facts)


@pytest.mark.parametrize("stage", ["full", "messages", "empty"])
def test_page_runs_nothing_and_fetches_nothing(stage: str) -> None:
    page = read(report(stage).html())
    assert not {"script", "img", "iframe", "link", "object", "a"} & set(page.tags)
    assert not [a for a in page.attributes if a[0].startswith("on") or a[0] in ("src", "href")]
    assert "url(" not in report(stage).html()
    assert "@import" not in report(stage).html()
    assert len(page.ids) == len(set(page.ids))


def test_hostile_text_is_shown_as_text() -> None:
    html = report().html()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(" in html
    assert "\u202e" not in html


def test_quotations_hide_addresses_and_numbers() -> None:
    html = report().html()
    for secret in ("jane.doe@example.com", "7946", "4711081599"):
        assert secret not in html
    assert "My parcel has not arrived, call me at … or write to …" in html


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("write to a.b+c@d-e.co.uk now", "write to … now"),
        ("call (020) 7946-0958 today", "call … today"),
        ("IBAN DE89370400440532013000 ok", "IBAN … ok"),
        ("since 2024, 3 of 12 items, 4.5 stars", "since 2024, 3 of 12 items, 4.5 stars"),
    ],
)
def test_masking(text: str, hidden: str) -> None:
    assert masked(text) == hidden


def test_quoting_is_short_on_one_line() -> None:
    text = quoted("a\n\nb\t" + "x" * 500 + " end " * 100, limit=100)
    assert len(text) <= 100
    assert "\n" not in text
    assert max(len(word) for word in text.split()) <= 40


def test_summary_says_the_numbers() -> None:
    first, second, third, fourth = (s.replace("\N{NO-BREAK SPACE}", " ") for s in summary(report().facts))
    assert "3,820 messages came in (+32 % against the 28 days before)" in first
    assert "“Billing” (24 %)" in first
    assert "“Delivery > Late” (+9.7 points)" in second
    assert "raises an alarm" in second
    assert "rated good (72 of 100)" in third
    assert "74 % (95 % interval 70–78 %, n = 412 test messages)" in third
    assert fourth.startswith("Next: review recent messages")


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (
            "messages",
            ("Next step: run Discover", "There is no validated model yet", "Drift has not been measured yet"),
        ),
        ("empty", ("import messages", "No label has a volume yet", "No units were charged")),
    ],
)
def test_missing_parts_say_so_with_the_next_step(stage: str, words: tuple[str, ...]) -> None:
    html = report(stage).html()
    for expected in words:
        assert expected in html
    assert not re.search(
        r"\b(None|nan|inf)\b",
        re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL).replace("top=None", ""),
    )


def test_period_can_be_given_in_whole_days() -> None:
    made = build_report(
        operations(),
        dataset(),
        since=datetime(2026, 11, 2, tzinfo=UTC),
        until=datetime(2026, 11, 16, tzinfo=UTC),
        now=NOW,
    )
    assert made.tables()["labels"]["n"][0] == made.facts.n_now
    assert made.tables()["messages"]["n"].sum() == made.facts.n_now + made.facts.n_before


def test_impossible_periods_are_refused() -> None:
    day = datetime(2026, 11, 2, tzinfo=UTC)
    with pytest.raises(FilterError, match="would begin"):
        build_report(operations(), dataset(), since=day, until=day, now=NOW)
    with pytest.raises(FilterError, match="no time zone"):
        build_report(operations(), dataset(), since=datetime(2026, 11, 2), now=NOW)  # noqa: DTZ001


def test_every_table_has_its_n() -> None:
    for name, frame in report().tables().items():
        assert "n" in frame.columns, name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1", "\uff1dcmd()"])
def test_formulas_are_neutralised(text: str) -> None:
    assert neutral_cell(text) == f"'{text}"


def test_harmless_cells_stay() -> None:
    assert neutral_cell("a=b") == "a=b"
    assert neutral_cell("") == ""


def test_csv_holds_text_safely_and_numbers_as_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": ["=cmd()", 'x, "y"', None], "share": [-0.5, 0.25, None]})
    write_csv(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == 'name,share\n\'=cmd(),-0.5\n"x, ""y""",0.25\n,\n'


def test_saving_writes_page_and_tables(tmp_path: Path) -> None:
    made = report()
    paths = made.save(tmp_path, pdf=False)
    assert [p.name for p in paths][:1] == ["report.html"]
    assert {p.stem for p in paths[1:]} == set(made.tables())
    check_golden("reports/label_quality.csv", (tmp_path / "tables/label_quality.csv").read_text("utf-8"))
    check_golden("reports/labels.csv", (tmp_path / "tables/labels.csv").read_text("utf-8"))


@pytest.mark.parametrize("stage", ["full", "messages"])
def test_page_is_as_reviewed(stage: str) -> None:
    html = re.sub(r"<style>.*?</style>", "<style/>", report(stage).html(), flags=re.DOTALL)
    html = re.sub(r"<svg.*?</svg>", "<svg/>", html, flags=re.DOTALL)
    check_golden(f"reports/{stage}.html", html + "\n")


@pytest.mark.slow
def test_pdf_opens_with_its_headings(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    made = report("messages")
    pages = pypdf.PdfReader(made.pdf(tmp_path / "report.pdf")).pages
    text = "\n".join(page.extract_text() for page in pages)
    for heading in read(made.html()).headings:
        assert heading in text
    assert f"1 / {len(pages)}" in text
    assert pages[0].mediabox.width == pytest.approx(595.3, abs=0.5)


def test_printed_pictures_use_the_fonts_of_the_printed_text() -> None:
    html = report("full").html()
    assert html.count('font-family="ui-sans-serif') >= 8
    printed = _for_print(html)
    assert "system-ui, -apple-system, 'Segoe UI'" not in printed
    families = re.findall(r'font-family="([^"]+)"', printed)
    assert set(families) == {"Noto Sans,Liberation Sans,sans-serif"}
