"""A mail stands once in each folder it was found in, so that the mails of a folder can be counted at once."""

from __future__ import annotations

import duckdb

_CHANGES = """
CREATE TEMPORARY TABLE place_once AS
SELECT mail_id, mailbox, folder, arg_min(remote_id, found_at) AS remote_id, min(found_at) AS found_at
FROM mail_place
GROUP BY mail_id, mailbox, folder;
DELETE FROM mail_place;
INSERT INTO mail_place SELECT mail_id, mailbox, folder, remote_id, found_at FROM place_once;
DROP TABLE place_once;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Leave the first place of several in one folder, which a server that numbers anew had added."""
    found = cursor.execute(
        "SELECT count(*) - count(DISTINCT (mail_id, mailbox, folder)) FROM mail_place"
    ).fetchone()
    if found and found[0]:
        cursor.execute(_CHANGES)
