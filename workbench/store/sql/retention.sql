-- How long messages are kept.

-- name: past
-- By source, the messages stored before a moment, most first.
-- parameters: until
-- returns: source_id, source, n_messages, n_annotated, n_bytes, oldest
SELECT m.source_id, s.project || '/' || s.name AS source, count(*) AS n_messages,
    count(*) FILTER (m.uid IN (
        SELECT uid FROM review_state WHERE reviewed
        UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
    )) AS n_annotated,
    sum(strlen(m.subject) + strlen(m.body) + strlen(m.signature))::BIGINT AS n_bytes,
    min(m.created_at) AS oldest
FROM message m JOIN source s USING (source_id)
WHERE m.created_at < $until
GROUP BY ALL ORDER BY n_messages DESC, source;
