"""Where the signature of a mail begins: delimiter, closing phrase with a name block, notices."""

from __future__ import annotations

import re

_CLOSINGS = (
    "best regards", "kind regards", "warm regards", "with regards", "regards", "best wishes", "all the best",
    "many thanks", "thanks and regards", "thanks & regards", "thanks in advance", "thanks again", "thank you",
    "thanks", "thx", "cheers", "sincerely", "yours sincerely", "yours faithfully", "yours truly", "best", "br",
    "kr", "rgds", "warmly", "respectfully", "cordially", "greetings",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße",
    "freundliche grüsse", "viele grüße", "viele grüsse", "beste grüße", "herzliche grüße", "liebe grüße",
    "schöne grüße", "gruß", "grüße", "lg", "mfg", "vg", "danke", "vielen dank", "besten dank",
    "cordialement", "bien cordialement", "bien à vous", "sincères salutations", "merci d'avance", "merci",
    "saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente", "gracias",
    "cordiali saluti", "distinti saluti", "un saluto", "saluti", "grazie",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "groet", "mvg",
    "atenciosamente", "med vänlig hälsning", "med venlig hilsen",
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
    r"[*_\-= ]{0,10}(?:confidentiality notice|disclaimer\b|(?:this|the information (?:contained )?in this) "
    r"(?:e-?mail|message|communication)\b.{0,120}?(?:confidential|privileged|intended)|"
    r"(?:diese|der inhalt dieser) (?:e-?mail|nachricht)\b.{0,120}?vertraulich|"
    r"ce (?:message|courriel|mail)\b.{0,120}?confidentiel|este (?:mensaje|correo|e-?mail)\b.{0,120}?confidencial|"
    r"(?:il presente|questo) (?:messaggio|e-?mail)\b.{0,120}?(?:riservat|confidenzial)|"
    r"d(?:it|eze) (?:bericht|e-?mail)\b.{0,120}?vertrouwelijk)"
)
_FOOTERS = (
    "to unsubscribe",
    "unsubscribe:",
    "for additional commands, e-mail",
    "you received this message because",
)
_DELIMITERS = ("--", "—", "––")
_MAX_SIGNATURE = 20
_MAX_NAME_LINES = 8
_MAX_NAME_LINE = 80
_WINDOW = 40
_MAX_AFTER_DEVICE = 3


def signature_start(lines: list[str]) -> int:
    """Index of the first line of the signature; ``len(lines)`` when there is none.

    Only the last 40 lines are searched, except for a notice or footer to which the text never returns.
    """
    start = _footer(lines)
    n_below = 0
    for place in range(start - 1, max(0, start - _WINDOW) - 1, -1):
        text = lines[place].strip()
        if not text:
            continue
        begins = (
            (text in _DELIMITERS and n_below <= _MAX_SIGNATURE)
            or (n_below <= _MAX_AFTER_DEVICE and text[:60].lower().startswith(_DEVICE))
            or (n_below <= _MAX_NAME_LINES and _is_closing(text) and _is_name_block(lines, place + 1, start))
        )
        if begins:
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


def _is_name_block(lines: list[str], first: int, end: int) -> bool:
    written = map(str.strip, lines[first:end])
    return all(len(line) <= _MAX_NAME_LINE and not line.endswith(("?", "!", ":")) for line in written)
