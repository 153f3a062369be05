"""Handing messages out, piece by piece, so that neither side ever holds them all."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter
from workbench.errors import InputError
from workbench.workspace.auditing import record_read
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import (
    check_conditions,
    hidden_from,
    shown_names,
    table_without_hidden,
)

PIECE_ROWS = 16_384
_MOST_ROWS = 65_536


def export_piece(
    caller: Caller,
    dataset_id: DatasetId,
    where: MessageFilter,
    after: int = 0,
    n_rows: int = PIECE_ROWS,
    version: int | None = None,
) -> pa.Table:
    """The next messages that pass."""
    if not 1 <= n_rows <= _MOST_ROWS or after < 0:
        raise InputError(
            f"a piece of {n_rows} messages after {after} cannot be had.",
            next_step=f"Use after >= 0 and n_rows 1-{_MOST_ROWS:,}.",
        )
    started = after
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        hidden = hidden_from(caller, session)
        versions = [known.version for known in session.models.versions(dataset_id)]
        if version is not None and version not in versions:
            raise InputError(
                f"the dataset has no model version {version}.",
                next_step=f"Known: {', '.join(map(str, versions)) or 'none yet'}.",
                details={"version": version},
            )
        chosen = version if version is not None else max(versions, default=0)
        order = session.exports.label_order(dataset_id, chosen)
        last = session.exports.last_seq(dataset_id)
        while True:
            until = min(after + n_rows, last)
            piece = session.exports.rows(dataset_id, where, order, chosen, after, until)
            if piece.num_rows or until >= last:
                break
            after = until
        piece = table_without_hidden(piece, hidden)
        names = session.exports.properties(dataset_id) if started == 0 else ()
        about = {
            "labels": msgspec.json.encode(order.names),
            "version": str(chosen).encode(),
            "properties": msgspec.json.encode(shown_names(session, dataset_id, names, hidden)),
        }
    if started == 0:
        told = {"version": chosen, "filtered": where != MessageFilter()}
        record_read(caller, "export", dataset_id, dataset_id=dataset_id, **told)
    return piece.replace_schema_metadata(about)
