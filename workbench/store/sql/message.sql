-- Messages. "m" is the row of message that compiled filters speak of.

-- name: compare
-- What storing the staged messages would change; one row per staged message, in any order.
-- staged: row BIGINT, uid VARCHAR, text_hash VARCHAR, content_hash VARCHAR, full_text VARCHAR
-- returns: row, is_new, is_changed, is_text_changed
SELECT s.row, m.uid IS NULL AS is_new,
    m.uid IS NOT NULL AND m.content_hash <> s.content_hash AS is_changed,
    m.uid IS NOT NULL AND (m.text_hash <> s.text_hash OR m.full_text <> s.full_text) AS is_text_changed
FROM staged s
LEFT JOIN message m ON m.uid = s.uid;

-- name: existing
-- Which of the staged messages exist. Of a bulk load none do, and comparing would read every text for nothing.
-- staged: uid VARCHAR
-- returns: uid
SELECT m.uid FROM message m WHERE m.uid IN (SELECT uid FROM staged);

-- name: last_seq
-- The highest upload_seq that was ever given, 0 before the first message. Not only of the messages there are: a number
-- that came again after its message was deleted would be passed over by streams that stand behind it.
-- returns: last_seq
SELECT greatest((SELECT coalesce(max(last_seq), 0) FROM upload_mark),
    (SELECT coalesce(max(upload_seq), 0) FROM message)) AS last_seq;

-- name: mark_seq
-- Note the highest upload_seq that was given.
-- parameters: last
UPDATE upload_mark SET last_seq = $last;

-- name: insert
-- Insert new messages.
-- parameters: source_id, at
-- staged: uid VARCHAR, message_id VARCHAR, upload_seq BIGINT, timestamp TIMESTAMPTZ, thread_id VARCHAR, subject VARCHAR, body VARCHAR, signature VARCHAR, full_text VARCHAR, sender VARCHAR, recipients VARCHAR[], language VARCHAR, text_hash VARCHAR, content_hash VARCHAR, properties VARCHAR, parts VARCHAR, cc VARCHAR[], bcc VARCHAR[], sent_at TIMESTAMPTZ, n_attachments INTEGER
INSERT INTO message (uid, source_id, message_id, upload_seq, timestamp, created_at, updated_at, thread_id,
    subject, body, signature, full_text, sender, recipients, language, text_hash, content_hash, properties,
    parts, cc, bcc, sent_at, n_attachments, thread_key)
SELECT uid, $source_id, message_id, upload_seq, timestamp, $at, $at, thread_id,
    subject, body, signature, full_text, sender, recipients, language, text_hash, content_hash, properties,
    parts, cc, bcc, sent_at, n_attachments, key_of(thread_id)
FROM staged;

-- name: update
-- Replace the content of messages that exist.
-- parameters: at
-- staged: uid VARCHAR, timestamp TIMESTAMPTZ, thread_id VARCHAR, subject VARCHAR, body VARCHAR, signature VARCHAR, full_text VARCHAR, sender VARCHAR, recipients VARCHAR[], language VARCHAR, text_hash VARCHAR, content_hash VARCHAR, properties VARCHAR, parts VARCHAR, cc VARCHAR[], bcc VARCHAR[], sent_at TIMESTAMPTZ, n_attachments INTEGER
UPDATE message SET timestamp = s.timestamp, updated_at = $at, thread_id = s.thread_id,
    thread_key = key_of(s.thread_id), subject = s.subject,
    body = s.body, signature = s.signature, full_text = s.full_text, sender = s.sender,
    recipients = s.recipients, language = s.language,
    detected_language = CASE WHEN message.text_hash = s.text_hash THEN message.detected_language END,
    text_hash = s.text_hash,
    content_hash = s.content_hash, properties = s.properties, parts = s.parts, cc = s.cc, bcc = s.bcc,
    sent_at = s.sent_at, n_attachments = s.n_attachments
FROM staged s
WHERE message.uid = s.uid;

