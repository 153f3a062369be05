r"""A small phrase grammar: text files in, sentences out.

A file holds symbols. ``= name`` opens one; every following line is an alternative.
Inside a line ``(a|b|c)`` chooses, ``(a|)`` makes something optional and ``{name}``
expands a fact of the message or, failing that, another symbol. A backslash escapes the
next character, ``\\n`` is a line break, lines starting with ``#`` are comments and a line
starting with ``*3`` counts three times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

_AN = re.compile(r"\b([Aa]) (?=[aeio]|un(?!i)|u[bglmpst]|hour|honest|[“\"]?[AEIO][a-z])")
_AN_FALSE = re.compile(r"\b([Aa])n (?=one\b|once\b|euro|Euro|use)")
_SPACES = re.compile(r" {2,}")
_TWO_STOPS = re.compile(r"(?<!\.)\.[.](?!\.)")
_LOOSE = re.compile(r" [,.;:!?]")
_SPACE_BEFORE = re.compile(r" +([,.;:!?])(?!\.)")


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives in parentheses, each a sequence of nodes."""

    options: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A name in braces: a fact of the message, else a symbol of the grammar."""

    name: str


Node = str | Choice | Slot


def parse_line(line: str) -> tuple[Node, ...]:
    """Read one alternative.

    Parameters
    ----------
    line : str
        The text after the weight, without the line end.

    Returns
    -------
    tuple of Node

    Raises
    ------
    SyntaxError
        When parentheses or braces do not match.
    """
    options, rest = _parse(line, 0, inside=False)
    if rest != len(line) or len(options) != 1:
        raise SyntaxError(f"unmatched parenthesis in grammar line: {line!r}")
    return options[0]


def _parse(line: str, at: int, *, inside: bool) -> tuple[tuple[tuple[Node, ...], ...], int]:
    options: list[tuple[Node, ...]] = []
    nodes: list[Node] = []
    text: list[str] = []

    def flush() -> None:
        if text:
            nodes.append("".join(text))
            text.clear()

    while at < len(line):
        char = line[at]
        if char == "\\" and at + 1 < len(line):
            text.append("\n" if line[at + 1] == "n" else line[at + 1])
            at += 2
        elif char == "(":
            flush()
            inner, at = _parse(line, at + 1, inside=True)
            nodes.append(Choice(inner))
        elif char == ")":
            if not inside:
                raise SyntaxError(f"unexpected ')' in grammar line: {line!r}")
            flush()
            options.append(tuple(nodes))
            return tuple(options), at + 1
        elif char == "|" and inside:
            flush()
            options.append(tuple(nodes))
            nodes = []
            at += 1
        elif char == "{":
            end = line.find("}", at)
            if end < 0:
                raise SyntaxError(f"unclosed '{{' in grammar line: {line!r}")
            flush()
            nodes.append(Slot(line[at + 1 : end]))
            at = end + 1
        else:
            text.append(char)
            at += 1
    if inside:
        raise SyntaxError(f"unclosed '(' in grammar line: {line!r}")
    flush()
    options.append(tuple(nodes))
    return tuple(options), at


@dataclass(slots=True)
class Grammar:
    """Symbols with their alternatives, and how often each was used.

    Of two random alternatives the less used one is taken: phrases are spread over the
    corpus the way a crowd of writers would, not the way one dice would.
    """

    symbols: dict[str, list[tuple[Node, ...]]]
    used: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Grammar:
        """Read every ``*.txt`` file of a folder, in name order."""
        symbols: dict[str, list[tuple[Node, ...]]] = {}
        for path in sorted(folder.glob("*.txt")):
            current: list[tuple[Node, ...]] | None = None
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("= "):
                    current = symbols.setdefault(line[2:].strip(), [])
                elif line.strip() and not line.startswith("#"):
                    if current is None:
                        raise SyntaxError(f"{path.name}: a line before the first symbol: {line!r}")
                    weight = re.match(r"\*(\d+) ", line)
                    node = parse_line(line[weight.end() :] if weight else line)
                    current.extend([node] * (int(weight[1]) if weight else 1))
        return cls(symbols)

    def undefined(self, facts: frozenset[str]) -> set[str]:
        """Names used in braces that are neither symbols nor in `facts`."""
        return {
            slot
            for lines in self.symbols.values()
            for line in lines
            for slot in _slots(line)
            if slot not in self.symbols and slot not in facts
        }

    def say(self, symbol: str, facts: Mapping[str, str], rng: Random) -> str:
        """Expand `symbol` once into tidy text."""
        return tidy(self._symbol(symbol, facts, rng))

    def word(self, symbol: str, rng: Random) -> str:
        """Expand a plain list of words once, untouched."""
        return self._symbol(symbol, {}, rng)

    def several(self, symbol: str, n: int, facts: Mapping[str, str], rng: Random) -> list[str]:
        """Expand up to `n` different alternatives of `symbol`; no alternative twice."""
        lines = self.symbols.get(symbol, ())
        picks: list[int] = []
        counts = self.used.setdefault(symbol, [0] * len(lines))
        order = list(range(len(lines)))
        rng.shuffle(order)
        order.sort(key=lambda i: counts[i] // 8)
        for i in _spread(order, n, rng):
            picks.append(i)
            counts[i] += 1
        return [tidy(self._walk(lines[i], facts, rng)) for i in picks]

    def has(self, symbol: str) -> bool:
        """Whether the grammar defines `symbol`."""
        return symbol in self.symbols

    def _symbol(self, symbol: str, facts: Mapping[str, str], rng: Random) -> str:
        lines = self.symbols[symbol]
        counts = self.used.setdefault(symbol, [0] * len(lines))
        first, second = int(rng.random() * len(lines)), int(rng.random() * len(lines))
        chosen = first if counts[first] <= counts[second] else second
        counts[chosen] += 1
        return self._walk(lines[chosen], facts, rng)

    def _walk(self, nodes: Sequence[Node], facts: Mapping[str, str], rng: Random) -> str:
        parts: list[str] = []
        for node in nodes:
            if isinstance(node, str):
                parts.append(node)
            elif isinstance(node, Choice):
                option = node.options[int(rng.random() * len(node.options))]
                parts.append(self._walk(option, facts, rng))
            elif node.name in facts:
                parts.append(facts[node.name])
            else:
                parts.append(self._symbol(node.name, facts, rng))
        return "".join(parts)


def _spread(order: list[int], n: int, rng: Random) -> list[int]:
    # Mostly from the little-used half, so that the choice stays random.
    half = order[: max(n, (len(order) + 1) // 2)]
    rng.shuffle(half)
    return half[:n]


def _slots(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Slot):
            yield node.name
        elif isinstance(node, Choice):
            for option in node.options:
                yield from _slots(option)


def tidy(text: str) -> str:
    """Mend spaces and articles and start with a capital letter."""
    # Most text needs none of the mends, and looking is cheaper than substituting.
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if _LOOSE.search(text):
        text = _SPACE_BEFORE.sub(r"\1", text)
    text = text.strip()
    if ".." in text:
        text = _TWO_STOPS.sub(".", text)
    text = _AN.sub(r"\1n ", text)
    if "n one" in text or "n euro" in text or "n us" in text or "n Euro" in text:
        text = _AN_FALSE.sub(r"\1 ", text)
    return text[:1].upper() + text[1:]
