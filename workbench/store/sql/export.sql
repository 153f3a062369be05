-- Messages on their way out, piece by piece.

-- name: last_seq
-- The highest upload_seq of a dataset's messages, 0 without messages.
-- parameters: dataset_id
-- returns: last_seq
SELECT coalesce(max(m.upload_seq), 0) AS last_seq FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: properties
-- Names of the user properties that messages of a dataset have.
-- parameters: dataset_id
-- returns: name
SELECT DISTINCT p.name FROM message_property p
JOIN message m ON m.uid = p.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY p.name;

-- name: named_properties
-- User properties whose names stand in a text, and their values that stand there too; NULL for all others.
-- parameters: dataset_id, text
-- returns: name, value
SELECT DISTINCT p.name,
    CASE WHEN p.string_value <> '' AND contains(lower($text), lower(p.string_value)) THEN p.string_value END AS value
FROM message_property p
WHERE contains(lower($text), lower(substr(p.name, strpos(p.name, ':') + 1)))
    AND split_part(p.uid, '.', 1) IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY p.name, value;

-- name: rows
-- Messages that pass, among those that arrived after one and up to another, with all that is known of them in
-- the dataset: predictions are those of one version, in its label order, NULL without. declared_language is the
-- one the message came with; attachments are a list of what is known of files, NULL without.
-- parameters: dataset_id, version, after_seq, until_seq
-- returns: upload_seq, uid, source, message_id, timestamp, thread_id, subject, body, signature, full_text, sender, recipients, language, properties, cc, bcc, sent_at, parts, attachments, declared_language, reviewed, assigned, dismissed, probabilities, predicted_sentiments
WITH found AS MATERIALIZED (
    SELECT m.* FROM message m
    WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
        AND m.upload_seq > $after_seq AND m.upload_seq <= $until_seq
        AND TRUE /*where*/
), assigned AS (
    SELECT a.uid, list(l.name ORDER BY l.path) AS names
    FROM assigned_label a JOIN label l USING (label_id)
    WHERE a.dataset_id = $dataset_id AND a.uid IN (SELECT uid FROM found)
    GROUP BY a.uid
), dismissed AS (
    SELECT d.uid, list(l.name ORDER BY l.path) AS names
    FROM dismissed_label d JOIN label l USING (label_id)
    WHERE d.dataset_id = $dataset_id AND d.uid IN (SELECT uid FROM found)
    GROUP BY d.uid
), attached AS (
    SELECT a.uid, list({
        'name': a.name, 'size': a.size, 'content_type': a.content_type, 'content_hash': a.content_hash,
        'inline': a.inline
    } ORDER BY a.position) AS files
    FROM attachment a
    WHERE a.uid IN (SELECT uid FROM found WHERE n_attachments > 0)
    GROUP BY a.uid
), predicted AS (
    SELECT uid, probabilities, sentiments FROM prediction
    WHERE dataset_id = $dataset_id AND version = $version AND uid IN (SELECT uid FROM found)
)
SELECT m.upload_seq, m.uid, s.project || '/' || s.name AS source, m.message_id, m.timestamp, m.thread_id,
    m.subject, m.body, m.signature, m.full_text, m.sender, m.recipients,
    coalesce(m.language, nullif(m.detected_language, '')) AS language,
    m.properties::VARCHAR AS properties, m.cc, m.bcc, m.sent_at, m.parts::VARCHAR AS parts, f.files AS attachments,
    m.language AS declared_language, coalesce(r.reviewed, FALSE) AS reviewed,
    coalesce(a.names, []::VARCHAR[]) AS assigned, coalesce(d.names, []::VARCHAR[]) AS dismissed, p.probabilities,
    p.sentiments AS predicted_sentiments
FROM found m
JOIN source s USING (source_id)
LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid
LEFT JOIN assigned a ON a.uid = m.uid
LEFT JOIN dismissed d ON d.uid = m.uid
LEFT JOIN attached f ON f.uid = m.uid
LEFT JOIN predicted p ON p.uid = m.uid
ORDER BY m.upload_seq;

-- name: label_order
-- Labels of a version in the order of its probabilities, and the whole taxonomy by path.
-- parameters: dataset_id, version
-- returns: name, position
SELECT l.name, list_position(v.label_ids, l.label_id) AS position
FROM label l
LEFT JOIN model_version v ON v.dataset_id = $dataset_id AND v.version = $version
WHERE l.dataset_id = $dataset_id
ORDER BY l.path;
