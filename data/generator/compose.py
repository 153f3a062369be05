"""The body of one customer's message from labels, persona and particulars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from data.generator import facts as particulars
from data.generator import labels as taxonomy
from data.generator import story
from data.generator.dress import Plain, dress
from data.generator.facts import Facts
from data.generator.grammar import Grammar, tidy
from data.generator.labels import Label
from data.generator.personas import Persona
from data.generator.voice import speak


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What one customer writes about: who, the labels, the particulars."""

    who: Persona
    labels: tuple[Label, ...]
    facts: Facts
    brand: bool


class Composer:
    """Writes messages with one grammar, one taxonomy and one stream of chance."""

    def __init__(self, grammar: Grammar, labels: dict[str, Label], rng: Random) -> None:
        self.grammar = grammar
        self.labels = labels
        self.rng = rng

    def matter(
        self, who: Persona, kind: str, when: datetime, *, extra: float = 1.0, agent: str = "Sam"
    ) -> Matter:
        """Draw what `who` writes about at a time; kind is mail, review or chat."""
        chosen = taxonomy.draw(self.labels, kind, when.date(), self.rng, extra=extra)
        brand = self.rng.random() < story.drift_share(when.date())
        facts = particulars.draw(self.grammar, who, when, self.rng, agent=agent, brand=brand)
        return Matter(who=who, labels=tuple(chosen), facts=facts, brand=brand)

    def symbol(self, matter: Matter, label: Label, part: str) -> str:
        """Name of the grammar symbol for a part of a label; the locker has two vocabularies."""
        if label.key == story.DRIFT_KEY and part in {"core", "short"}:
            age = "new" if matter.brand else "old"
            return f"{label.key}.{age}" if part == "core" else f"{label.key}.short_{age}"
        return f"{label.key}.{part}"

    def lines(self, matter: Matter, label: Label, part: str, n: int = 1) -> list[str]:
        """Say up to `n` different lines of a part of a label; none where it has no such part."""
        symbol = self.symbol(matter, label, part)
        return self.grammar.several(symbol, n, matter.facts, self.rng)

    def points(self, matter: Matter, words: float, *, opening: bool) -> list[list[str]]:
        """Return paragraphs of sentences of roughly `words` words."""
        rng, who, grammar = self.rng, matter.who, self.grammar
        room = max(1, round(words / 15))
        first: list[str] = []
        if opening and room > 1 and rng.random() < 0.6:
            symbol = f"open.{who.tone}" if rng.random() < 0.8 else "open.polite"
            first.append(Plain(grammar.say(symbol, matter.facts, rng)))
        paragraphs: list[list[str]] = []
        for i, label in enumerate(matter.labels):
            main = i == 0
            core = self.lines(matter, label, "core", 1 + (main and room > 5 and rng.random() < 0.4))
            rest = self.lines(matter, label, "detail", int(room > 3) + int(room > 9))
            block = core + (rest if rng.random() < 0.6 else [])
            if not main and rng.random() < 0.55:
                link = grammar.say("joint", matter.facts, rng)
                block[0] = link if not link[-1].isalnum() else f"{link}:"
                block.insert(1, core[0])
            paragraphs.append(block)
        used = len(first) + sum(map(len, paragraphs))
        stories = self._stories(matter, max(0, room - used - 1))
        for sentence in stories:
            rng.choice(paragraphs[: 1 + (rng.random() < 0.3)]).append(sentence)
        if rng.random() < 0.22:
            rng.shuffle(paragraphs[0])
        paragraphs[0][:0] = first
        last: list[str] = []
        if room > 1 and rng.random() < 0.7:
            label = rng.choice(matter.labels)
            own = self.lines(matter, label, "ask") if rng.random() < 0.6 else []
            last += own or grammar.several("ask.any", 1, matter.facts, rng)
        if room > 2 and rng.random() < 0.45:
            last += map(Plain, grammar.several(f"close.{who.tone}", 1, matter.facts, rng))
        if last:
            paragraphs.append(last)
        return paragraphs

    def _stories(self, matter: Matter, n: int) -> list[str]:
        kinds = [k for label in matter.labels for k in label.back]
        picked: list[str] = []
        for kind in sorted(set(kinds), key=kinds.index):
            share = self.rng.randint(0, max(1, n // 2)) if n > 0 else 0
            picked += self.grammar.several(f"back.{kind}", min(share, 4), matter.facts, self.rng)
        if len(picked) < n:
            more = self.rng.choice(("back.life", "back.feeling", "back.contact"))
            picked += self.grammar.several(more, min(2, n - len(picked)), matter.facts, self.rng)
        self.rng.shuffle(picked)
        return list(dict.fromkeys(picked))[:n]

    def talk(self, matter: Matter, sentences: Sequence[str]) -> str:
        """Say sentences in the customer's voice, some with a small addition."""
        dressed = [dress(s, self.grammar, matter.facts, self.rng) for s in sentences]
        return speak(dressed, matter.who, self.rng)

    def body(self, matter: Matter, words: float, *, opening: bool = True) -> str:
        """Write the text between greeting and goodbye."""
        rng, who = self.rng, matter.who
        paragraphs = [self.talk(matter, p) for p in self.points(matter, words, opening=opening) if p]
        if words > 70 and rng.random() < 0.1:
            paragraphs.insert(rng.randrange(1, len(paragraphs) + 1), self._list(matter))
        together = rng.random() < (0.5 if who.tone in {"rambling", "angry"} else 0.25)
        gap = " " if together or words < 40 else ("\n\n" if rng.random() < 0.75 else "\n")
        return gap.join(paragraphs)

    def _list(self, matter: Matter) -> str:
        rng = self.rng
        mark = rng.choice(("- ", "* ", "• ", "", "#"))
        facts = self.grammar.several("list.fact", rng.randint(3, 6), matter.facts, rng)
        lines = [f"{i}. {x}" if mark == "#" else f"{mark}{x}" for i, x in enumerate(facts, 1)]
        return "\n".join([self.grammar.say("list.head", matter.facts, rng), *lines])

    def mail(self, matter: Matter, inner: str, *, reply: bool = False) -> str:
        """Put greeting, goodbye and signature around a body."""
        rng, who = self.rng, matter.who
        parts: list[str] = []
        if rng.random() < (0.55 if reply or who.tone in {"curt", "angry"} else 0.9):
            greeting = self.grammar.say(who.greeting, matter.facts, rng)
            greeting += rng.choice((",", ",", "", "!", " -") if not reply else (",", ","))
            parts.append(greeting.lower() if who.case == "lower" else greeting)
        parts.append(inner)
        sign = self.signature(matter)
        if sign:
            parts.append(sign)
        gap = "\n" if who.tone == "curt" and rng.random() < 0.5 else "\n\n"
        return gap.join(parts)

    def signature(self, matter: Matter) -> str:
        """The goodbye and signature, a habit of the persona; empty for those who have none."""
        who, rng = matter.who, self.rng
        bye = self.grammar.say(who.goodbye, matter.facts, rng)
        low = who.case == "lower"
        names = {
            "name": f"{bye},\n{who.name}",
            "first": f"{bye}\n{who.first}",
            "full": f"{bye},\n\n{who.name}\n{matter.facts['houseno']} {matter.facts['street']}\n"
            f"{matter.facts['city']} {matter.facts['postcode']}",
            "phone": f"{bye},\n{who.name}\n{particulars.phone(who.country, Random(who.email))}",
            "device": f"{who.first}\n\n"
            + Random(who.email).choice(
                (
                    "Sent from my phone",
                    "Sent from my tablet",
                    "Envoyé de mon mobile",
                    "Enviado desde mi móvil",
                    "Wysłane z telefonu",
                    "Sent on the move",
                    "Mobile mail",
                    "Get the mail app for Android",
                    "Von meinem Handy gesendet",
                    "Sent from my mobile, excuse brevity",
                )
            ),
            "none": "",
            "block": f"{bye}\n-- \n{who.name} | {matter.facts['shop']}\n"
            f"T {particulars.phone(who.country, Random(who.email))}\n{who.email}\n"
            + Random(who.name).choice(("", self.grammar.say("bye.footer", matter.facts, Random(who.email)))),
        }
        text = names[who.signature]
        return text.lower() if low and who.signature in {"name", "first"} else text

    def subject(self, matter: Matter) -> str:
        """Write a subject line; some people leave it empty or write something vague."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.04:
            return ""
        if roll < 0.14:
            return rng.choice(
                (
                    "Question",
                    "Help",
                    "parcel",
                    "Problem",
                    "Complaint",
                    "hello",
                    "Delivery",
                    "urgent!",
                    "Query",
                    matter.facts["tracking"],
                    "Order " + matter.facts["order_no"],
                )
            )
        lines = self.lines(matter, matter.labels[0], "subject")
        text = lines[0] if lines else "Message"
        return text.lower() if matter.who.case == "lower" else tidy(text)

    def short(self, matter: Matter) -> str:
        """Write one hasty line about the main label."""
        lines = self.lines(matter, matter.labels[0], "short")
        return self.talk(matter, lines or self.lines(matter, matter.labels[0], "core"))


def paths(labels: Sequence[Label]) -> tuple[str, ...]:
    """Full names of labels, each once, in order."""
    return tuple(dict.fromkeys(label.path for label in labels))
