"""Which lines of a mail are history: quoted lines, the lines that introduce them, copied headers."""

from __future__ import annotations

import re

_INTRODUCTION_ENDS = (
    "wrote:", "writes:", "schrieb:", "geschrieben:", "a écrit :", "a écrit:", "a ecrit :", "a ecrit:",
    "escribió:", "escribio:", "ha scritto:", "scrisse:", "schreef:", "het volgende geschreven:",
    "escreveu:", "napisał:", "napisał(a):", "skrev:", "kirjoitti:", "написал:", "yazdı:",
)  # fmt: skip
_INTRODUCTION_STARTS = (
    "on ", "am ", "le ", "el ", "il ", "op ", "em ", "w dniu ", "den ", "på ", "in data ", "lunedì", "at ",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "il giorno ", "in message ", "in article ", "> on ",
)  # fmt: skip
_MIDDLES = (" schrieb ", " schreef ", " skrev ", " a écrit ", " ha scritto ", " escribió ")
_SEPARATORS = re.compile(
    r"[-_=*]{2,40} ?(?:original message|forwarded message|original appointment|forwarded by|reply message|"
    r"urspr[üu]ngliche nachricht|originalnachricht|weitergeleitete nachricht|message d[’']origine|"
    r"message original|message transf[ée]r[ée]|mensaje original|mensaje reenviado|messaggio originale|"
    r"messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|mensagem original|begin forwarded)"
)
_PLAIN_SEPARATORS = ("begin forwarded message:", "anfang der weitergeleiteten nachricht:")
_FROM_KEYS = ("from", "von", "de", "da", "van", "remitente", "mittente", "afzender", "expéditeur", "från")
_OTHER_KEYS = frozenset(
    ["sent", "date", "to", "cc", "subject", "gesendet", "datum", "an", "betreff", "kopie", "envoyé", "à", "a", "objet",
     "enviado", "enviada", "fecha", "para", "asunto", "data", "inviato", "oggetto", "per", "verzonden", "aan",
     "onderwerp", "assunto", "reply-to", "importance", "priority", "skickat", "till", "ämne"]
)  # fmt: skip
_KEY = re.compile(r"[ \t]{0,3}\*?([^\W\d_]{1,14}(?:-[a-z]{2})?)\*?[ \t\u00a0]{0,2}:", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d\d\b")
_HEADER_LINES = 8
_INTRODUCTION_LINES = 4
_MAX_INTRODUCTION = 300
_TAIL = 40


_FORWARDS = re.compile(
    r"[-_=*]{0,40} ?(?:begin )?(?:forwarded (?:message|by)|weitergeleitete nachricht|anfang der weitergeleiteten|"
    r"message transf[ée]r[ée]|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem (?:encaminhada|reencaminhada))"
)


def find_quotes(lines: list[str]) -> list[bool]:
    """For each line whether it is history."""
    return find_history(lines)[0]


def find_history(
    lines: list[str], *, keep_forwarded: bool = False, forwarded: bool = False, answers: bool = True
) -> tuple[list[bool], int]:
    """For each line whether it is history; and where a forwarded mail begins, else the number of lines.

    With ``keep_forwarded`` a forwarded mail is no history: only what it quotes itself is.

    Parameters
    ----------
    forwarded
        Whether the subject says that the mail was forwarded, so that a copied header begins a forward.
    answers
        Whether the mail answers another. In one that does not, ``>`` marks history only below an introduction.
    """
    marked = [line.lstrip(" \t")[:1] == ">" for line in lines]
    if sum(marked) == 1 and _is_comparison(lines[marked.index(True)]):
        marked[marked.index(True)] = False  # ">100 EUR" in a text of its own
    n_marked = sum(marked)
    end = _mark_introductions(lines, marked, 0)
    forward = len(lines)
    if not answers and n_marked and sum(marked) == n_marked and end == len(lines):
        return [False] * len(lines), forward
    if (
        keep_forwarded
        and end < len(lines)
        and (forwarded or _FORWARDS.match(lines[end].strip()[:120].lower()))
    ):
        forward = end
        end = _mark_introductions(lines, marked, _after_header(lines, forward))
    for place in range(end, len(lines)):
        marked[place] = True
    _absorb_rule(lines, marked, end)
    return marked, forward


def count_earlier(quoted: str) -> int:
    """How many earlier mails a quoted history holds: copied headers and introductions, at any depth."""
    lines = [line.lstrip("> \t") for line in quoted.split("\n")]
    n_found, place = 0, 0
    while place < len(lines):
        line = lines[place]
        if line and _begins_history(lines, place, line):
            n_found += 1
            place = _after_header(lines, place)
        else:
            n_found += bool(line) and _ends_introduction(line)
            place += 1
    return max(n_found, int(bool(quoted.strip())))


def _after_header(lines: list[str], place: int) -> int:
    """The line after a separator and the copied header below it."""
    end = place + 1
    for following in range(place + 1, min(len(lines), place + 2 * _HEADER_LINES)):
        if _KEY.match(lines[following].lstrip("> ")[:60]):
            end = following + 1
        elif lines[following].strip("> ") and end < following:
            break
    return end


def _mark_introductions(lines: list[str], marked: list[bool], start: int) -> int:
    """Mark the lines that introduce quoted lines; returns where unmarked history begins, else the end."""
    first_own = len(lines)
    for place in range(start, len(lines)):
        line = lines[place]
        if marked[place] or not line.strip():
            continue
        if _begins_history(lines, place, line):
            return place
        if _ends_introduction(line) or _names_writer(lines, marked, place):
            first = _introduction_start(lines, marked, place)
            following = _next_written(lines, place + 1)
            if first is not None and following < len(lines) and marked[following]:
                marked[first : place + 1] = [True] * (place + 1 - first)
                continue
            if first is not None and first_own < first and _has_digit(lines[first : place + 1]):
                return first
        first_own = min(first_own, place)
    return len(lines)


def _is_comparison(line: str) -> bool:
    rest = line.lstrip(" \t>")
    return line.lstrip(" \t")[:2] != ">>" and rest[:1].isdigit() and line.lstrip(" \t")[1:2] != " "


def _begins_history(lines: list[str], place: int, line: str) -> bool:
    text = line.strip()
    if text[0] in "-_=*" and _SEPARATORS.match(text[:120].lower()):
        return True
    if text[0] in "bBaA" and text.lower().startswith(_PLAIN_SEPARATORS):
        return True
    if ":" not in text[:20]:
        return False
    key = _KEY.match(line[:60])
    if key is None or key[1].lower() not in _FROM_KEYS:
        return False
    others = set()
    for following in lines[place + 1 : place + 1 + _HEADER_LINES]:
        found = _KEY.match(following[:60])
        if found is not None and found[1].lower() in _OTHER_KEYS:
            others.add(found[1].lower())
    return len(others) >= 2  # noqa: PLR2004  (From: and two more are a copied header)


def _ends_introduction(line: str) -> bool:
    if line.rstrip()[-1:] not in ":：":
        return False
    tail = line[-_TAIL:].rstrip().replace("\u00a0", " ")
    low = tail.lower()
    return low.endswith(_INTRODUCTION_ENDS) or any(
        middle in line[:_MAX_INTRODUCTION].lower() for middle in _MIDDLES
    )


def _names_writer(lines: list[str], marked: list[bool], place: int) -> bool:
    """Whether the line just above a quoted one names who wrote it and when, in whatever words."""
    line = lines[place].rstrip()
    if line[-1:] not in ":：" or len(line) > _MAX_INTRODUCTION:
        return False
    following = _next_written(lines, place + 1)
    if following == len(lines) or not marked[following]:
        return False
    return _WHEN.search(line) is not None and ("@" in line or _CLOCK.search(line) is not None)


def _introduction_start(lines: list[str], marked: list[bool], place: int) -> int | None:
    """First line of an introduction that ends at ``place``; None when it is a sentence of the author."""
    for first in range(place, max(-1, place - _INTRODUCTION_LINES), -1):
        line = lines[first].lstrip(" \t*")
        if not line or marked[first] or len(line) > _MAX_INTRODUCTION:
            break
        if line[:16].lower().startswith(_INTRODUCTION_STARTS) or line[:4].isdigit():
            return first
        if first < place and _WHEN.search(line) and _CLOCK.search(line):
            return first
    following = _next_written(lines, place + 1)
    if following < len(lines) and marked[following]:
        return place
    return None


def _has_digit(lines: list[str]) -> bool:
    return any(character.isdigit() for line in lines for character in line[:_MAX_INTRODUCTION])


def _next_written(lines: list[str], place: int) -> int:
    limit = min(len(lines), place + 3)
    while place < limit and not lines[place].strip():
        place += 1
    return place


def _absorb_rule(lines: list[str], marked: list[bool], end: int) -> None:
    """A rule of dashes or underscores just above cut-off history belongs to it."""
    place = end - 1
    while place >= 0 and end < len(lines) and not lines[place].strip():
        place -= 1
    if end < len(lines) and place >= 0:
        text = lines[place].strip()
        if len(text) >= 5 and not text.strip("-_="):  # noqa: PLR2004
            marked[place] = True