-- name: rewritten
-- Which staged messages, all of them stored, differ from what is stored in more than time, thread, properties
-- and attachments: their text, people, parts, sending time or language.
-- staged: uid VARCHAR, subject VARCHAR, body VARCHAR, signature VARCHAR, full_text VARCHAR, sender VARCHAR, recipients VARCHAR[], language VARCHAR, parts VARCHAR, cc VARCHAR[], bcc VARCHAR[], sent_at TIMESTAMPTZ
-- returns: uid
SELECT s.uid FROM staged s JOIN message m ON m.uid = s.uid
WHERE (m.subject, m.body, m.signature, m.full_text, m.recipients)
        IS DISTINCT FROM (s.subject, s.body, s.signature, s.full_text, s.recipients)
    OR m.sender IS DISTINCT FROM s.sender OR m.language IS DISTINCT FROM s.language
    OR m.parts::VARCHAR IS DISTINCT FROM s.parts OR m.sent_at IS DISTINCT FROM s.sent_at
    OR m.cc IS DISTINCT FROM s.cc OR m.bcc IS DISTINCT FROM s.bcc;

-- name: drop_properties
-- Remove the filterable properties of staged messages.
-- staged: uid VARCHAR
DELETE FROM message_property WHERE uid IN (SELECT uid FROM staged);

-- name: insert_properties
-- Insert filterable properties.
-- staged: uid VARCHAR, name VARCHAR, string_value VARCHAR, number_value DOUBLE
INSERT INTO message_property (uid, name, string_value, number_value)
SELECT uid, name, string_value, number_value FROM staged;

-- name: subtract_stale_predictions
-- Take the predictions of messages whose text changed out of the sums.
-- staged: uid VARCHAR
UPDATE label_total SET total = label_total.total - s.total
FROM (
    SELECT dataset_id, version, label_id, sum(probability) AS total
    FROM (
        SELECT p.dataset_id, p.version, unnest(v.label_ids) AS label_id,
            unnest(p.probabilities)::DOUBLE AS probability
        FROM prediction p
        JOIN model_version v ON v.dataset_id = p.dataset_id AND v.version = p.version
        WHERE p.uid IN (SELECT uid FROM staged)
    )
    GROUP BY dataset_id, version, label_id
) s
WHERE label_total.dataset_id = s.dataset_id AND label_total.version = s.version
    AND label_total.label_id = s.label_id;

-- name: drop_stale_predictions
-- Remove the predictions of messages whose text changed.
-- staged: uid VARCHAR
DELETE FROM prediction WHERE uid IN (SELECT uid FROM staged);

-- name: drop_stale_scores
-- Remove the test scores of messages whose text changed.
-- staged: uid VARCHAR
DELETE FROM test_score WHERE uid IN (SELECT uid FROM staged);

-- name: thread
-- Messages of a thread, oldest first, at most 256.
-- parameters: dataset_id, thread_id
-- returns: uid
SELECT m.uid FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND m.thread_id = $thread_id
ORDER BY m.timestamp, m.upload_seq
LIMIT 256;

-- name: beside
-- What stands beside messages in their threads within their sources: of each the nearest before it and after it,
-- oldest first. Texts are read of those alone.
-- parameters: dataset_id, uids, n_each
-- returns: beside, uid, timestamp, sender, body
WITH found AS MATERIALIZED (FROM message WHERE uid IN (SELECT unnest($uids::VARCHAR[])) /*by index*/),
near AS MATERIALIZED (
    SELECT a.uid AS beside, m.uid, m.upload_seq
    FROM found a JOIN message m ON m.thread_key = a.thread_key AND m.source_id = a.source_id
    WHERE m.timestamp <> a.timestamp
        AND a.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    QUALIFY row_number() OVER (
        PARTITION BY a.uid, m.timestamp > a.timestamp
        ORDER BY abs(epoch_us(m.timestamp) - epoch_us(a.timestamp)), m.upload_seq
    ) <= $n_each
),
texts AS MATERIALIZED (
    SELECT uid, timestamp, sender, body FROM message WHERE uid IN (SELECT uid FROM near)
)
SELECT n.beside, n.uid, t.timestamp, t.sender, t.body
FROM near n JOIN texts t ON t.uid = n.uid
ORDER BY n.beside, t.timestamp, n.upload_seq;

