"""An HTML body as the text a reader sees, with cited mail marked by ``>``.

One pass over the tags, no tree: each character is looked at a fixed number of times, and the pass stops
once enough text was found. Nothing is fetched or run. What a page hides (``display:none``, fonts of size
0) is left out. Elements that mail programs put around a signature begin with the line ``-- ``.
"""

from __future__ import annotations

import re

from workbench.ingest.html_text import unescape
from workbench.ingest.text import sanitise

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})")
_LINE_BREAKS = frozenset(
    ["address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
     "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav",
     "ol", "option", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"]
)  # fmt: skip
_BLANK_LINES = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "dl"])
_LEADS = {"li": "- ", "td": " ", "th": " "}
_VOID = frozenset(
    ["area", "base", "basefont", "br", "col", "embed", "hr", "img", "input", "link", "meta", "o:p", "param", "source",
     "track", "wbr"]
)  # fmt: skip
_HIDDEN_ENDS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "head": r"</head|(?=<body)",
        "noframes": r"</noframes",
        "script": r"</script",
        "select": r"</select",
        "style": r"</style",
        "svg": r"</svg",
        "template": r"</template",
        "textarea": r"</textarea",
        "title": r"</title",
    }.items()
}
_HIDING = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|mso-hide\s{0,3}:\s{0,3}all|font-size\s{0,3}:\s{0,3}0(?![.\d])",
    re.IGNORECASE,
)
_CITING = re.compile(
    r"""type\s{0,3}=\s{0,3}["']?cite|gmail_quote|cite\s{0,3}=|border-left|class\s{0,3}=\s{0,3}["']?[^"'>]{0,40}quote""",
    re.IGNORECASE,
)
_SIGNING = re.compile(
    r"""gmail_signature|moz-signature|(?:class|id)\s{0,3}=\s{0,3}["']?(?:x_)?(?:signature|ms-outlook-mobile-signature)\b""",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\u00a0\u2007\u202f]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u034f]+")
_MAX_ATTRIBUTES = 4_096
_MAX_DEPTH = 20
_NO_END = 1 << 62


class _Writer:
    """Lines under construction; white space is collapsed as a browser does."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.n_pre = 0
        self.n_characters = 0

    def text(self, raw: str) -> None:
        text = unescape(raw)
        self.n_characters += len(text)
        if not self.n_pre:
            self.line.append(text.replace("\n", " "))
            return
        first, *others = text.split("\n")
        self.line.append(first)
        for other in others:
            self.end_line()
            self.line.append(other)

    def end_line(self, *, blank: bool = False, force: bool = False) -> None:
        joined = "".join(self.line)
        self.line.clear()
        joined = joined.rstrip() if self.n_pre else _SPACES.sub(" ", joined).strip()
        if joined or force or self.n_pre:
            if joined == "--":
                joined = "-- "
            mark = ">" * min(self.depth, _MAX_DEPTH)
            self.lines.append(f"{mark} {joined}" if mark and joined else mark + joined)
            self.n_characters += 1
        if blank and self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * min(self.depth, _MAX_DEPTH))

    def begin_signature(self) -> None:
        """Write the delimiter of a signature unless the page just did."""
        self.end_line()
        if not self.lines or self.lines[-1].strip("> ") != "--":
            self.lines.append(">" * min(self.depth, _MAX_DEPTH) + "-- ")


def page_to_text(page: str, *, max_characters: int) -> str:
    """The visible text of an HTML page or fragment; reading stops after about ``max_characters``."""
    writer = _Writer()
    _Pass(page, writer, max_characters).run()
    writer.end_line()
    text = sanitise("\n".join(writer.lines))
    text = _INVISIBLE.sub("", text).replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


class _Pass:
    """The pass itself, with what is open: cited blocks, hidden elements, preformatted text."""

    def __init__(self, page: str, writer: _Writer, limit: int) -> None:
        self.page, self.writer, self.limit = page, writer, limit
        self.unclosed: set[str] = set()
        self.cites: list[bool] = []
        self.hidden: str = ""
        self.n_hidden = 0
        self.comments_end = False

    def run(self) -> None:
        page, place = self.page, 0
        while (start := page.find("<", place)) >= 0:
            self.data(place, start)
            if self.writer.n_characters > self.limit:
                return
            place = self.mark(start)
            if place == _NO_END:
                return
        self.data(place, len(page))

    def data(self, start: int, end: int) -> None:
        if end > start and not self.n_hidden:
            self.writer.text(self.page[start : min(end, start + self.limit + 1)])

    def mark(self, start: int) -> int:
        """Handle the ``<`` at ``start``; returns where to go on."""
        page = self.page
        if page.startswith(("<!", "<?"), start):
            return self.after_declaration(start)
        tag = _TAG.match(page, start)
        if tag is None:
            self.data(start, start + 1)
            return start + 1
        end = page.find(">", tag.end())
        if end < 0:
            return _NO_END
        name = tag[2].lower()
        if name in _HIDDEN_ENDS and not tag[1] and name not in self.unclosed and not self.n_hidden:
            close = _HIDDEN_ENDS[name].search(page, end + 1)
            if close is not None:
                return close.start()
            if name in ("script", "style"):
                return _NO_END
            self.unclosed.add(name)
        attributes = page[tag.end() : min(end, tag.end() + _MAX_ATTRIBUTES)]
        if self.n_hidden:
            if name == self.hidden and not attributes.endswith("/"):
                self.n_hidden += -1 if tag[1] else 1
        elif tag[1]:
            self.close(name)
        else:
            self.open(name, attributes)
        return end + 1

    def after_declaration(self, start: int) -> int:
        """Where a comment or declaration ends; a comment that never does ends at the next ``>``."""
        if self.page.startswith("<!--", start) and not self.comments_end:
            end = self.page.find("-->", start + 4)
            if end >= 0:
                return end + 3
            self.comments_end = True  # not searched for again
        end = self.page.find(">", start)
        return _NO_END if end < 0 else end + 1

    def open(self, name: str, attributes: str) -> None:
        """Begin an element: a line, a cited block, a signature, or something hidden."""
        writer = self.writer
        if attributes and name not in _VOID and name not in ("body", "html") and _HIDING.search(attributes):
            if not attributes.endswith("/"):
                self.hidden, self.n_hidden = name, 1
            return
        if name in _LINE_BREAKS:
            writer.end_line(blank=name in _BLANK_LINES, force=name == "br")
        if attributes and _SIGNING.search(attributes):
            writer.begin_signature()
        if name == "blockquote":
            cites = _CITING.search(attributes) is not None
            self.cites.append(cites)
            writer.depth += cites
        elif name == "pre":
            writer.n_pre += 1
        elif name == "hr":
            writer.line.append("_" * 32)
            writer.end_line()
        elif name in _LEADS:
            writer.line.append(_LEADS[name])

    def close(self, name: str) -> None:
        writer = self.writer
        if name in _LINE_BREAKS and name != "br":
            writer.end_line(blank=name in _BLANK_LINES)
        if name == "blockquote" and self.cites:
            writer.depth -= self.cites.pop()
        elif name == "pre" and writer.n_pre:
            writer.n_pre -= 1
        elif name in ("td", "th"):
            writer.line.append(" ")
