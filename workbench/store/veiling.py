"""Analysts' SQL without sensitive properties: views of the same names stand before the tables that hold them."""

# ruff: noqa: S608 - names and values are quoted; a view takes no parameters

from __future__ import annotations

import json
from collections.abc import Mapping

import duckdb

from workbench.domain import SourceId
from workbench.store.encryption import literal
from workbench.store.snapshot import identifier

VEILED = ("message", "message_property", "raw_mail", "mail_thread", "email", "blob", "monitor_report")
"""Tables that hold properties, mail as it came, and what was counted by property."""


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
    # The original mail holds what its properties were made of. Contents name nobody, so none is told apart.
    listed = ", ".join(literal(source_id) for source_id in sorted(hidden))
    for table in ("raw_mail", "mail_thread", "email"):
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {database}.main.{table} r WHERE r.bucket_id NOT IN"
            f" (SELECT bucket_id FROM {database}.main.source WHERE source_id IN ({listed}) AND bucket_id IS NOT NULL)"
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW monitor_report AS SELECT * FROM {database}.main.monitor_report r"
        f" WHERE r.dataset_id NOT IN"
        f" (SELECT dataset_id FROM {database}.main.dataset_source WHERE source_id IN ({listed}))"
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW blob AS SELECT * FROM {database}.main.blob WHERE FALSE")
