"""Analysts' SQL without sensitive properties: views of the same names stand before the tables that hold them."""

# ruff: noqa: S608 - names and values are quoted; a view takes no parameters

from __future__ import annotations

import json
from collections.abc import Mapping

import duckdb

from workbench.domain import SourceId
from workbench.store.encryption import literal
from workbench.store.snapshot import identifier

VEILED = ("message", "message_property")
"""Tables that hold properties."""


def veil(connection: duckdb.DuckDBPyConnection, hidden: Mapping[SourceId, frozenset[str]]) -> None:
    """Put views before the tables, for this connection only; ``hidden`` has names of properties by source id."""
    database = identifier(connection.execute("SELECT current_database()").fetchall()[0][0])
    cases, tests = [], []
    for source_id, names in sorted(hidden.items()):
        patch = literal(json.dumps(dict.fromkeys(sorted(names))))
        cases.append(f"WHEN {literal(source_id)} THEN json_merge_patch(m.properties, {patch}::JSON)")
        listed = f"from_json({literal(json.dumps(sorted(names)))}, '[\"VARCHAR\"]')"
        tests.append(f"(starts_with(p.uid, {literal(source_id + '.')}) AND list_contains({listed}, p.name))")
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW message AS SELECT * REPLACE ("
        f"CASE m.source_id {' '.join(cases)} ELSE m.properties END AS properties"
        f") FROM {database}.main.message m"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW message_property AS SELECT * FROM {database}.main.message_property p"
        f" WHERE NOT ({' OR '.join(tests)})"
    )
