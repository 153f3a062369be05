"""What an analyst's SELECT may name: an allow-list, since DuckDB's own lock still lets much through.

With external access off, ``SELECT * FROM …`` may still read the workspace file itself and its spill folder
(``read_blob``), switch on the log of everybody's queries (``enable_logging``, which ends the whole process
when told to write to a folder), tell paths (``duckdb_settings``) and checkpoint. So a query is parsed first,
by DuckDB itself, and every table, table function and function in it is looked at before it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import msgspec

from workbench.errors import InputError

TABLE_FUNCTIONS = frozenset(
    {"duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_indexes", "duckdb_tables"}
    | {"duckdb_types", "duckdb_views", "generate_series", "histogram", "histogram_values", "json_each"}
    | {"json_tree", "pg_timezone_names", "pragma_table_info", "range", "repeat", "summary", "unnest"}
)
_REFUSED_FUNCTIONS = frozenset({"current_setting", "currval", "getenv", "nextval", "setseed", "write_log"})
_BY_NAME = frozenset({"histogram", "histogram_values", "pragma_table_info", "summary"})
"""Functions that take the name of a table, or may."""
_KEPT = frozenset(
    {"original", "pseudonym"} | {"access_token", "sign_in_attempt", "user_account", "user_group_member"}
)
"""Tables of what masked messages came with, and of people: operations show them to those with the right."""
_SYSTEM_PREFIXES = ("duckdb_", "pg_", "pragma_")


def check_names(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    veiled: bool = False,
    closed: frozenset[str] = frozenset(),
) -> None:
    """Refuse a SELECT that names what is not for analysts.

    ``veiled`` = views stand before tables: then no table may be named with its schema or in a text. ``closed`` are
    tables that this analyst may not read.

    Raises
    ------
    InputError
        It is no SELECT, or reads a file, a setting or a system table, or calls what changes something.
    """
    try:
        found = connection.execute("SELECT json_serialize_sql($query::VARCHAR)", {"query": query}).fetchall()
        tree = msgspec.json.decode(found[0][0])
    except RecursionError:
        raise InputError("the query is nested too deeply.", next_step="Split it with WITH.") from None
    if tree["error"]:
        raise InputError(
            f"only one SELECT may be run ({str(tree['error_message'])[:300]}).",
            next_step="Write a single SELECT or WITH … SELECT; changes go through the operations.",
        )
    by_name = _BY_NAME if veiled or closed else frozenset()
    for name in _refused(tree["statements"], by_name, _KEPT | closed):
        raise InputError(
            f"the query names {name[:200]!r}, which is not for queries.",
            next_step="Read the workspace's own tables; SELECT * FROM duckdb_columns() lists them.",
            details={"name": name[:200], "table_functions": sorted(TABLE_FUNCTIONS)},
        )


def _refused(statements: Any, by_name: frozenset[str], closed: frozenset[str]) -> Iterator[str]:
    nodes: list[Any] = [statements]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes.extend(node)
        elif isinstance(node, dict):
            nodes.extend(node.values())
            kind = node.get("type")
            if kind == "TABLE_FUNCTION":
                called = str(node["function"].get("function_name", node["function"].get("type"))).lower()
                if called not in TABLE_FUNCTIONS - by_name:
                    yield called
            elif kind in ("BASE_TABLE", "SHOW_REF") and not _is_a_table(node["table_name"].lower(), closed):
                yield node["table_name"]
            elif (
                kind in ("BASE_TABLE", "SHOW_REF")
                and by_name
                and (node.get("schema_name") or node.get("catalog_name"))
            ):
                yield f"{node.get('schema_name') or node['catalog_name']}.{node['table_name']}"
            if str(node.get("function_name", "")).lower() in _REFUSED_FUNCTIONS:
                yield node["function_name"]


def _is_a_table(name: str, closed: frozenset[str]) -> bool:
    """Whether a name is none of a file (``FROM 'mail.csv'``) and none of DuckDB's own, but for those allowed."""
    if name in closed or any(sign in name for sign in "./\\:*"):
        return False
    return not name.startswith(_SYSTEM_PREFIXES) or name in TABLE_FUNCTIONS