-- name: get
-- Messages by uid with their review state and cluster, in any order. They are found first, by the index: a
-- join in the same step would read the whole table.
-- parameters: dataset_id, uids, keys
-- returns: uid, source_id, message_id, timestamp, thread_id, subject, body, signature, full_text, sender, recipients, language, properties, reviewed, revision, reviewed_by, reviewed_at, cluster_id, cc, bcc, sent_at, parts, created_at, updated_at, n_attachments, upload_seq, declared_language
WITH found AS MATERIALIZED (FROM message m WHERE uid IN (SELECT unnest($uids::VARCHAR[])) /*by index*/ AND TRUE /*within*/),
newest AS (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1)
SELECT m.uid, m.source_id, m.message_id, m.timestamp, m.thread_id, m.subject, m.body, m.signature,
    m.full_text, m.sender, m.recipients, coalesce(m.language, nullif(m.detected_language, '')) AS language,
    m.properties::VARCHAR AS properties, coalesce(r.reviewed, FALSE) AS reviewed,
    coalesce(r.revision, 0) AS revision,
    CASE WHEN r.reviewed THEN r.reviewed_by END AS reviewed_by,
    CASE WHEN r.reviewed THEN r.reviewed_at END AS reviewed_at,
    coalesce(c.cluster_id, -1) AS cluster_id, coalesce(m.cc, []) AS cc, coalesce(m.bcc, []) AS bcc,
    m.sent_at, m.parts::VARCHAR AS parts, m.created_at, m.updated_at,
    coalesce(m.n_attachments, 0) AS n_attachments, m.upload_seq, m.language AS declared_language
FROM found m
LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid
LEFT JOIN (
    SELECT uid, cluster_id FROM cluster_member
    WHERE run_id = (FROM newest) AND uid_key IN (SELECT unnest($keys::UBIGINT[]))
) c ON c.uid = m.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: thread_members
-- Messages of threads, over the dataset, in any order; threads are named by their keys.
-- parameters: dataset_id, keys
-- returns: thread_key, at, upload_seq, sender
SELECT m.thread_key, epoch_us(m.timestamp) AS at, m.upload_seq, m.sender FROM message m
WHERE m.thread_key IN (SELECT unnest($keys::UBIGINT[]))
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: thread_places
-- Where staged messages stand in their threads, over the dataset, in order of arrival; NULL without a thread.
-- As a person reads it on a message, and as conditions on threads count it.
-- parameters: dataset_id
-- staged: upload_seq BIGINT
-- returns: thread_messages, thread_position, thread_duration_s, thread_response_s, thread_first_sender
WITH wanted AS MATERIALIZED (
    SELECT m.upload_seq, m.thread_key FROM message m WHERE m.upload_seq IN (SELECT upload_seq FROM staged)
), member AS MATERIALIZED (
    SELECT m.thread_key, m.upload_seq, epoch_us(m.timestamp) AS us, m.sender,
        row_number() OVER in_time AS position, first_value(m.sender) OVER in_time AS first_sender
    FROM message m
    WHERE m.thread_key IN (SELECT thread_key FROM wanted)
        AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    WINDOW in_time AS (PARTITION BY m.thread_key ORDER BY m.timestamp, m.upload_seq)
), thread AS (
    SELECT thread_key, count(*) AS n_messages, (max(us) - min(us)) / 1e6 AS duration_s,
        (min(us) FILTER (WHERE sender <> first_sender) - min(us)) / 1e6 AS response_s
    FROM member GROUP BY thread_key
)
SELECT t.n_messages::INTEGER AS thread_messages, p.position::INTEGER AS thread_position,
    t.duration_s AS thread_duration_s, t.response_s AS thread_response_s, p.first_sender AS thread_first_sender
