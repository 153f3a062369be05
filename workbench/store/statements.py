"""Named SQL: ``store/sql/<noun>.sql``, one file per table family.

A statement begins with ``-- name:``, then its purpose, ``-- parameters:``, for bulk statements
``-- staged:`` (columns of the Arrow table it reads as ``staged``) and ``-- returns:``. Values are always
bound. Markers may stand in a statement, where a compiled filter (``within`` is a second one) or order goes::

    WHERE TRUE /*where*/ AND TRUE /*within*/        ORDER BY m.upload_seq /*order*/

Lists of keys that an index finds are marked, so that more of them are written out one by one::

    WHERE uid IN (SELECT unnest($uids::VARCHAR[])) /*by index*/

What several statements say in the same words stands once, in ``SHARED``, and is called like a function::

    WITH newest AS (newest_version()) SELECT key_of(uid) FROM staged
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_WHERE = re.compile(r"TRUE /\*where\*/")
_WITHIN = re.compile(r"TRUE /\*within\*/")
_ORDER = re.compile(r"\S+ /\*order\*/")
SHARED = {
    "newest_version": "SELECT version, label_ids FROM model_version WHERE dataset_id = $dataset_id"
    " ORDER BY version DESC LIMIT 1",
    "key_of": "(md5_number({}) >> 64)::UBIGINT",
    "copied_id": "left(md5({} || $new_id), 16)",
}
"""Words of the statements, and the SQL that takes their place: the newest model version of a dataset, the number that
stands for an id (``message_rows.key_of``), the id of a copy in another dataset."""
_SHARED = re.compile(rf"\b({'|'.join(SHARED)})\(([\w.]*)\)")
_CHANGED = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One named statement and what its header says of it."""

    name: str
    purpose: str
    parameters: tuple[str, ...]
    staged: tuple[str, ...]
    returns: tuple[str, ...]
    sql: str

    @functools.cached_property
    def changes(self) -> frozenset[str]:
        """Tables that it writes to."""
        return frozenset(_CHANGED.findall(self.sql))

    def filled(self, where: str = "TRUE", order: str | None = None, within: str = "TRUE") -> str:
        """The SQL with compiled conditions and order in the place of the markers."""
        text = _WHERE.sub(lambda _: f"({where})", self.sql)
        text = _WITHIN.sub(lambda _: f"({within})", text)
        return text if order is None else _ORDER.sub(lambda _: order, text)


def statement(name: str) -> Statement:
    """The statement ``<noun>.<name>``; ``KeyError`` when there is none."""
    return all_statements()[name]


@functools.cache
def all_statements() -> Mapping[str, Statement]:
    """Every statement of the room, by ``<noun>.<name>``."""
    found: dict[str, Statement] = {}
    for file in sorted(resources.files("workbench.store").joinpath("sql").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".sql"):
            continue
        noun = file.name.removesuffix(".sql")
        for piece in re.split(r"^-- name:", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            made = _parse(noun, piece)
            if made.name in found:
                raise ValueError(f"statement {made.name!r} is written twice")
            found[made.name] = made
    return found


def _parse(noun: str, piece: str) -> Statement:
    first, *lines = piece.strip().splitlines()
    n_header = next(i for i, line in enumerate(lines) if not line.startswith("--"))
    header = [line.removeprefix("--").strip() for line in lines[:n_header]]
    fields = {
        key: _names(next((line for line in header if line.startswith(f"{key}:")), f"{key}:"))
        for key in ("parameters", "staged", "returns")
    }
    return Statement(
        name=f"{noun}.{first.strip()}",
        purpose=" ".join(line for line in header if line.split(":")[0] not in fields),
        parameters=fields["parameters"],
        staged=fields["staged"],
        returns=fields["returns"],
        sql=_SHARED.sub(
            lambda found: SHARED[found[1]].format(found[2]),
            "\n".join(lines[n_header:]).strip().removesuffix(";"),
        ),
    )


def _names(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split(":", 1)[1].split(",") if part.strip())
