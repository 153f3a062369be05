-- The ledger: rows are added and read, never changed.

-- name: append
-- Append entries whose idempotency key is new.
-- staged: entry_id VARCHAR, at TIMESTAMPTZ, project VARCHAR, source VARCHAR, channel VARCHAR, operation VARCHAR, uid VARCHAR, units BIGINT, charged BOOLEAN, idempotency_key VARCHAR, actor VARCHAR, rate DECIMAL, corrects VARCHAR, note VARCHAR
INSERT INTO ledger (entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor,
    rate, corrects, note)
SELECT entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor,
    rate, corrects, note
FROM staged
ON CONFLICT DO NOTHING;

-- name: add
-- Insert one entry whose idempotency key is known to be new.
-- parameters: entry_id, written_at, project, source, channel, operation, uid, units, charged, idempotency_key, actor, rate, corrects, note
INSERT INTO ledger (entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor,
    rate, corrects, note)
VALUES ($entry_id, $written_at, $project, $source, $channel, $operation, $uid, $units, $charged, $idempotency_key, $actor,
    $rate, $corrects, $note);

-- name: holds
-- A row when there is an entry of that idempotency key.
-- parameters: idempotency_key
-- returns: one
SELECT 1 AS one FROM ledger WHERE idempotency_key = $idempotency_key;

-- name: count
-- Number of entries.
-- returns: n
SELECT count(*) AS n FROM ledger;

-- name: entry
-- One entry, no row when there is none of that id.
-- parameters: entry_id
-- returns: entry_id, at, project, source, channel, operation, uid, units, charged, actor, rate, corrects, note
SELECT entry_id, "at", project, source, channel, operation, uid, units, charged, actor, rate, corrects, note
FROM ledger WHERE entry_id = $entry_id;

-- name: correction
-- The entry that corrects another, no row when there is none.
-- parameters: entry_id
-- returns: entry_id
SELECT entry_id FROM ledger WHERE corrects = $entry_id;

-- name: used
-- Charged units of a project ('' = of all) in a period; until NULL = to its end.
-- parameters: project, since, until
-- returns: units
SELECT coalesce(sum(units), 0)::BIGINT AS units
FROM ledger
WHERE charged AND "at" >= $since::TIMESTAMPTZ
    AND ($until::TIMESTAMPTZ IS NULL OR "at" < $until::TIMESTAMPTZ)
    AND ($project = '' OR project = $project);

-- name: totals
-- Charged units by day, project, source, channel and operation; NULL bounds are open.
-- parameters: since, until
-- returns: day, project, source, channel, operation, units, n_entries
SELECT "at"::DATE AS day, project, source, channel, operation,
    coalesce(sum(units) FILTER (charged), 0)::BIGINT AS units, count(*) AS n_entries
FROM ledger
WHERE ($since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ)
    AND ($until::TIMESTAMPTZ IS NULL OR "at" < $until::TIMESTAMPTZ)
GROUP BY ALL
ORDER BY ALL;

-- name: table
-- Entries in the order they were written; since NULL = all.
-- parameters: since
-- returns: entry_id, at, project, source, channel, operation, uid, units, charged, actor, rate, corrects, note
SELECT entry_id, "at", project, source, channel, operation, uid, units, charged, actor, rate, corrects, note
FROM ledger
WHERE $since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ
ORDER BY "at", rowid;
