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

-- name: policies
-- Every policy, the widest first.
-- returns: scope, target, action, keep_days, notice_days, annotated, folder, set_by, set_at
SELECT scope, target, action, keep_days, notice_days, annotated, folder, set_by, set_at
FROM retention_policy
ORDER BY CASE scope WHEN 'workspace' THEN 1 WHEN 'project' THEN 2 ELSE 3 END, target;

-- name: forget_policy
-- Take a policy away.
-- parameters: scope, target
DELETE FROM retention_policy WHERE scope = $scope AND target = $target;

-- name: put_policy
-- Write a policy down.
-- parameters: scope, target, action, n_keep_days, n_notice_days, annotated, folder, set_by, set_at
INSERT INTO retention_policy (scope, target, action, keep_days, notice_days, annotated, folder, set_by, set_at)
VALUES ($scope, $target, $action, $n_keep_days, $n_notice_days, $annotated, $folder, $set_by, $set_at);

-- name: timers
-- Policies that are carried out unattended, and how it goes with them.
-- returns: scope, target, user_id, token_id, tried_at, outcome, job_id, error, n_failures
SELECT scope, target, user_id, token_id, tried_at, outcome, job_id, error, n_failures
FROM retention_timer ORDER BY scope, target;

-- name: forget_timer
-- Have a policy carried out unattended no more.
-- parameters: scope, target
DELETE FROM retention_timer WHERE scope = $scope AND target = $target;

-- name: put_timer
-- Write down that a policy is carried out unattended, and how it goes.
-- parameters: scope, target, user_id, token_id, tried_at, outcome, job_id, error, n_failures
INSERT INTO retention_timer (scope, target, user_id, token_id, tried_at, outcome, job_id, error, n_failures)
VALUES ($scope, $target, $user_id, $token_id, $tried_at, $outcome, $job_id, $error, $n_failures);

-- name: notices
-- Every notice, oldest first.
-- returns: source_id, action, keep_days, annotated, before_at, noticed_at, noticed_by, n_messages
SELECT source_id, action, keep_days, annotated, before_at, noticed_at, noticed_by, n_messages
FROM retention_notice ORDER BY noticed_at, source_id;

-- name: add_notice
-- Write a notice down.
-- parameters: source_id, action, n_keep_days, annotated, before_at, noticed_at, noticed_by, n_messages
INSERT INTO retention_notice
    (source_id, action, keep_days, annotated, before_at, noticed_at, noticed_by, n_messages)
VALUES ($source_id, $action, $n_keep_days, $annotated, $before_at, $noticed_at, $noticed_by, $n_messages);

-- name: forget_notices
-- Take the notices of a source away.
-- parameters: source_id
DELETE FROM retention_notice WHERE source_id = $source_id;

-- name: count
-- Of a source's messages stored before a moment: how many go, how many annotated ones stay, bytes of the text that
-- goes, and since when the oldest of it is stored. ``annotated`` says what happens to annotated ones: keep or delete.
-- parameters: source_id, until, annotated
-- returns: n_messages, n_kept, n_bytes, oldest
SELECT count(*) FILTER (goes) AS n_messages, count(*) FILTER (NOT goes) AS n_kept,
    coalesce(sum(n_bytes) FILTER (goes), 0)::BIGINT AS n_bytes, min(created_at) FILTER (goes) AS oldest
FROM (
    SELECT m.created_at, strlen(m.subject) + strlen(m.body) + strlen(m.signature) AS n_bytes,
        $annotated = 'delete' OR m.uid NOT IN (
            SELECT uid FROM review_state WHERE reviewed
            UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
        ) AS goes
    FROM message m WHERE m.source_id = $source_id AND m.created_at < $until
);

-- name: first
-- The messages of a source that go first, as above, with the bytes of their files.
-- parameters: source_id, until, annotated, n_most
-- returns: uid, message_id, n_bytes
SELECT m.uid, m.message_id, coalesce(
    (SELECT sum(a.size) FROM attachment a WHERE a.uid = m.uid AND a.blob_hash IS NOT NULL), 0
)::BIGINT AS n_bytes
FROM message m
WHERE m.source_id = $source_id AND m.created_at < $until AND ($annotated = 'delete' OR m.uid NOT IN (
    SELECT uid FROM review_state WHERE reviewed
    UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
))
ORDER BY m.upload_seq LIMIT $n_most;

-- name: archived_messages
-- Staged messages as they are shown, with all that an import can bring back.
-- staged: uid VARCHAR
-- returns: message_id, timestamp, sent_at, stored_at, thread_id, subject, body, signature, full_text, sender, recipients, cc, bcc, language, parts, properties
SELECT message_id, timestamp, sent_at, created_at AS stored_at, thread_id, subject, body, signature, full_text,
    sender, recipients, cc, bcc, language, parts::VARCHAR AS parts, properties::VARCHAR AS properties
FROM message WHERE uid IN (SELECT uid FROM staged) ORDER BY upload_seq;

-- name: archived_labels
-- What people said of staged messages, in any dataset.
-- staged: uid VARCHAR
-- returns: message_id, dataset, label, is_assigned
SELECT m.message_id, d.project || '/' || d.name AS dataset, array_to_string(l.path, ' > ') AS label, j.is_assigned
FROM (
    SELECT dataset_id, uid, label_id, TRUE AS is_assigned FROM assigned_label
    UNION ALL SELECT dataset_id, uid, label_id, FALSE AS is_assigned FROM dismissed_label
) j
JOIN message m ON m.uid = j.uid
JOIN dataset d ON d.dataset_id = j.dataset_id
JOIN label l ON l.dataset_id = j.dataset_id AND l.label_id = j.label_id
WHERE j.uid IN (SELECT uid FROM staged) ORDER BY m.upload_seq, dataset, label;

-- name: archived_files
-- Attachments of staged messages with their contents, NULL where none is stored.
-- staged: uid VARCHAR
-- returns: message_id, position, name, content_type, size, content
SELECT m.message_id, a.position, a.name, a.content_type, a.size, b.content
FROM attachment a JOIN message m ON m.uid = a.uid LEFT JOIN blob b ON b.blob_hash = a.blob_hash
WHERE a.uid IN (SELECT uid FROM staged) ORDER BY m.upload_seq, a.position;

-- name: archived_mails
-- Staged raw mails as received.
-- staged: mail_id VARCHAR
-- returns: message_id, received_at, mailbox, folder, content
SELECT r.message_id, r.received_at, r.mailbox, r.folder::VARCHAR AS folder, b.content
FROM raw_mail r JOIN blob b ON b.blob_hash = r.blob_hash
WHERE r.mail_id IN (SELECT mail_id FROM staged) ORDER BY r.mail_seq;