FROM wanted w
LEFT JOIN member p USING (upload_seq)
LEFT JOIN thread t ON t.thread_key = p.thread_key
ORDER BY w.upload_seq;

-- name: judged_labels
-- Assigned and dismissed labels of messages, by label name, with the marks of their sentiments.
-- parameters: dataset_id, uids
-- returns: uid, label_id, is_assigned, sentiment
SELECT j.uid, j.label_id, j.is_assigned, j.sentiment
FROM (
    SELECT uid, label_id, TRUE AS is_assigned, sentiment FROM assigned_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT unnest($uids::VARCHAR[]))
    UNION ALL
    SELECT uid, label_id, FALSE AS is_assigned, NULL AS sentiment FROM dismissed_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT unnest($uids::VARCHAR[]))
) j
JOIN label l USING (label_id)
ORDER BY j.uid, l.path;

-- name: predictions
-- Predictions of the newest version for messages, in its label order. Rows are found by their keys alone, and
-- what else is asked of them afterwards: reading more of every row on the way would cost three times as much.
-- parameters: dataset_id, keys
-- returns: uid, probabilities, label_ids, sentiments
WITH found AS MATERIALIZED (
    SELECT dataset_id, version, uid, probabilities, sentiments FROM prediction
    WHERE rowid IN (SELECT rowid FROM prediction WHERE uid_key IN (SELECT unnest($keys::UBIGINT[])))
), newest AS (newest_version())
SELECT p.uid, p.probabilities, n.label_ids, p.sentiments
FROM found p
JOIN newest n ON n.version = p.version
WHERE p.dataset_id = $dataset_id;

-- name: table
-- Messages that pass, as a table for analysts, in order of arrival.
-- parameters: dataset_id, n_most
-- returns: upload_seq, uid, source, message_id, timestamp, thread_id, subject, body, sender, recipients, language, properties, reviewed, assigned
WITH assigned AS (
    SELECT a.uid, list(l.name ORDER BY l.path) AS assigned
    FROM assigned_label a JOIN label l USING (label_id)
    WHERE a.dataset_id = $dataset_id
    GROUP BY a.uid
)
SELECT m.upload_seq, m.uid, s.project || '/' || s.name AS source, m.message_id, m.timestamp, m.thread_id,
    m.subject, m.body, m.sender, m.recipients, coalesce(m.language, nullif(m.detected_language, '')) AS language,
    m.properties::VARCHAR AS properties, coalesce(r.reviewed, FALSE) AS reviewed,
    coalesce(a.assigned, []::VARCHAR[]) AS assigned
FROM message m
JOIN source s USING (source_id)
LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid
LEFT JOIN assigned a ON a.uid = m.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/
ORDER BY m.upload_seq
LIMIT $n_most;

-- name: texts
-- What pure rooms compute from: every message of a dataset in the fixed row order.
-- parameters: dataset_id
-- returns: uid, text_hash, subject, body, timestamp, thread_id, source_id
SELECT m.uid, m.text_hash, m.subject, m.body, m.timestamp, m.thread_id, m.source_id
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: row_order
-- Ids and times of a dataset's messages in the fixed row order.
-- parameters: dataset_id
-- returns: uid, text_hash, timestamp
SELECT m.uid, m.text_hash, m.timestamp
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: passing
-- Messages that pass, in the fixed row order.
-- parameters: dataset_id
-- returns: uid
SELECT m.uid
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/
ORDER BY m.upload_seq;

-- name: texts_without_vector
-- Distinct texts of a dataset that an encoder has not embedded, in order of arrival.
-- parameters: dataset_id, encoder_id
-- returns: text_hash, subject, body
SELECT m.text_hash, any_value(m.subject) AS subject, any_value(m.body) AS body
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND m.text_hash NOT IN (SELECT text_hash FROM embedding WHERE encoder_id = $encoder_id)
GROUP BY m.text_hash
ORDER BY min(m.upload_seq);
