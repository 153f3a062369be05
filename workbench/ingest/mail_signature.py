"""Where the signature of a mail begins: delimiter, closing phrase with a name block, author's name, notices."""

from __future__ import annotations

import re
import unicodedata

_CLOSINGS = (
    "best regards", "kind regards", "warm regards", "with regards", "regards", "best wishes", "all the best",
    "many thanks", "thank you in advance", "thank you very much", "enjoy", "take care", "thanks and regards", "thanks & regards", "thanks in advance", "thanks again", "thank you",
    "thanks", "thx", "cheers", "sincerely", "yours sincerely", "yours faithfully", "yours truly", "best", "br",
    "kr", "rgds", "warmly", "respectfully", "cordially", "greetings",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "mit freundlichen gruessen", "viele gruesse", "beste gruesse", "freundliche gruesse", "freundliche grüße",
    "freundliche grüsse", "viele grüße", "viele grüsse", "beste grüße", "herzliche grüße", "liebe grüße",
    "schöne grüße", "gruß", "grüße", "gruss", "grüsse", "gruesse", "lg", "mfg", "vg", "danke", "vielen dank", "besten dank",
    "cordialement", "bien cordialement", "très cordialement", "meilleures salutations", "salutations", "bonne journée", "bien à vous", "sincères salutations", "merci d'avance", "merci",
    "saludos", "un saludo", "un cordial saludo", "muchas gracias", "un abrazo", "saludos cordiales", "atentamente", "cordialmente", "gracias",
    "cordiali saluti", "distinti saluti", "un saluto", "saluti", "grazie", "un cordiale saluto", "buona giornata", "grazie mille",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "groet", "mvg", "hartelijke groet", "hartelijke groeten", "met hartelijke groet", "bedankt", "alvast bedankt",
    "atenciosamente", "com os melhores cumprimentos", "melhores cumprimentos", "cumprimentos", "abraços", "obrigado",
    "obrigada", "att", "med vänlig hälsning", "med venlig hilsen",
)  # fmt: skip
_CLOSING_SET = frozenset(_CLOSINGS)
_MAX_CLOSING = max(map(len, _CLOSINGS)) + 30
_DEVICE = (
    "sent from my ", "sent from outlook", "sent from mail for", "sent from yahoo", "sent via ", "get outlook for",
    "von meinem ", "gesendet von ", "gesendet mit ", "envoyé de mon", "envoyé depuis", "enviado desde mi",
    "enviado do meu", "inviato da ", "inviato dal mio", "verzonden vanaf mijn", "verstuurd vanaf mijn",
    "skickat från min", "diese nachricht wurde von meinem",
)  # fmt: skip
_NOTICE = re.compile(
    r"[*_\-= ]{0,10}(?:confidentiality notice|disclaimer\b|this is an automat(?:ed|ic) (?:message|e-?mail|response|reply|notification)|"
    r"dies ist eine automatische? (?:nachricht|e-?mail)|ceci est un message automatique|(?:este es|esta é) (?:un mensaje automático|uma mensagem automática)|"
    r"please consider the environment before|(?:this|the information (?:contained )?in this) "
    r"(?:e-?mail|message|communication)\b.{0,120}?(?:confidential|privileged|intended)|"
    r"(?:diese|der inhalt dieser) (?:e-?mail|nachricht)\b.{0,120}?vertraulich|"
    r"ce (?:message|courriel|mail)\b.{0,120}?confidentiel|este (?:mensaje|correo|e-?mail)\b.{0,120}?confidencial|"
    r"(?:il presente|questo) (?:messaggio|e-?mail)\b.{0,120}?(?:riservat|confidenzial)|"
    r"d(?:it|eze) (?:bericht|e-?mail)\b.{0,120}?vertrouwelijk)"
)
_FOOTERS = (
    "to unsubscribe", "unsubscribe:", "unsubscribe from", "for additional commands, e-mail", "for more options",
    "you received this message because", "you are receiving this", "to view this discussion", "to post to this",
    "to stop receiving", "list archives:", "list info:", "mailing list info", "manage your subscription",
)  # fmt: skip
_LIST_NAME = re.compile(r"[^\s<>]{1,60} mailing list$", re.IGNORECASE)
_BARE = re.compile(r"(?:https?://\S{1,300}|<?[^\s@<>]{1,100}@[^\s@<>]{1,100}>?|<https?://\S{1,300}>)\.?$")
_FOOTNOTE = re.compile(r"\[\d{1,3}\]:? ?\S")
_DELIMITERS = ("--", "—", "––")
_MAX_SIGNATURE = 20
_MAX_NAME_LINES = 8
_MAX_NAME_LINE = 80
_WINDOW = 40
_MAX_AFTER_DEVICE = 3
_MAX_FOOTER = 15
_MAX_NAME_WORDS = 4
_SHORT_RULE = 3
_PREFIX_LETTERS = 3


