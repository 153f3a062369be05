"""A route as a line of a table: what must be there, what comes back, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from tests.contract.routes.bench import Bench
from tests.contract.routes.shapes import Shape

KINDS = ("success", "bad_input", "missing_right", "repetition")
UNTOLD = "\x00"
"""In the place of a body: none is sent."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a request is about, made for it alone.

    Attributes
    ----------
    at
        What stands in the address, by the letters of the template.
    resource
        Id of what ``<o>/<…>`` of the template names; empty = it has none yet.
    """

    at: Mapping[str, str] = field(default_factory=dict)
    resource: str = ""
    body: Any = None
    query: Any = None
    file: bytes | None = None

    def put(self, **changes: Any) -> Made:
        """With some of it in another way."""
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A request that is refused, and how.

    Attributes
    ----------
    says
        Part of the message, which names the value.
    at
        Values of the address that are different.
    key
        Used for the test's name.
    """

    status: int
    says: str
    body: Any = None
    query: Any = None
    at: Mapping[str, str] = field(default_factory=dict)
    file: bytes | None = None
    make: Callable[[Bench, Made], Made] | None = None

    def of(self, bench: Bench, made: Made) -> Made:
        """The request made bad."""
        found = self.make(bench, made) if self.make else made
        return found.put(
            at={**found.at, **self.at},
            resource="" if self.at else found.resource,
            body=None if self.body == UNTOLD else found.body if self.body is None else self.body,
            query=found.query if self.query is None else self.query,
            file=found.file if self.file is None else self.file,
        )


@dataclass(frozen=True, kw_only=True)
class Lacks:
    """Who may not, and what they read.

    Attributes
    ----------
    who
        Somebody of ``bench.PEOPLE``; empty = everybody with a token may.
    says
        Title of the permission; empty with ``hides``.
    hides
        Key of the list that is empty for them; empty = they are refused.
    """

    who: str = ""
    says: str = ""
    hides: str = ""


OPEN = Lacks()
"""Whoever is recognised may."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """What the same request means a second time.

    Attributes
    ----------
    reply
        What comes back then, from what came first; None = the same.
    written
        It is written down each time that it is asked.
    fresh
        Keys of the reply that are others each time.
    charged
        Entries of the ledger that the second one makes; with the same ``Idempotency-Key`` there are none.
    """

    status: int = 200
    says: str = ""
    reply: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    fresh: tuple[str, ...] = ()
    written: bool = False
    charged: int = 0


SAME = Again()
GONE = Again(status=404, says="unknown")


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method at one address, as the list of routes spells it.

    Attributes
    ----------
    made
        Makes what must be there and says what is sent.
    shape
        Of the whole reply; bytes where it is a file.
    by_id
        Whether ``<o>/<…>`` may be an id instead.
    then
        Looks at what became of it.
    """

    method: str
    path: str
    made: Callable[[Bench], Made]
    shape: Shape
    bad: tuple[Bad, ...]
    lacks: Lacks
    again: Again = SAME
    by_id: bool = True
    then: Callable[[Bench, Made, Any], None] | None = None

    @property
    def name(self) -> str:
        """Method and template."""
        return f"{self.method} {self.path}"

    def spellings(self, made: Made) -> dict[str, str]:
        """Every spelling of the address."""
        two = "/".join(f"<{letter}>" for letter in self.pair) if self.pair else ""
        by_name = self.path.replace(f"id:<{self.pair[1]}>", two) if self.pair else self.path
        found = {"segments": by_name, "prefix": f"/acme/main/reinfer_{by_name}"}
        if self.pair:
            found["encoded"] = by_name.replace(two, two.replace("/", "%2F"))
            if self.by_id and made.resource:
                found["id"] = by_name.replace(two, f"id:{made.resource}")
        return {name: fill(path, made.at) for name, path in found.items()}

    @property
    def pair(self) -> tuple[str, str] | None:
        """Letters of owner and name, where the address has them."""
        for letter in "sbdn":
            if f"/<o>/<{letter}>" in self.path or f"/id:<{letter}>" in self.path:
                return "o", letter
        return None

    def address(self, made: Made) -> str:
        """The address as the template has it."""
        if self.pair and f"id:<{self.pair[1]}>" in self.path and made.resource:
            return fill(self.path.replace(f"<{self.pair[1]}>", made.resource), made.at)
        return self.spellings(made)["segments"]


def fill(path: str, at: Mapping[str, str]) -> str:
    """A template with its values."""
    for letter, value in at.items():
        path = path.replace(f"<{letter}>", quote(value, safe=":@+=&,;.~!$'()*-_"))
    return path
