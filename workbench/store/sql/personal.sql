-- Masked sources: what their messages were, and the numbers of masks.

-- name: is_masked
-- Whether the messages of a source are masked.
-- parameters: source_id
-- returns: is_masked
SELECT coalesce(mask_personal, FALSE) AS is_masked FROM source WHERE source_id = $source_id;

-- name: numbers
-- The numbers that masks have in the staged threads of a source.
-- parameters: source_id
-- staged: thread VARCHAR
-- returns: thread, kind, digest, number
SELECT p.thread, p.kind, p.digest, p.number FROM pseudonym p
WHERE p.source_id = $source_id AND p.thread IN (SELECT thread FROM staged);

-- name: add_numbers
-- Keep the numbers of masks.
-- parameters: source_id
-- staged: thread VARCHAR, kind VARCHAR, digest VARCHAR, number INTEGER
INSERT INTO pseudonym (source_id, thread, kind, digest, number)
SELECT $source_id, thread, kind, digest, number FROM staged;

-- name: drop_of
-- Forget what staged messages were.
-- staged: uid VARCHAR
DELETE FROM original WHERE uid IN (SELECT uid FROM staged);

-- name: drop_unused_numbers
-- Forget the numbers of threads that have no message left.
DELETE FROM pseudonym WHERE NOT EXISTS (
    SELECT 1 FROM message m WHERE m.source_id = pseudonym.source_id
        AND (m.thread_id = pseudonym.thread OR m.uid = pseudonym.thread)
);

-- name: add
-- Keep what masked messages were.
-- parameters: source_id
-- staged: uid VARCHAR, subject VARCHAR, body VARCHAR, signature VARCHAR, full_text VARCHAR, sender VARCHAR, recipients VARCHAR[], cc VARCHAR[], bcc VARCHAR[], parts VARCHAR, properties VARCHAR, text_hash VARCHAR, files VARCHAR[]
INSERT INTO original (uid, source_id, is_masked, subject, body, signature, full_text, sender, recipients, cc, bcc,
    parts, properties, text_hash, files)
SELECT uid, $source_id, TRUE, subject, body, signature, full_text, sender, recipients, cc, bcc,
    parts, properties, text_hash, files
FROM staged;

-- name: keep
-- Keep what the messages of a source are before they are masked.
-- parameters: source_id
INSERT INTO original (uid, source_id, is_masked, subject, body, signature, full_text, sender, recipients, cc, bcc,
    parts, properties, text_hash, files)
SELECT m.uid, m.source_id, FALSE, m.subject, m.body, m.signature, m.full_text, m.sender, m.recipients, m.cc, m.bcc,
    m.parts, m.properties, m.text_hash, coalesce(f.names, [])
FROM message m
LEFT JOIN (
    SELECT uid, list(name ORDER BY position) AS names FROM attachment GROUP BY uid
) f ON f.uid = m.uid
WHERE m.source_id = $source_id;

-- name: blank
-- Take every text out of the messages of a source.
-- parameters: source_id, body, text_hash
UPDATE message SET subject = '', body = $body, signature = '', full_text = $body, sender = NULL, recipients = [],
    cc = NULL, bcc = NULL, parts = NULL, properties = '{}', text_hash = $text_hash
WHERE source_id = $source_id;

-- name: blank_files
-- Take the names out of the attachments of a source.
-- parameters: source_id
UPDATE attachment SET name = '[attachment ' || (position + 1) || ']'
WHERE uid IN (SELECT uid FROM message WHERE source_id = $source_id);

-- name: blank_properties
-- Remove the filterable properties of a source.
-- parameters: source_id
DELETE FROM message_property WHERE uid IN (SELECT uid FROM message WHERE source_id = $source_id);

-- name: keys
-- The messages of a source.
-- parameters: source_id
-- returns: uid
SELECT uid FROM message WHERE source_id = $source_id;

