"""Customers: who they are and how they write, the same in every message of theirs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

from data.generator.grammar import Grammar

TONES = {
    "polite": 24,
    "curt": 22,
    "angry": 15,
    "rambling": 14,
    "confused": 9,
    "legalistic": 5,
    "chatty": 11,
}
# Country code, language of greetings, country name, share of customers.
COUNTRIES = (
    ("GB", "en", "the UK", 58),
    ("IE", "en", "Ireland", 9),
    ("DE", "de", "Germany", 8),
    ("FR", "fr", "France", 5),
    ("ES", "es", "Spain", 4),
    ("PL", "pl", "Poland", 4),
    ("NL", "nl", "the Netherlands", 4),
    ("IT", "it", "Italy", 3),
    ("PT", "pt", "Portugal", 2),
    ("SE", "sv", "Sweden", 2),
    ("TR", "tr", "Turkey", 1),
)
MAIL_DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "mail.example",
    "post.example",
    "inbox.example",
    "webmail.example",
    "fastmailer.example",
)
QUOTES = ("angle", "angle", "outlook", "outlook", "wrote", "none", "none", "stars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A customer's identity and writing habits.

    Attributes
    ----------
    typo_rate : float
        Chance of a slip per word, in [0, 1].
    case : str
        ``normal``, ``lower`` (never a capital) or ``shout`` (some sentences in capitals).
    stops : str
        How sentences end and join: ``normal``, ``none``, ``comma``, ``dash``, ``dots``, ``bang``.
    verbosity : float
        Multiplies the length of messages; 1 is average.
    """

    name: str
    first: str
    last: str
    other_name: str
    email: str
    second_email: str
    country: str
    country_name: str
    language: str
    tone: str
    tier: str
    parcels: int
    platform: str
    parcel: str
    driver: str
    typo_rate: float
    case: str
    stops: str
    contractions: str
    curly: bool
    abbreviates: bool
    greeting: str
    goodbye: str
    signature: str
    quote: str
    verbosity: float


def ascii_name(text: str) -> str:
    """Fold a name to lower-case ASCII letters for an address."""
    folded = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("ß", "ss").replace("ı", "i"))
    return "".join(c for c in folded.lower() if c.isascii() and c.isalpha())


def _name(grammar: Grammar, language: str, rng: Random) -> tuple[str, str]:
    return (
        grammar.word(f"first.{language}", rng),
        grammar.word(f"last.{language}", rng),
    )


def _address(first: str, last: str, rng: Random) -> str:
    given, family = ascii_name(first), ascii_name(last)
    local = (
        f"{given}.{family}",
        f"{given}{rng.randrange(40, 100)}",
        f"{given[0]}.{family}",
        f"{family}_{given}",
        f"{given}{family}{rng.randrange(10)}",
        f"{family}.family",
    )[rng.randrange(6)]
    return f"{local}@{rng.choice(MAIL_DOMAINS)}"


def draw(grammar: Grammar, rng: Random) -> Persona:
    """Invent one customer."""
    country, language, country_name, _ = rng.choices(COUNTRIES, [c[3] for c in COUNTRIES])[0]
    # Many customers abroad write English like natives; half of the others do not.
    first, last = _name(grammar, language if rng.random() < 0.85 else "en", rng)
    foreign = language != "en" and rng.random() < 0.55
    tone = "nonnative" if foreign else rng.choices(list(TONES), list(TONES.values()))[0]
    tier = rng.choices(("standard", "plus", "business"), (70, 20, 10))[0]
    careful = tone in {"legalistic", "polite"}
    case = "normal" if careful else rng.choices(("normal", "lower", "shout"), (80, 16, 4))[0]
    stops = (
        "normal"
        if careful
        else rng.choices(("normal", "none", "comma", "dash", "dots", "bang"), (56, 9, 12, 7, 8, 8))[0]
    )
    native = f"greet.{language}" if language != "en" and rng.random() < 0.55 else "greet.en"
    words = ("parcel",) * 11 + ("package",) * 6 + ("order",) * 3 + ("packet", "delivery", "item", "shipment")
    return Persona(
        name=f"{first} {last}",
        first=first,
        last=last,
        other_name=f"{first} {_name(grammar, language, rng)[1]}",
        email=_address(first, last, rng),
        second_email=_address(first, last, rng),
        country=country,
        country_name=country_name,
        language=language,
        tone=tone,
        tier=tier,
        parcels=int(rng.lognormvariate(5.0 if tier == "business" else 1.4, 0.8)) + 1,
        platform=rng.choices(("android", "ios", "web"), (52, 40, 8))[0],
        parcel=rng.choice(words),
        driver=rng.choice(
            ("driver",) * 5 + ("courier",) * 4 + ("delivery guy", "delivery man", "delivery person")
        ),
        typo_rate=min(0.12, rng.expovariate(1 / 0.006 if careful else 1 / 0.014)),
        case=case,
        stops=stops,
        contractions="expand"
        if tone in {"legalistic", "nonnative"}
        else rng.choices(("keep", "drop", "expand"), (72, 18, 10))[0],
        curly=rng.random() < 0.3,
        abbreviates=not careful and rng.random() < 0.18,
        greeting=native,
        goodbye=native.replace("greet", "bye"),
        signature=rng.choices(
            ("name", "first", "full", "phone", "device", "none", "block"), (34, 22, 8, 9, 9, 12, 6)
        )[0],
        quote=rng.choice(QUOTES),
        verbosity=rng.lognormvariate(0.0, 0.35) * {"curt": 0.55, "rambling": 1.7}.get(tone, 1.0),
    )
