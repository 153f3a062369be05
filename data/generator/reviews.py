"""App reviews with stars."""

from __future__ import annotations

from datetime import date
from random import Random

from data.generator.compose import Composer, Matter, paths
from data.generator.corpus import Message
from data.generator.personas import draw as draw_persona
from data.generator.story import Calendar

# Release days of the app's versions over the year.
VERSIONS = (
    (date(2025, 9, 1), "6.8.2"),
    (date(2025, 11, 18), "6.9.0"),
    (date(2025, 12, 9), "6.9.1"),
    (date(2026, 2, 1), "7.0.0"),
    (date(2026, 2, 12), "7.0.1"),
    (date(2026, 4, 21), "7.1.0"),
    (date(2026, 6, 16), "7.2.0"),
    (date(2026, 7, 2), "7.2.1"),
    (date(2026, 9, 1), "7.3.0"),
    (date(2026, 10, 6), "7.3.2"),
)
_STARS = {
    "service_praise": (0, 1, 2, 22, 75),
    "app_usability": (12, 14, 22, 27, 25),
    "app_map": (25, 17, 17, 19, 22),
    "app_notify": (35, 28, 22, 10, 5),
}
_BAD = (66, 19, 9, 4, 2)


def _stars(matter: Matter, rng: Random) -> int:
    return rng.choices(range(1, 6), _STARS.get(matter.labels[0].key, _BAD))[0]


def _version(day: date, rng: Random) -> str:
    known = [v for released, v in VERSIONS if released <= day]
    return known[-1 - min(len(known) - 1, int(rng.expovariate(1.1)))]


def write(composer: Composer, calendar: Calendar, n: int, rng: Random) -> list[Message]:
    """Return `n` reviews."""
    return [_one(composer, calendar, rng) for _ in range(n)]


def _one(composer: Composer, calendar: Calendar, rng: Random) -> Message:
    grammar = composer.grammar
    who, when = draw_persona(grammar, rng), calendar.draw(rng)
    matter = composer.matter(who, "review", when, extra=0.62)
    version = _version(when.date(), rng)
    matter.facts["app_version"] = version
    stars = _stars(matter, rng)
    matter.facts["stars"] = str(stars)
    mood = "good" if stars > 3 else "mid" if stars == 3 else "bad"
    labels: tuple[str, ...] = ()
    if rng.random() < 0.035:
        text = grammar.say("review.tiny", matter.facts, rng)
    elif rng.random() < 0.24:
        text, labels = composer.short(matter), paths(matter.labels[:1])
    else:
        lines = _lines(composer, matter, rng, bad=stars < 4)
        text, labels = composer.talk(matter, lines), paths(matter.labels)
    if rng.random() < 0.13:
        face = "emoji_good" if stars > 3 else "emoji_bad"
        text += " " + grammar.say(f"review.{face}", matter.facts, rng)
    title = grammar.say(f"review.title_{mood}", matter.facts, rng) if rng.random() < 0.55 else ""
    if title == "" and rng.random() < 0.4:
        own = composer.lines(matter, matter.labels[0], "short")
        title = own[0] if own and labels else ""
    return Message(
        when=when,
        labels=labels,
        row={
            "stars": stars,
            "title": title.lower() if who.case == "lower" else title,
            "review": text,
            "app_version": version,
            "platform": who.platform,
            "country": who.country,
        },
    )


def _lines(composer: Composer, matter: Matter, rng: Random, *, bad: bool) -> list[str]:
    grammar, facts = composer.grammar, matter.facts
    lines: list[str] = []
    if rng.random() < 0.2 and bad:
        lines.append(grammar.say("review.open", facts, rng))
    for i, label in enumerate(matter.labels):
        if i and rng.random() < 0.4:
            link = grammar.say("joint", facts, rng)
            lines.append(link if not link[-1].isalnum() else f"{link}:")
        lines += composer.lines(matter, label, "core", 1 + (rng.random() < 0.12))
        if rng.random() < 0.3:
            lines += composer.lines(matter, label, "detail")
    if rng.random() < 0.42 * matter.who.verbosity:
        lines += grammar.several(f"back.{rng.choice(matter.labels[0].back)}", rng.randint(1, 2), facts, rng)
    if rng.random() < 0.15 and bad:
        lines.append(grammar.say("review.close", facts, rng))
    return lines
