"""Chats: what the customer wrote between two answers of an agent is one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from data.generator import story
from data.generator.compose import Composer, Matter, paths
from data.generator.corpus import Message
from data.generator.labels import Label
from data.generator.personas import draw as draw_persona
from data.generator.story import Calendar

QUEUES = {
    "claims": "claims",
    "charges": "billing",
    "business": "business",
    "app": "technical",
    "account": "technical",
}
AGENTS = ("bot-1", "bot-1", "priya", "marek", "callum", "shanice", "declan", "yusuf", "bethan")


def write(composer: Composer, calendar: Calendar, n: int, rng: Random) -> list[Message]:
    """Return `n` messages of chats."""
    messages: list[Message] = []
    chat = 0
    while len(messages) < n:
        chat += 1
        messages += _one(composer, calendar, f"C{chat:06d}", rng)
    return messages[:n]


def _one(composer: Composer, calendar: Calendar, thread: str, rng: Random) -> list[Message]:
    who, when = draw_persona(composer.grammar, rng), calendar.draw(rng)
    if rng.random() < 0.5:
        # Chats are typed in haste, whatever the writer's letters look like.
        who = replace(who, case="lower", stops="none" if rng.random() < 0.6 else who.stops)
    matter = composer.matter(who, "chat", when, extra=0.95)
    queue = QUEUES.get(matter.labels[0].key.split("_")[0], "general")
    busy = story.season(when.date())
    wait = int(rng.lognormvariate(3.9 + 0.7 * (busy - 1), 0.8))
    agent = rng.choice(AGENTS)
    messages: list[Message] = []
    for text, labels in _turns(composer, matter, rng):
        if when.date() > story.LAST_DAY:
            break
        messages.append(
            Message(
                when=when,
                labels=paths(labels),
                row={
                    "thread_id": thread,
                    "text": text,
                    "from": who.email,
                    "agent": agent,
                    "queue": queue,
                    "wait_seconds": wait,
                },
            )
        )
        when += timedelta(seconds=int(rng.lognormvariate(4.2, 0.7)))
        wait = int(rng.lognormvariate(3.2, 0.7))
        if agent == "bot-1" and rng.random() < 0.5:
            agent = rng.choice(AGENTS[2:])
    return messages


def _turns(composer: Composer, matter: Matter, rng: Random) -> list[tuple[str, tuple[Label, ...]]]:
    grammar, facts, who = composer.grammar, matter.facts, matter.who
    turns: list[tuple[str, tuple[Label, ...]]] = []
    hello = grammar.say("chat.open", facts, rng)
    hello = hello.lower() if who.case == "lower" else hello
    main = matter.labels[0]
    lines = composer.lines(matter, main, "short" if rng.random() < 0.45 else "core")
    lines = lines or composer.lines(matter, main, "core")
    if rng.random() < 0.3:
        lines += composer.lines(matter, main, "detail")
    text = composer.talk(matter, lines)
    if rng.random() < 0.22:
        turns.append((hello, ()))
    elif rng.random() < 0.4:
        text = hello + rng.choice(("\n", " ", ", ")) + text
    turns.append((text, (main,)))
    for label in matter.labels[1:]:
        more = composer.lines(matter, label, "core")
        if rng.random() < 0.45:
            turns[-1] = (turns[-1][0] + "\n" + composer.talk(matter, more), (*turns[-1][1], label))
        else:
            turns.append((composer.talk(matter, more), (label,)))
    if rng.random() < 0.45:
        back = grammar.several(f"back.{rng.choice(main.back)}", 1, facts, rng)
        extra = composer.lines(matter, main, "ask") or grammar.several("ask.any", 1, facts, rng)
        again = composer.lines(matter, main, "core")
        turns.append((composer.talk(matter, back + (again if rng.random() < 0.5 else extra)), (main,)))
    if rng.random() < 0.35:
        turns.insert(
            rng.randint(1, len(turns)), (composer.talk(matter, [grammar.say("chat.turn", facts, rng)]), ())
        )
    if rng.random() < 0.2:
        thanks = composer.labels["service_thanks"]
        bye = grammar.several(
            "service_thanks.short" if rng.random() < 0.4 else "service_thanks.core", 1, facts, rng
        )
        turns.append((composer.talk(matter, bye), (thanks,)))
    return turns
