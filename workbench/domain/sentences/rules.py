"""What rules read in a sentence besides times: each pattern, and what it asks of a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import inf, nextafter
from typing import Any, Literal, TypeVar

from workbench.domain.conditions import AddressFilter, AttachmentFilter, LabelFilter, PropertyFilter
from workbench.domain.filters import MessageFilter
from workbench.domain.ids import LabelId, SourceId
from workbench.errors import FilterError

Change = Callable[[MessageFilter, re.Match[str]], MessageFilter]
Rule = tuple[re.Pattern[str], Change]

_Id = TypeVar("_Id")
_Said = Literal["predicted", "absent", "dismissed", "assigned", "present"]
LANGUAGES = {
    "Arabic": "ar",
    "Chinese": "zh",
    "Dutch": "nl",
    "English": "en",
    "French": "fr",
    "German": "de",
    "Italian": "it",
    "Japanese": "ja",
    "Polish": "pl",
    "Portuguese": "pt",
    "Russian": "ru",
    "Spanish": "es",
}
_DOMAIN = r"[a-z0-9](?:[a-z0-9-]*\.)+[a-z]{2,24}"
_ADDRESS = rf"[\w.+'-]+@{_DOMAIN}"
_NUMBER = r"-?\d+(?:\.\d+)?"
_JOINT = r"\s*,\s*(?:(?:or|and)\s+)?|\s+(?:or|and)\s+"
_AT_LEAST = r"at\s+least|>="
_AT_MOST = r"at\s+most|<=|up\s+to"
_ABOVE = r"over|above|(?:more|greater|higher)\s+than|>(?!=)"
_BELOW = r"under|below|(?:less|lower|smaller)\s+than|<(?!=)"
_PERCENT = r"(\d{1,3})\s*(?:%|percent)"


def plain_rules() -> Iterator[Rule]:
    """Quoted words, reviewed or not, people, languages."""
    yield (
        _pattern(
            r"(?:(?:about|with|saying|containing|mentioning)\s+"
            r"|(?<!label\s)(?<!labelled\s)(?<!labeled\s)(?<!tagged\s)(?<!source\s)(?<!property\s)(?<!is\s)(?<!are\s)"
            r"(?<!as\s)(?<!assigned\s)(?<!dismissed\s)(?<!predicted\s)(?<!in\s)(?<!from\s)(?<!by\s)(?<!to\s))"
            r'["“”](?P<words>[^"“”\0]+)["“”]'
        ),
        _quoted,
    )
    yield (
        _pattern(r"(?:(?:that\s+(?:are|were)\s+)?(?:not\s+(?:yet\s+)?(?:been\s+)?|un-?)reviewed)"),
        lambda where, _: replace(where, reviewed=False),
    )
    yield (
        _pattern(
            r"(?:that\s+(?:are|were)\s+)?(?<!be\s)reviewed(?!\s+(?:yesterday|today|last|this|on|in|since|before|after|\d))"
        ),
        lambda where, _: replace(where, reviewed=True),
    )
    for words, part in (
        ("from|sent\\s+by|by|sender(?:\\s+is)?", "sender"),
        ("(?:sent\\s+)?to|recipient(?:\\s+is)?", "recipient"),
        ("(?:in\\s+|with\\s+)?(?:cc|copy\\s+to)(?:\\s+is)?", "cc"),
        ("(?:in\\s+|with\\s+)?(?:bcc|blind\\s+copy\\s+to)(?:\\s+is)?", "bcc"),
    ):
        asked = rf"(?P<not>not\s+)?(?:{words})\s+(?:anyone\s+at\s+|someone\s+at\s+|at\s+)?"
        for one, kind, behind in ((_ADDRESS, "", ""), (f"@?{_DOMAIN}", "domain_", "(?!@)")):
            several = _several(one, rf"(?:{words})\s+")
            yield _pattern(rf"{asked}(?P<address>{several}|{one}){behind}"), _person(part, kind)
    yield (
        _pattern(r"(?:without|with\s+no)\s+(?:any\s+)?(?:attachments?|files?)"),
        lambda where, _: replace(where, attachments=AttachmentFilter(at_least=0, at_most=0)),
    )
    yield (
        _pattern(
            r"with\s+(?:at\s+least\s+(?P<n>\d{1,4})\s+|an?\s+|any\s+)?(?:attachments?|attached\s+files?)"
        ),
        lambda where, m: replace(where, attachments=AttachmentFilter(at_least=int(m["n"] or 1))),
    )
    yield _pattern(r"(?:that\s+(?:are|were)\s+)?(?:not|un)\s?translated"), _translated(said=False)
    yield _pattern(r"(?:that\s+(?:are|were)\s+)?translated"), _translated(said=True)
    one = "|".join(LANGUAGES)
    several = rf"(?P<languages>(?:{one})(?:(?:\s*,\s*|\s+or\s+|\s+and\s+)(?:in\s+)?(?:{one}))*)"
    yield _pattern(rf"(?:written\s+)?in\s+{several}"), _language


def label_rules(labels: Mapping[str, LabelId]) -> Iterator[Rule]:
    """Known labels after a word that says that a label is meant."""
    if not labels:
        return
    known = {name.lower(): label_id for name, label_id in labels.items()}
    name = rf"[\"“]?(?P<label>{_any_of(labels)})[\"”]?"
    yield (
        _pattern(
            rf"predicted\s+(?:as\s+|to\s+be\s+)?{name}\s+(?:with\s+)?between\s+{_PERCENT}\s+and\s+{_PERCENT}"
        ),
        lambda where, m: _with_label(where, known[m["label"].lower()], "predicted", (m[2], m[3])),
    )
    yield (
        _pattern(
            rf"predicted\s+(?:as\s+|to\s+be\s+)?{name}(?:\s+(?:with\s+)?(?:over|above|at\s+least|>=?)\s+{_PERCENT})?"
        ),
        lambda where, m: _with_label(where, known[m["label"].lower()], "predicted", (m[2] or "50", "100")),
    )
    meant: tuple[tuple[str, _Said], ...] = (
        (r"without\s+(?:the\s+)?label|not\s+labell?ed(?:\s+as)?", "absent"),
        (r"dismissed(?:\s+as)?", "dismissed"),
        (r"assigned(?:\s+to|\s+as)?|annotated(?:\s+as)?", "assigned"),
        (r"with\s+(?:the\s+)?label|labell?ed(?:\s+as)?|tagged(?:\s+as)?|(?<=\s)label", "present"),
    )
    one = rf"[\"“]?(?:{_any_of(labels)})[\"”]?"
    for words, status in meant:
        several = _several(one, rf"(?:{words})\s+")
        if status != "absent":
            yield (
                _pattern(rf"(?:{words})\s+(?P<labels>{several})"),
                _any_label(known, words, status),
            )
        yield _pattern(rf"(?:{words})\s+{name}"), _labelled(known, status)


def source_rules(sources: Mapping[str, SourceId]) -> Iterator[Rule]:
    """Known sources, by full or short name."""
    if not sources:
        return
    known = {name.lower(): source_id for name, source_id in sources.items()}
    one = rf"[\"“]?(?:{_any_of(sources)})[\"”]?(?![.@/-]\w)"
    asked = r"(?:in\s+|from\s+)?(?:the\s+)?(?:sources?\s+)?"
    several = _several(one, asked, joint="or|and")
    yield (
        _pattern(rf"(?:in|from)\s+(?:the\s+)?(?:sources?\s+)?(?P<several>{several})"),
        _any_source(known, asked),
    )
    yield (
        _pattern(
            rf"(?:in|from)\s+(?:the\s+)?(?:source\s+)?[\"“]?(?P<source>{_any_of(sources)})[\"”]?(?:\s+source)?(?![.@/-]\w)"
        ),
        lambda where, m: replace(where, sources=(*where.sources, known[m["source"].lower()])),
    )


def property_rules(properties: Mapping[str, tuple[str, ...]]) -> Iterator[Rule]:
    """Known properties by name, string ones with their known values."""
    for full_name, values in properties.items():
        kind, _, short = full_name.partition(":")
        name = rf"(?:(?:where|with|and)\s+)?(?:the\s+)?{re.escape(short)}"
        yield (
            _pattern(
                rf"(?:without|with\s+no|no)\s+(?:an?\s+)?{re.escape(short)}(?!\s*(?:=|:|of\b|is\b|are\b|named\b|called\b))"
            ),
            _lacks(full_name),
        )
        if kind == "number":
            yield from _number_rules(full_name, name)
        elif values:
            known = {value.lower(): value for value in values}
            one = _any_of(values)
            yield (
                _pattern(rf"{name}\s+(?:is\s+|are\s+)?not\s+(?P<values>{one})"),
                _says(full_name, known, "not_one_of"),
            )
            several = rf"(?P<values>(?:{one})(?:(?:\s*,\s*|\s+or\s+)(?:{one}))*)"
            yield _pattern(rf"{name}\s*(?:is|are|=|:)?\s*{several}"), _says(full_name, known, "one_of")


def _number_rules(full_name: str, name: str) -> Iterator[Rule]:
    def bound(low: str | None, high: str | None, *, beyond: bool = False) -> Change:
        def change(where: MessageFilter, m: re.Match[str]) -> MessageFilter:
            low_value, high_value = (float(m[group]) if group else None for group in (low, high))
            if beyond and low_value is not None:
                low_value = nextafter(low_value, inf)
            if beyond and high_value is not None:
                high_value = nextafter(high_value, -inf)
            return _with_property(
                where, PropertyFilter(name=full_name, at_least=low_value, at_most=high_value)
            )

        return change

    a, b = rf"(?P<a>{_NUMBER})", rf"(?P<b>{_NUMBER})"
    yield (
        _pattern(rf"{name}\s+(?:is\s+)?(?:between\s+{a}\s+and|from\s+(?P<c>{_NUMBER})\s+to)\s+{b}"),
        _between(full_name),
    )
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?(?:{_AT_LEAST})\s*{a}"), bound("a", None)
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?{a}\s+or\s+(?:more|higher)"), bound("a", None)
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?(?:{_AT_MOST})\s*{a}"), bound(None, "a")
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?{a}\s+or\s+(?:less|lower)"), bound(None, "a")
    ends = r"(?!\s*[%+]|[.,]?\d|\s*[-–]\s*\d)"
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?(?:{_ABOVE})\s*{a}{ends}"), bound("a", None, beyond=True)
    yield _pattern(rf"{name}\s+(?:is\s+|of\s+)?(?:{_BELOW})\s*{a}{ends}"), bound(None, "a", beyond=True)
    yield (
        _pattern(
            rf"{name}\s*(?:is|of|=)?\s*(?P<several>{_NUMBER}(?:\s*,\s*{_NUMBER})*\s+or\s+{_NUMBER}){ends}"
        ),
        lambda where, m: _with_property(
            where,
            PropertyFilter(name=full_name, one_of=tuple(map(float, re.findall(_NUMBER, m["several"])))),
        ),
    )
    yield (
        _pattern(rf"{name}\s*(?:is|of|=)?\s*{a}(?!\s*(?:or|and\s+\d|,\s*\d|%|\+)|[.,]?\d)"),
        lambda where, m: _with_property(where, PropertyFilter(name=full_name, one_of=(float(m["a"]),))),
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){text}(?![\w])", re.IGNORECASE)


def _several(one: str, again: str, *, joint: str = "or") -> str:
    """``A, B or C``, and ``A or`` ``again`` ``B``; a list of commas alone may mean all of them."""
    return rf"{one}(?:\s*,\s*{one})*(?:(?:\s*,)?\s+(?:{joint})\s+(?:{again})?{one})+"


def _any_of(names: Any) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _quoted(where: MessageFilter, found: re.Match[str]) -> MessageFilter:
    return replace(where, text=f'{where.text} "{found["words"]}"'.strip())


def _language(where: MessageFilter, found: re.Match[str]) -> MessageFilter:
    named = re.findall("|".join(LANGUAGES), found["languages"], re.IGNORECASE)
    codes = (LANGUAGES[name.capitalize()] for name in named)
    return replace(where, languages=tuple(dict.fromkeys((*where.languages, *codes))))


def _translated(*, said: bool) -> Change:
    return lambda where, _: replace(where, translated=said)


def _person(part: str, kind: str) -> Change:
    def change(where: MessageFilter, found: re.Match[str]) -> MessageFilter:
        condition = getattr(where, part) or AddressFilter()
        name = f"{kind}{'not_' if found['not'] else ''}one_of"
        kinds = _ADDRESS if not kind else _DOMAIN
        named = re.findall(kinds, found["address"], re.IGNORECASE)
        values: dict[str, Any] = {name: (*getattr(condition, name), *(one.lower() for one in named))}
        changes: dict[str, Any] = {part: replace(condition, **values)}
        return replace(where, **changes)

    return change


def _labelled(known: Mapping[str, LabelId], status: _Said) -> Change:
    return lambda where, m: _with_label(where, known[m["label"].lower()], status, ("50", "100"))


def _any_label(known: Mapping[str, LabelId], words: str, status: _Said) -> Change:
    def change(where: MessageFilter, m: re.Match[str]) -> MessageFilter:
        if where.labels:
            raise FilterError("labels of which any is enough beside another.", next_step="Name either.")
        named = _listed(m["labels"], rf"(?:{words})\s+", known)
        labels = tuple(LabelFilter(label_id=one, status=status) for one in named)
        return replace(where, labels=labels, labels_match="any")

    return change


def _any_source(known: Mapping[str, SourceId], asked: str) -> Change:
    return lambda where, m: replace(where, sources=(*where.sources, *_listed(m["several"], asked, known)))


def _listed(text: str, before: str, known: Mapping[str, _Id]) -> tuple[_Id, ...]:
    """The names of a list ``A, B or C``, each of which may begin with ``before``."""
    parts = re.split(_JOINT, text, flags=re.IGNORECASE)
    names = [re.sub(rf"^{before}", "", one, flags=re.IGNORECASE).strip('"“” ').lower() for one in parts]
    if not set(names) <= set(known):
        raise FilterError("a name that holds 'or' or a comma.", next_step="Name one.")
    return tuple(dict.fromkeys(known[name] for name in names))


def _with_label(
    where: MessageFilter,
    label_id: LabelId,
    status: _Said,
    percent: tuple[str, str],
) -> MessageFilter:
    if where.labels_match == "any":
        raise FilterError("labels of which any is enough beside another.", next_step="Name either.")
    low, high = sorted(int(one) / 100 for one in percent)
    label = LabelFilter(label_id=label_id, status=status, at_least=low, at_most=high)
    return replace(where, labels=(*where.labels, label))


def _with_property(where: MessageFilter, condition: PropertyFilter) -> MessageFilter:
    return replace(where, properties=(*where.properties, condition))


def _lacks(full_name: str) -> Change:
    return lambda where, _: _with_property(where, PropertyFilter(name=full_name, missing="only"))


def _between(full_name: str) -> Change:
    def change(where: MessageFilter, m: re.Match[str]) -> MessageFilter:
        low, high = sorted((float(m["a"] or m["c"]), float(m["b"])))
        return _with_property(where, PropertyFilter(name=full_name, at_least=low, at_most=high))

    return change


def _says(full_name: str, known: Mapping[str, str], part: Literal["one_of", "not_one_of"]) -> Change:
    one = re.compile(_any_of(known), re.IGNORECASE)

    def change(where: MessageFilter, m: re.Match[str]) -> MessageFilter:
        values = tuple(dict.fromkeys(known[value.lower()] for value in one.findall(m["values"])))
        parts: dict[str, Any] = {part: values}
        return _with_property(where, PropertyFilter(name=full_name, **parts))

    return change
