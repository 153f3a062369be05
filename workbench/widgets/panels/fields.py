"""The fields of each kind of condition, as the editor of a filter shows them."""

from __future__ import annotations

from workbench.widgets.elements.base import Content, JsonValue
from workbench.widgets.panels.drafts import PEOPLE

MENU: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("People", (("sender", "Sender"), ("recipient", "Recipient"), ("cc", "Cc"), ("bcc", "Bcc"))),
    (
        "Message",
        (
            ("property", "Property"),
            ("attachments", "Attachments"),
            ("thread", "Thread"),
            ("source", "Sources"),
        ),
    ),
    ("Meaning", (("label", "Labels"), ("cluster", "Cluster"), ("exceptions", "Exceptions"))),
    ("Text", (("language", "Language"), ("translated", "Translated"), ("text-in", "Where words are sought"))),
)
"""What can be added, in groups: kind and title."""

TITLES = {kind: title for _, kinds in MENU for kind, title in kinds} | {
    "reviewed": "Reviewed",
    "thread-id": "Thread with this id",
}

HELP = {
    "exceptions": "Messages that the automation behind a stream could not handle.",
    "attachments": "At most 0: messages without files.",
    "thread": "Messages whose thread is such. Times as 90m, 2h or 3d.",
}
"""What is said below a title."""

_MISSING = {"auto": "As usual", "include": "Pass too", "exclude": "Do not pass", "only": "Only those pass"}
_STATUS = {
    "present": "Assigned or predicted",
    "assigned": "Assigned",
    "predicted": "Predicted",
    "dismissed": "Dismissed",
    "not_assigned": "Not assigned",
    "not_predicted": "Not predicted",
    "absent": "Neither assigned nor predicted",
}
_WITH_PROBABILITY = ("present", "predicted", "not_predicted", "absent")
_YES_OR_NO = {"yes": "Yes", "no": "No"}


def fields_of(kind: str) -> list[JsonValue]:
    """The fields of one kind; ``property`` asks which one, a full name has the fields of its type."""
    if kind == "property":
        return [_tokens("name", "Which property?", "property", type="pick")]
    if kind in PEOPLE:
        return [*_people(kind), _missing(f"Messages without {kind}")]
    if kind.startswith("string:"):
        return [
            _tokens("one_of", "Any of these values", kind, free=True),
            _tokens("not_one_of", "None of these values", kind, free=True, more=True),
            _tokens("domain_one_of", "Addresses at one of these domains", "", free=True, more=True),
            _tokens("domain_not_one_of", "Addresses at none of these domains", "", free=True, more=True),
            _missing("Messages without this property"),
        ]
    if kind.startswith("number:"):
        return [
            _text("at_least", "At least", half=True),
            _text("at_most", "At most", half=True),
            _tokens("one_of", "Any of these numbers", "", free=True, more=True),
            _missing("Messages without this property"),
        ]
    return _FIELDS[kind]


def _people(kind: str, prefix: str = "", *, more: bool = False) -> list[JsonValue]:
    of, who = kind or "sender", "" if kind else "First sender: "
    parts = (
        ("domain_one_of", "at one of these domains", more),
        ("one_of", "one of these addresses", more),
        ("domain_not_one_of", "at none of these domains", True),
        ("not_one_of", "none of these addresses", True),
    )
    return [
        _tokens(
            prefix + part,
            who + words if who else words.capitalize(),
            f"{of}-domain" if part.startswith("domain") else of,
            free=True,
            more=hidden,
        )
        for part, words, hidden in parts
    ]


def _tokens(key: str, title: str, of: str, **more: JsonValue) -> Content:
    return {"key": key, "title": title, "type": "tokens", "of": of, **more}


def _text(key: str, title: str, **more: JsonValue) -> Content:
    return {"key": key, "title": title, "type": "text", **more}


def _select(key: str, title: str, options: dict[str, str], **more: JsonValue) -> Content:
    listed: list[JsonValue] = [{"value": value, "title": words} for value, words in options.items()]
    return {"key": key, "title": title, "type": "select", "options": listed, **more}


def _missing(title: str, key: str = "missing") -> Content:
    return _select(key, title, _MISSING, more=True)


def _span(figure: str, title: str, placeholder: str, **more: JsonValue) -> list[JsonValue]:
    return [
        _text(f"{figure}_from", f"{title}: at least", placeholder=placeholder, half=True, **more),
        _text(f"{figure}_to", "At most", half=True, **more),
    ]


_FIELDS: dict[str, list[JsonValue]] = {
    "label": [
        _tokens("values", "Labels", "label"),
        _select("match", "Of several", {"all": "All must be there", "any": "Any is enough"}),
        _select("status", "They are", _STATUS),
        _text(
            "at_least",
            "Probability in %: at least",
            placeholder="50",
            half=True,
            when=["status", *_WITH_PROBABILITY],
        ),
        _text("at_most", "At most", placeholder="100", half=True, when=["status", *_WITH_PROBABILITY]),
    ],
    "source": [_tokens("values", "Any of these sources", "source")],
    "language": [_tokens("values", "Any of these languages", "language", free=True)],
    "cluster": [_tokens("values", "Any of these clusters", "cluster")],
    "attachments": [
        _text("at_least", "Files: at least", placeholder="1", half=True),
        _text("at_most", "At most", half=True),
        _tokens("types", "With a file of one of these types", "attachment", free=True),
    ],
    "translated": [_select("value", "There is a translation", _YES_OR_NO)],
    "exceptions": [
        _select("value", "Tagged as an exception of a stream", _YES_OR_NO),
        _tokens("types", "Of one of these types", "", free=True),
        _tokens("streams", "In one of these streams", "", free=True, more=True),
    ],
    "reviewed": [_select("value", "Reviewed", _YES_OR_NO)],
    "text-in": [
        _select("value", "Search for words in", {"any": "Texts and translations", "original": "Texts only"})
    ],
    "thread-id": [_text("value", "Id")],
    "thread": [
        *_span("messages", "Messages", "3"),
        *_span("response", "First answer after", "2h"),
        _select("answered", "Answered", {"": "Yes or no", **_YES_OR_NO}),
        *_span("position", "Its place", "1", more=True),
        *_span("duration", "It lasted", "3d", more=True),
        *_people("", "first_", more=True),
        _missing("First sender: unknown", "first_missing"),
    ],
}