def find_signature(lines: list[str], *, author: str = "") -> list[bool]:
    """For each line whether it belongs to the signature. Footnotes (``[1] https://…``) below one do not.

    Parameters
    ----------
    author
        Name of the sender; a line near the end that holds nothing else begins the signature.
    """
    kept = _without_footnotes(lines)
    start = signature_start([lines[place] for place in kept], author=author)
    signed = [False] * len(lines)
    for place in kept[start:]:
        signed[place] = True
    return signed


def _without_footnotes(lines: list[str]) -> list[int]:
    """Places of the lines that are no footnote; a footnote may go on in the next line, if only once."""
    kept: list[int] = []
    before = ""
    for place, line in enumerate(lines):
        footnote = _FOOTNOTE.match(line) is not None
        if not footnote and not (_FOOTNOTE.match(before) and _goes_on(before, line)):
            kept.append(place)
        before = line
    return kept


def _goes_on(footnote: str, line: str) -> bool:
    """Whether ``line`` is the rest of an address that was broken at a slash or hyphen."""
    return footnote.rstrip()[-1:] in ("/", "-", "=", "&") and " " not in line.strip() and bool(line.strip())


def list_footer_start(lines: list[str]) -> int:
    """Index of the footer that a mailing list added at the very end; ``len(lines)`` when there is none."""
    start, n_lines, found = len(lines), 0, False
    for place in range(len(lines) - 1, -1, -1):
        text = lines[place].strip()
        if not text:
            continue
        n_lines += 1
        if n_lines > _MAX_FOOTER:
            break
        if not text.strip("-_=*"):
            return place if found and len(text) >= _SHORT_RULE else start
        if text[:60].lower().startswith(_FOOTERS) or _LIST_NAME.match(text):
            start, found = place, True
        elif _BARE.match(text) is None:
            break
    return start


def signature_start(lines: list[str], *, author: str = "") -> int:
    """Index of the first line of the signature; ``len(lines)`` when there is none.

    Only the last 40 lines are searched, except for a notice or footer to which the text never returns.
    """
    start = _footer(lines)
    last = start - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last > 0 and not lines[last].strip(" -_=") and len(lines[last].strip()) >= _SHORT_RULE:
        start = last  # a rule with nothing below it
    names = _name_words(author)
    n_below = 0
    for place in range(start - 1, max(0, start - _WINDOW) - 1, -1):
        text = lines[place].strip()
        if not text:
            continue
        begins = (
            (text in _DELIMITERS and n_below <= _MAX_SIGNATURE)
            or (n_below <= _MAX_AFTER_DEVICE and text[:60].lower().startswith(_DEVICE))
            or (
                n_below <= _MAX_NAME_LINES
                and (_is_closing(text) or _is_author(text, names))
                and _is_name_block(lines, place + 1, start)
            )
        )
        if begins:
            if text in _DELIMITERS:  # people sign with their first name above a block that begins with it
                names |= _first_name(lines, place + 1)
            start, n_below = place, 0
        else:
            n_below += 1
    return start


def _footer(lines: list[str]) -> int:
    """Start of a list footer or legal notice at the end; ``len(lines)`` when there is none."""
    end = len(lines)
    for place in range(max(0, end - _WINDOW), end):
        text = lines[place].strip()[:200].lower()
        if text.startswith(_FOOTERS) or _NOTICE.match(text):
            above = place - 1
            while above >= 0 and not lines[above].strip("-_=* \t"):
                above -= 1  # the rule and blank lines over it
            return above + 1
    return end


def _is_closing(text: str) -> bool:
    if len(text) > _MAX_CLOSING:
        return False
    phrase = text.strip(" ,.!;-–*_").lower()
    if phrase in _CLOSING_SET:
        return True
    head = phrase.split(",")[0].strip()  # "Thanks, Robert"
    return head in _CLOSING_SET and len(phrase.split()) <= len(head.split()) + 3


def _name_words(author: str) -> frozenset[str]:
    return frozenset(_folded(author[:200]).replace(",", " ").replace(".", " ").replace("-", " ").split())


def _first_name(lines: list[str], place: int) -> frozenset[str]:
    for line in lines[place : place + 3]:
        if line.strip():
            words = _name_words(line.strip()[:_MAX_NAME_LINE])
            return words if len(words) <= _MAX_NAME_WORDS else frozenset()
    return frozenset()


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _is_author(text: str, names: frozenset[str]) -> bool:
    """Whether a line holds the author's name, or part of it, or its first letter, and nothing else."""
    if not names or len(text) > _MAX_NAME_LINE or text.count(" ") > 2 * _MAX_NAME_WORDS:
        return False
    words = _folded(text.strip(" ,.!;-–—~*_")).replace(".", " ").replace("-", " ").split()
    if not 1 <= len(words) <= _MAX_NAME_WORDS:
        return False
    if len(words) == 1 and len(words[0]) == 1:
        return any(name.startswith(words[0]) for name in names)
    return all(
        word in names or (len(word) >= _PREFIX_LETTERS and any(name.startswith(word) for name in names))
        for word in words
    )


def _is_name_block(lines: list[str], first: int, end: int) -> bool:
    written = map(str.strip, lines[first:end])
    return all(len(line) <= _MAX_NAME_LINE and not line.endswith(("?", "!", ":")) for line in written)
