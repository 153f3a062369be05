"""Small additions to sentences, so that even common lines rarely recur word for word."""

from __future__ import annotations

from random import Random

from data.generator.facts import Facts
from data.generator.grammar import Grammar, tidy

# First words that may lose their capital behind an introduction.
_COMMON = frozenset(
    [
        "the",
        "my",
        "your",
        "it",
        "this",
        "that",
        "there",
        "nobody",
        "someone",
        "somebody",
        "we",
        "they",
        "he",
        "she",
        "a",
        "an",
        "no",
        "not",
        "first",
        "every",
        "now",
        "how",
        "why",
        "what",
        "where",
        "who",
        "when",
        "which",
        "two",
        "three",
        "according",
        "nothing",
        "another",
        "since",
        "after",
        "one",
        "none",
        "our",
        "his",
        "her",
        "you",
        "if",
        "as",
        "at",
        "in",
        "on",
        "by",
        "is",
        "was",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "still",
        "today",
    ]
)
_ASKING = frozenset(
    [
        "please",
        "can",
        "could",
        "would",
        "will",
        "may",
        "is",
        "are",
        "do",
        "does",
        "how",
        "when",
        "where",
        "which",
        "who",
        "what",
        "any",
        "kindly",
    ]
)


class Plain(str):
    """A sentence that is said as it is: openings and goodbyes."""

    __slots__ = ()


def dress(sentence: str, grammar: Grammar, facts: Facts, rng: Random) -> str:
    """Give some sentences an introduction or an afterthought.

    Short sentences, which recur most, get one more often than long ones.
    """
    words = sentence.split()
    if isinstance(sentence, Plain):
        return sentence
    if not 3 <= len(words) <= 22 or sentence[-1] in ":,)" or "\n" in sentence:
        return sentence
    if rng.random() > (0.34 if len(words) <= 9 else 0.16):
        return sentence
    end = sentence[-1] if sentence[-1] in ".?!" else ""
    bare = sentence[: len(sentence) - len(end)]
    first = words[0].lower().strip(",'")
    if end == "?" or first in _ASKING:
        return _after(bare, grammar.say("tag.ask_back", facts, rng), end)
    if rng.random() < 0.5 and first in _COMMON:
        front = grammar.say("tag.front", facts, rng)
        return tidy(f"{front} {sentence[:1].lower()}{sentence[1:]}")
    return _after(bare, grammar.say("tag.back", facts, rng), end)


def _after(bare: str, tag: str, end: str) -> str:
    gap = "" if tag.startswith(",") else " "
    return f"{bare}{gap}{tag[:1].lower()}{tag[1:]}{end}"
