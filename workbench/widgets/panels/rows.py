"""Messages and labels as the plain rows that elements show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from workbench.domain import Cluster, Label, Message, TextHits, ThreadLetter, ValidationReport
from workbench.primitives.colour import colour_of
from workbench.widgets.panels.catalog import language_words
from workbench.widgets.panels.mail_files import size_words
from workbench.widgets.state import short

_SNIPPET = 280
_FOUND = 40
_BEFORE = 60
_BY_NAME = 0.5


def phrase_ranges(text: str, phrases: Iterable[str]) -> list[list[int]]:
    """Half-open character ranges of phrases in ``text``, ascending, not overlapping; at most 40."""
    low = text.lower()
    if len(low) != len(text):  # a letter that grows when lowered would shift every range behind it
        low = text
    found: list[list[int]] = []
    for phrase in phrases:
        start = low.find(phrase.lower())
        while start >= 0 and len(found) < _FOUND:
            found.append([start, start + len(phrase)])
            start = low.find(phrase.lower(), start + len(phrase))
    kept: list[list[int]] = []
    for begin, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or begin >= kept[-1][1]:
            kept.append([begin, end])
    return kept


def taxonomy_rows(labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Labels for type-ahead and chips; ``named`` = what is predicted of it comes from its name rather than examples."""
    return [
        {
            "id": one.label_id,
            "path": one.name,
            "colour": colour_of(one.label_id),
            "named": one.zero_shot >= _BY_NAME,
        }
        for one in labels
    ]


def tree_rows(labels: Sequence[Label], report: ValidationReport | None) -> list[dict[str, Any]]:
    """Labels for the tree, with counts and state."""
    states = {one.label_id: one.state for one in report.labels} if report else {}
    return [
        {
            "id": one.label_id,
            "path": one.name,
            "colour": colour_of(one.label_id),
            "count": one.n_assigned,
            "predicted": round(one.n_predicted),
            "state": states.get(one.label_id, "gathering" if one.n_assigned else "untrained"),
            "note": one.instructions,
        }
        for one in labels
    ]


def marked_snippet(body: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[list[int]]]:
    """The start of a text on one line, or of the part around its first mark, and where its marks stand there.

    Parameters
    ----------
    spans
        Half-open character ranges in ``body``, ascending, apart.
    """
    begin = 0
    if spans and spans[0][1] > _SNIPPET - _BEFORE:
        begin = max(0, spans[0][0] - _BEFORE)
        begin = body.rfind(" ", 0, begin) + 1
    places: dict[int, int] = {}
    letters: list[str] = []
    for place in range(begin, len(body)):
        letter = body[place]
        if letter.isspace():
            if not letters or letters[-1] == " ":
                continue
            letter = " "
        if len(letters) == _SNIPPET:
            break
        places[place] = len(letters)
        letters.append(letter)
    text = "".join(letters)
    ranges = [
        [places[start], places[end - 1] + 1] for start, end in spans if start in places and end - 1 in places
    ]
    return ("…" + text, [[start + 1, end + 1] for start, end in ranges]) if begin else (text, ranges)


def list_row(
    message: Message, names: dict[str, str], phrases: Sequence[str] = (), hits: TextHits | None = None
) -> dict[str, Any]:
    """A message for ``MessageList``; ``hits`` says where a search was found, else ``phrases`` are looked for."""
    snippet, ranges = marked_snippet(message.body, hits.body if hits else ())
    if hits is None:
        ranges = phrase_ranges(snippet, phrases)
    given = [names.get(one, one) for one in message.assigned]
    chips = [
        (label_id, 1.0, "assigned")
        for label_id, name in zip(message.assigned, given, strict=True)
        if not any(other.startswith(f"{name} > ") for other in given)  # the child says its parent
    ]
    if not message.reviewed:
        known = [
            one for one in message.predicted if one.label_id in names
        ]  # a version may know labels that are gone
        chips += [(one.label_id, one.probability, "predicted") for one in known[:4]]
    return {
        "id": message.uid,
        "subject": message.subject,
        "sender": message.sender or "",
        "at": f"{message.timestamp:%d %b %Y, %H:%M}",
        "snippet": snippet,
        "phrases": ranges,
        "subject_phrases": [list(span) for span in hits.subject] if hits else [],
        "labels": [
            {
                "id": label_id,
                "path": names.get(label_id, label_id),
                "colour": colour_of(label_id),
                "probability": probability,
                "state": state,
            }
            for label_id, probability, state in chips
        ],
    }


