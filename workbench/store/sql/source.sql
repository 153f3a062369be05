-- Messages of one source, as they are in no dataset.

-- name: times
-- The first times of a source's messages, in an order of time. Read alone, a million of them take milliseconds.
-- parameters: source_id, limit
-- returns: timestamp
SELECT m.timestamp FROM message m
WHERE m.source_id = $source_id AND TRUE /*where*/
ORDER BY m.timestamp /*order*/
LIMIT $limit;

-- name: next
-- The next messages of a source, in an order of time and id. Texts are read of those alone.
-- parameters: source_id, limit
-- returns: uid, timestamp, message_id
SELECT m.uid, m.timestamp, m.message_id FROM message m
WHERE m.source_id = $source_id AND TRUE /*where*/
ORDER BY m.timestamp /*order*/
LIMIT $limit;

-- name: messages
-- Messages by uid, in any order, in the language that they declare.
-- parameters: uids
-- returns: uid, source_id, message_id, timestamp, thread_id, subject, body, signature, full_text, sender, recipients, language, properties, cc, bcc, sent_at, parts, created_at, updated_at, n_attachments
SELECT m.uid, m.source_id, m.message_id, m.timestamp, m.thread_id, m.subject, m.body, m.signature,
    m.full_text, m.sender, m.recipients, m.language, m.properties::VARCHAR AS properties,
    coalesce(m.cc, []) AS cc, coalesce(m.bcc, []) AS bcc, m.sent_at, m.parts::VARCHAR AS parts,
    m.created_at, m.updated_at, coalesce(m.n_attachments, 0) AS n_attachments
FROM message m
WHERE m.uid IN (SELECT unnest($uids::VARCHAR[])) /*by index*/;

-- name: annotated
-- Those of some messages that people said something of in any dataset. They come as one text, a line each: what is
-- looked up in three tables at once is sooner joined than written out.
-- parameters: lines
-- returns: uid
SELECT DISTINCT uid FROM (
    SELECT uid FROM review_state WHERE reviewed
    UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
)
WHERE uid IN (SELECT unnest(string_split($lines, chr(10))));

-- name: count
-- How many messages of a source pass.
-- parameters: source_id
-- returns: n
SELECT count(*) AS n FROM message m WHERE m.source_id = $source_id AND TRUE /*where*/;

-- name: threads
-- Threads of a source with their messages, oldest first, by thread.
-- parameters: source_id, n_most
-- returns: thread_id, uids
SELECT m.thread_id, list(m.uid ORDER BY m.timestamp, m.message_id) AS uids FROM message m
WHERE m.source_id = $source_id AND m.thread_id IS NOT NULL
GROUP BY m.thread_id
ORDER BY m.thread_id
LIMIT $n_most;
