"""A body that is a whole HTML document, as text. Anything else stays as it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_DOCUMENT = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_HIDDEN = frozenset(("head", "script", "style", "template", "title"))
_SPACES = re.compile(r"[ \t\u00a0]+")
_MAX_MARKUP = 20_000


_UNCLOSED = 200
"""Tags left open that a sloppy page may have: each makes the parser look to the end of the text."""


class _TextOnly(HTMLParser):
    """Gathers visible text; block elements begin a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "body":
            self._hidden = 0  # a head that was never closed ends here
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))


def html_document_to_text(text: str) -> str:
    """Return the visible text when ``text`` is a whole HTML document, else ``text`` itself.

    A document counts by its start: ``<html`` or ``<!doctype html``. A document without visible text, or
    with more than 20,000 ``<`` or many that nothing closes (made to be slow, not to be read), is returned
    unchanged.
    """
    if text.count("<") > 2 * text.count(">") + _UNCLOSED:
        return text
    if "<" not in text[:500] or _DOCUMENT.match(text) is None or text.count("<") > _MAX_MARKUP:
        return text
    parser = _TextOnly()
    parser.feed(text)
    parser.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parser.parts).split("\n"))
    found = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return found or text
