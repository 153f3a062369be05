-- The ledger.

-- name: append
-- Append entries whose idempotency key is new.
-- staged: entry_id VARCHAR, at TIMESTAMPTZ, project VARCHAR, source VARCHAR, channel VARCHAR, operation VARCHAR, uid VARCHAR, units BIGINT, charged BOOLEAN, idempotency_key VARCHAR, actor VARCHAR
INSERT INTO ledger (entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor)
SELECT entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor
FROM staged
ON CONFLICT DO NOTHING;

-- name: count
-- Number of entries.
-- returns: n
SELECT count(*) AS n FROM ledger;

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
-- returns: entry_id, at, project, source, channel, operation, uid, units, charged, actor
SELECT entry_id, "at", project, source, channel, operation, uid, units, charged, actor
FROM ledger
WHERE $since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ
ORDER BY "at", rowid;
