"""A body that is a whole HTML document, as text. Anything else stays as it is.

An own single pass: ``html.parser`` of Python 3.11 takes time quadratic in the length of unclosed comments
and quotes (over 10 s for a message of 65,536 characters), which hostile mail would use.
"""

from __future__ import annotations

import html
import re

from workbench.ingest.text import sanitise

_DOCUMENT = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?<(?:!doctype\s{1,9}html|html)[\s>]", re.IGNORECASE
)
HTML_START = 500
"""A document shows itself within this many characters."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})")
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
_HIDDEN_ENDS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "head": r"</head|(?=<body)",
        "script": r"</script",
        "style": r"</style",
        "template": r"</template",
        "title": r"</title",
    }.items()
}
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{12,}|[xX][0-9A-Fa-f]{12,});?")
_SPACES = re.compile(r"[ \t\u00a0]+")


def html_document_to_text(text: str) -> str:
    """Return the visible text when ``text`` is a whole HTML document, else ``text`` itself.

    A document counts by its start: ``<html`` or ``<!doctype html``. Block elements begin a new line; head,
    scripts and styles vanish; entities become characters. A document without visible text is returned
    unchanged.
    """
    if "<" not in text[:HTML_START] or _DOCUMENT.match(text) is None:
        return text
    visible = sanitise(_visible(text))  # entities can spell control characters
    lines = (_SPACES.sub(" ", line).strip() for line in visible.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or text


def _visible(text: str) -> str:
    parts: list[str] = []
    unclosed: set[str] = set()
    place = 0
    while (start := text.find("<", place)) >= 0:
        parts.append(_data(text[place:start]))
        if text.startswith(("<!", "<?"), start):
            end = text.find("-->" if text.startswith("<!--", start) else ">", start)
            if end < 0:
                return "".join(parts)
            place = text.find(">", end) + 1
            continue
        tag = _TAG.match(text, start)
        if tag is None:
            parts.append("<")
            place = start + 1
            continue
        end = text.find(">", tag.end())
        if end < 0:
            return "".join(parts)
        place = end + 1
        name = tag[2].lower()
        if name in _BLOCKS:
            parts.append("\n")
        elif name in _HIDDEN_ENDS and not tag[1] and name not in unclosed:
            close = _HIDDEN_ENDS[name].search(text, place)
            if close is not None:
                place = close.start()
            elif name in ("script", "style"):
                return "".join(parts)
            else:
                unclosed.add(name)  # not searched for again
    parts.append(_data(text[place:]))
    return "".join(parts)


def _data(text: str) -> str:
    return unescape(text.replace("\n", " "))


def unescape(text: str) -> str:
    """Character references as characters; absurdly long numbers, which Python refuses, become U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text))
