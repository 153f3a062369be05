"""Names of people, where the message itself tells them: in its heads, its greeting and its farewell.

No list of names of the world is asked: it would take "Will", "May" and "Paris" out of every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parseaddr

from workbench.language.personal.spans import PersonalSpan

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’](?=[^\W\d_])){1,40}")
_ROLES = frozenset(
    """account accounts admin administrator alert alerts all automated bank billing booking bot care claims client
    company contact customer customers dear department desk do enquiries everyone feedback finance folks from gmail
    group hello help helpdesk hi hr info information inbox invoice invoices it legal list mail mailer mailing madam
    marketing members news newsletter no noreply not office online operations order orders postmaster privacy
    reply reservations sales security service services shop sir sirs staff store support system team test the there
    ticket tickets uk update updates us user users via web webmaster www damen herren kunde kundin kundenservice
    alle zusammen service équipe monsieur madame messieurs mesdames señor señora señores tous todos cliente""".split()  # noqa: SIM905 - read as a text
)
_AMBIGUOUS = frozenset(
    """may will mark rose grant hope faith grace joy bill rich art dean drew frank gene guy jack miles nick pat penny
    ray rob sue young long short white black brown green gray grey king price bank banks page read may june april
    august day summer bush field wood lake hill stone cook baker miller english french german das der die von van
    del los las mac und and for you""".split()  # noqa: SIM905 - as above
)
"""Words that are names too: alone they count in a greeting or farewell only."""
_ACRONYM = 5
"""Up to this many capitals alone are the short name of a firm rather than a person."""
_TITLES = r"(?:mr|mrs|ms|miss|dr|prof|sir|herr|frau|monsieur|madame|mme|señora?|sra?)\b\.?[ ]{1,2}"
_NAME = r"[^\W\d_a-z][\w'’\-]{1,30}(?:[ ][^\W\d_a-z][\w'’\-]{0,30}\.?){0,2}"
_GREETING = re.compile(
    r"^[ \t>]{0,8}(?i:good (?:morning|afternoon|evening)|dear|hi|hello|hey|hallo|guten (?:tag|morgen)|lieber?|"
    rf"sehr geehrte[rs]?|bonjour|ch[eè]re?|hola|estimad[oa]|ciao|gentile|beste|ol[aá])[, ][ ]{{0,2}}(?i:{_TITLES})?({_NAME})(?=[ ]{{0,2}}[,!.:\-–\r\n]|\Z)",
    re.MULTILINE,
)
_FAREWELL = re.compile(
    r"^[ \t>]{0,8}(?i:(?:kind|best|warm|many)?[ ]?(?:regards|wishes)|best|thanks|thank you|many thanks|cheers|"
    r"yours (?:sincerely|faithfully|truly)|sincerely|(?:viele|beste|herzliche|liebe|freundliche) gr[üu][ßs]+e|"
    r"mit (?:freundlichen|besten) gr[üu][ßs]+en|cordialement|saludos|atentamente|cordiali saluti|met vriendelijke groet(?:en)?)"
    rf"[,.!]?[ \t]{{0,4}}(?:\r?\n){{1,2}}[ \t>]{{0,8}}({_NAME})[ \t.]{{0,4}}$",
    re.MULTILINE,
)
_TITLED = re.compile(rf"(?<!\w)(?:Mr|Mrs|Ms|Dr|Herrn?|Frau|Mme|Sra?)\.?[ ]({_NAME})")


def known_names(people: Iterable[str]) -> dict[str, str]:
    """Names that heads of a message tell.

    Parameters
    ----------
    people
        Senders and recipients as they stand there, ``Anna Smith <anna.smith@example.org>``, and addresses.

    Returns
    -------
    dict
        Each word in small letters, and the person it means: the whole name in small letters.
    """
    known: dict[str, str] = {}
    for said in people:
        shown, address = parted(said)
        local = address.partition("@")[0]
        spelled = [word.casefold() for word in _WORD.findall(shown)]
        parts = [word.casefold() for word in re.split(r"[._+\-\d]+", local) if word.isalpha()]
        written = [*spelled, *parts] if spelled or len(parts) > 1 else parts
        if any(word in _ROLES for word in (*spelled, *parts)):
            continue
        person = " ".join(spelled or parts)
        for word in written:
            known.setdefault(word, known.get(person, person))
    return known


def parted(said: str) -> tuple[str, str]:
    """The name and the address that a sender or recipient gives, empty = none."""
    shown, address = parseaddr(said[:2_000])
    if "@" in address:
        return ("" if "@" in shown else shown), address
    return ("", said) if "@" in said else (said, "")


def find_names(text: str, known: Mapping[str, str]) -> Iterator[PersonalSpan]:
    """Names that ``known`` has, and those in a greeting, a farewell or after a title; they may overlap."""
    told = [
        (found.start(1), found.end(1), found[1])
        for shape in (_GREETING, _FAREWELL, _TITLED)
        for found in shape.finditer(text)
    ]
    for start, end, name in told:
        words = [word.casefold() for word in _WORD.findall(name)]
        is_acronym = name.isupper() and len(name) <= _ACRONYM
        if words and not is_acronym and not any(word in _ROLES for word in words):
            value = next((known[word] for word in words if word in known), " ".join(words))
            yield PersonalSpan(start=start, end=end, kind="name", certainty=0.7, value=value)
    if known:
        yield from _called(text, known)


def _called(text: str, known: Mapping[str, str]) -> Iterator[PersonalSpan]:
    """Words of known names, neighbours of one person as one."""
    start = end = -1
    person, sure = "", False
    for found in _WORD.finditer(text):
        key = found[0].casefold()
        means = known.get(key)
        if means is None or found[0][0].islower():
            continue
        if person == means and 0 <= found.start() - end <= 2 and not text[end : found.start()].strip(" ,.-"):  # noqa: PLR2004 - "Smith, Anna"
            end, sure = found.end(), True
            continue
        if person and sure:
            yield PersonalSpan(start=start, end=end, kind="name", certainty=0.9, value=person)
        start, end, person, sure = found.start(), found.end(), means, key not in _AMBIGUOUS
    if person and sure:
        yield PersonalSpan(start=start, end=end, kind="name", certainty=0.9, value=person)