def card_row(
    message: Message, letters: Sequence[ThreadLetter] = (), phrases: Sequence[str] = ()
) -> dict[str, Any]:
    """A message for ``AnnotationCard``, with what stands beside it in its thread and phrases underlined."""
    return {
        "uid": message.uid,
        "revision": message.revision,
        "subject": message.subject,
        "sender": message.sender or "",
        "recipients": list(message.recipients),
        "at": f"{message.timestamp:%d %b %Y, %H:%M}",
        "body": message.body,
        "signature": message.signature,
        "phrases": phrase_ranges(message.body, phrases),
        "thread": [_letter(one) for one in letters if one.timestamp < message.timestamp],
        "later": [_letter(one) for one in letters if one.timestamp > message.timestamp],
        "meta": [
            *header_facts(message),
            *(
                [name.partition(":")[2], f"{value:g}" if isinstance(value, float) else value]
                for name, value in sorted(message.properties.items())
            ),
        ],
        "whole": message.full_text if message.full_text not in ("", message.body) else "",
        "translation": translation_row(message),
        "predictions": [
            {"label_id": one.label_id, "probability": one.probability, "sentiment": one.sentiment}
            for one in message.predicted
        ],
        "sentiments": dict(message.sentiments),
        "assigned": list(message.assigned),
        "dismissed": list(message.dismissed),
        "reviewed": message.reviewed,
        "reviewed_by": message.reviewed_by or "",
        "reviewed_at": f"{message.reviewed_at:%d %b %Y, %H:%M}" if message.reviewed_at else "",
    }


def _letter(one: ThreadLetter) -> dict[str, str]:
    return {"sender": one.sender or "", "at": f"{one.timestamp:%d %b %Y, %H:%M}", "body": one.body}


def header_facts(message: Message) -> list[list[str]]:
    """What came with a message beside its text, as ``[name, value]``; what it does not have is left out."""
    place = message.thread
    facts = {
        "Copy to": ", ".join(message.cc),
        "Blind copy to": ", ".join(message.bcc),
        "Sent": f"{message.sent_at:%d %b %Y, %H:%M}" if message.sent_at else "",
        "Language": language_words(message.language) if message.language else "",
        "Attachments": ", ".join(f"{one.name} ({size_words(one.size)})" for one in message.attachments),
        "Thread": f"message {place.position} of {place.n_messages}" if place and place.n_messages > 1 else "",
        "First answer": _span(place.response_s) if place and place.response_s is not None else "",
        "Parts": f"{len(message.parts)}, one after the other" if len(message.parts) > 1 else "",
    }
    return [[name, value] for name, value in facts.items() if value]


def translation_row(message: Message) -> dict[str, str] | None:
    """The translation kept beside a message, for reading; None without one."""
    made = message.translation
    if made is None:
        return None
    return {
        "title": f"Translation into {language_words(made.language)} from {language_words(made.translated_from)}",
        "subject": made.subject,
        "body": made.body,
        "by": made.translator,
    }


def _span(seconds: float) -> str:
    """``after 3 h``: the largest unit that leaves at least 2 of it, or minutes."""
    for unit, length in (("days", 86_400), ("h", 3_600)):
        if seconds >= 2 * length:
            return f"after {seconds / length:.0f} {unit}"
    return f"after {seconds / 60:.0f} min"


def cluster_row(cluster: Cluster, messages: list[Message]) -> dict[str, Any]:
    """A cluster for ``ClusterGrid``: done when every message shown was reviewed."""
    texts = [short(one.body or one.subject, 220) for one in messages]
    given = Counter(label_id for one in messages for label_id in one.assigned)
    return {
        "id": str(cluster.cluster_id),
        "name": cluster.name,
        "size": cluster.n_messages,
        "share": cluster.share,
        "phrases": list(cluster.phrases[:6]),
        "colour": cluster_colour(cluster.cluster_id),
        "snippets": [
            {"uid": one.uid, "text": text, "ranges": phrase_ranges(text, cluster.phrases)}
            for one, text in zip(messages, texts, strict=True)
        ],
        "done": bool(messages) and all(one.reviewed for one in messages),
        "labels": [label_id for label_id, n in given.most_common(3) if 2 * n >= len(messages)],
    }


def cluster_colour(cluster_id: int) -> str:
    """The colour of a cluster, the same in charts."""
    return colour_of(f"cluster-{cluster_id}")
