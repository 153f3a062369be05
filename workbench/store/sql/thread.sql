-- Threads of messages, a row per source and thread. They follow from the messages: statements that give rows to
-- be summed have the same columns, whether a row stands for one message or for what is known of a thread.

-- name: of_new
-- Messages that came after a place in the order of arrival.
-- parameters: after
-- returns: source_id, thread_key, n_messages, first_at, first_seq, last_at, sender, spoke, spoke_at, other_at
SELECT m.source_id, m.thread_key, 1::BIGINT AS n_messages, epoch_us(m.timestamp) AS first_at,
    m.upload_seq AS first_seq, epoch_us(m.timestamp) AS last_at, m.sender, m.sender AS spoke,
    CASE WHEN m.sender IS NOT NULL THEN epoch_us(m.timestamp) END AS spoke_at, NULL::BIGINT AS other_at
FROM message m
WHERE m.upload_seq > $after AND m.thread_key IS NOT NULL;

-- name: of_keys
-- All messages of staged threads.
-- staged: thread_key UBIGINT
-- returns: source_id, thread_key, n_messages, first_at, first_seq, last_at, sender, spoke, spoke_at, other_at
SELECT m.source_id, m.thread_key, 1::BIGINT AS n_messages, epoch_us(m.timestamp) AS first_at,
    m.upload_seq AS first_seq, epoch_us(m.timestamp) AS last_at, m.sender, m.sender AS spoke,
    CASE WHEN m.sender IS NOT NULL THEN epoch_us(m.timestamp) END AS spoke_at, NULL::BIGINT AS other_at
FROM message m
WHERE m.thread_key IN (SELECT thread_key FROM staged);

-- name: known
-- What is known of staged threads, in every source.
-- staged: thread_key UBIGINT
-- returns: source_id, thread_key, n_messages, first_at, first_seq, last_at, sender, spoke, spoke_at, other_at
SELECT source_id, thread_key, n_messages, first_at, first_seq, last_at, sender, spoke, spoke_at, other_at
FROM thread
WHERE thread_key IN (SELECT thread_key FROM staged);

-- name: moved
-- Threads that storing the staged messages, all of which exist, makes different: theirs until now and their new
-- ones, where time, thread or sender change.
-- staged: uid VARCHAR, timestamp TIMESTAMPTZ, thread_id VARCHAR, sender VARCHAR
-- returns: thread_key
SELECT DISTINCT thread_key FROM (
    SELECT unnest([m.thread_key, key_of(s.thread_id)]) AS thread_key
    FROM staged s JOIN message m ON m.uid = s.uid
    WHERE m.timestamp <> s.timestamp OR m.thread_id IS DISTINCT FROM s.thread_id
        OR m.sender IS DISTINCT FROM s.sender
)
WHERE thread_key IS NOT NULL;

-- name: keys
-- Threads of staged messages.
-- staged: uid VARCHAR
-- returns: thread_key
SELECT DISTINCT m.thread_key FROM message m
WHERE m.uid IN (SELECT uid FROM staged) AND m.thread_key IS NOT NULL;

-- name: insert
-- Insert rows; no other source has these threads, as far as is known.
-- staged: source_id VARCHAR, thread_key UBIGINT, n_messages BIGINT, first_at BIGINT, first_seq BIGINT, last_at BIGINT, sender VARCHAR, spoke VARCHAR, spoke_at BIGINT, other_at BIGINT
INSERT INTO thread
SELECT source_id, thread_key, n_messages, first_at, first_seq, last_at, sender, spoke, spoke_at, other_at, FALSE
FROM staged;

-- name: drop
-- Remove the rows of staged threads in one source, or in all (NULL).
-- parameters: source_id
-- staged: thread_key UBIGINT
DELETE FROM thread
WHERE thread_key IN (SELECT thread_key FROM staged)
    AND ($source_id::VARCHAR IS NULL OR source_id = $source_id::VARCHAR);

-- name: tell_shared
-- Note which of the staged threads several sources have.
-- staged: thread_key UBIGINT
UPDATE thread SET is_shared = k.is_shared
FROM (
    SELECT thread_key, count(*) > 1 AS is_shared FROM thread
    WHERE thread_key IN (SELECT thread_key FROM staged)
    GROUP BY thread_key
) k
WHERE thread.thread_key = k.thread_key AND thread.is_shared <> k.is_shared;
