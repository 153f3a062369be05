"""Hostile text costs no more than its length: counted in traced lines, not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from workbench.ingest import clean_mail
from workbench.ingest.html_text import html_document_to_text

SMALL, LARGE = 2_000, 8_000
PATTERNS = [
    ">", "> ", ">\n", "> a\n", "On ", "On On On\n", "On 3 wrote:\n", "On 3 wrote:\n\n", "On 3 wrote:\n> x\n",
    "wrote:\n", "From: a\n", "From: a\nSent: b\n", "-", "--\n", "_\n", "-----\n", "Thanks,\n", "\n", " \n",
    "this e-mail ", "Sent from my \n", "a schrieb :\n", "*", "*From:*\n", "This message \n",
]  # fmt: skip


def n_lines_executed(work: Callable[[], object]) -> int:
    count = 0

    def trace(_frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("pattern", PATTERNS)
def test_work_grows_with_the_length(pattern: str) -> None:
    small, large = (
        n_lines_executed(lambda n=n: clean_mail((pattern * n)[:n] + "\nend")) for n in (SMALL, LARGE)
    )
    assert large <= 6 * small + 2_000


@pytest.mark.timeout(10)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_longest_text_is_done_at_once(pattern: str) -> None:
    text = (pattern * 65_536)[:65_536]
    assert clean_mail(text).body


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "pattern", ["<", "<a ", "<!--", "</", "<![", "<?", "&", "&#", "<p>", "<a b='", "<!", "<script>"]
)
def test_html_is_done_at_once(pattern: str) -> None:
    text = ("<html>" + pattern * 65_536)[:65_536]
    assert html_document_to_text(text)


def test_html_document_becomes_text() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>T</title><style>p{}</style></head><body class='a'>"
        "<p>Caf&eacute; &lt;b&gt;</p>Second<br>third<!-- hidden --><SCRIPT>x()</SCRIPT> 1 < 2</body></html>"
    )
    assert html_document_to_text(page) == "Café <b>\nSecond\nthird 1 < 2"


def test_entities_that_spell_control_characters_are_stored_clean() -> None:
    assert html_document_to_text("<html><p>a&#13;b&#1;&nbsp;&#xD800;c</p></html>") == "a\nb \ufffdc"


def test_a_reference_of_very_many_digits_is_no_character() -> None:
    assert html_document_to_text(f"<html><p>a&#{'9' * 5_000};b</p></html>") == "a\ufffdb"


@pytest.mark.parametrize(
    "text", ["I love <html> tags", "<b>hello</b>", "a < b > c", "<html><script>x()</script></html>"]
)
def test_other_text_with_markup_stays(text: str) -> None:
    assert html_document_to_text(text) == text