-- name: waiting
-- The next messages of a source that are not masked yet, as they came, in order of arrival.
-- parameters: source_id, n_most
-- returns: uid, message_id, timestamp, thread_id, subject, body, signature, full_text, sender, recipients, language, properties, parts, cc, bcc, sent_at, text_hash
SELECT m.uid, m.message_id, m.timestamp, m.thread_id, o.subject, o.body, o.signature, o.full_text, o.sender,
    o.recipients, m.language, o.properties::VARCHAR AS properties, o.parts::VARCHAR AS parts, o.cc, o.bcc, m.sent_at,
    o.text_hash
FROM original o JOIN message m ON m.uid = o.uid
WHERE o.source_id = $source_id AND NOT o.is_masked
ORDER BY m.upload_seq
LIMIT $n_most;

-- name: n_waiting
-- How many messages of a source are not masked yet.
-- parameters: source_id
-- returns: n
SELECT count(*) AS n FROM original WHERE source_id = $source_id AND NOT is_masked;

-- name: rewrite
-- Put masked texts in the place of those that messages came with.
-- staged: uid VARCHAR, subject VARCHAR, body VARCHAR, signature VARCHAR, full_text VARCHAR, sender VARCHAR, recipients VARCHAR[], properties VARCHAR, parts VARCHAR, cc VARCHAR[], bcc VARCHAR[], text_hash VARCHAR
UPDATE message SET subject = s.subject, body = s.body, signature = s.signature, full_text = s.full_text,
    sender = s.sender, recipients = s.recipients, properties = s.properties, parts = s.parts, cc = s.cc, bcc = s.bcc,
    text_hash = s.text_hash
FROM staged s WHERE message.uid = s.uid;

-- name: mark
-- Say that staged messages are masked.
-- staged: uid VARCHAR
UPDATE original SET is_masked = TRUE WHERE uid IN (SELECT uid FROM staged);

-- name: altered
-- Messages of a source whose text is another than it came with.
-- parameters: source_id
-- returns: uid
SELECT m.uid FROM message m JOIN original o ON o.uid = m.uid
WHERE o.source_id = $source_id AND m.text_hash <> o.text_hash;

-- name: restore
-- Give the messages of a source what they came with.
-- parameters: source_id
UPDATE message SET subject = o.subject, body = o.body, signature = o.signature, full_text = o.full_text,
    sender = o.sender, recipients = o.recipients, properties = o.properties, parts = o.parts, cc = o.cc, bcc = o.bcc,
    text_hash = o.text_hash
FROM original o WHERE message.uid = o.uid AND o.source_id = $source_id;

-- name: restore_files
-- Give the attachments of a source the names they came with.
-- parameters: source_id
UPDATE attachment SET name = o.files[attachment.position + 1]
FROM original o
WHERE attachment.uid = o.uid AND o.source_id = $source_id AND len(o.files) > attachment.position;

-- name: restore_properties
-- Give the messages of a source the filterable properties they came with.
-- parameters: source_id
INSERT INTO message_property (uid, name, string_value, number_value)
SELECT o.uid, p.key,
    CASE WHEN starts_with(p.key, 'string:') THEN p.value ->> '$' END,
    CASE WHEN starts_with(p.key, 'number:') THEN p.value::DOUBLE END
FROM original o, json_each(o.properties) p
WHERE o.source_id = $source_id;

-- name: drop_source
-- Forget what the messages of a source were.
-- parameters: source_id
DELETE FROM original WHERE source_id = $source_id;

-- name: drop_numbers
-- Forget the numbers of the masks of a source.
-- parameters: source_id
DELETE FROM pseudonym WHERE source_id = $source_id;

-- name: get
-- What messages of a dataset came with, of masked sources, in any order.
-- parameters: dataset_id, uids
-- returns: uid, subject, body, signature, full_text, sender, recipients, cc, bcc, parts, properties, files
SELECT o.uid, o.subject, o.body, o.signature, o.full_text, o.sender, o.recipients, coalesce(o.cc, []) AS cc,
    coalesce(o.bcc, []) AS bcc, o.parts::VARCHAR AS parts, o.properties::VARCHAR AS properties, o.files
FROM original o
WHERE o.uid IN (SELECT unnest($uids::VARCHAR[]))
    AND o.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);
